"""Who the patient is: age and sex."""

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Missing
from hooks.clinical.logic import Truth
from hooks.reading.charts import PatientChart, Reader


def age(chart: PatientChart, _: Term) -> Known | Missing:
    """Full years on the day of judgement."""
    years = chart.facts.age
    if isinstance(years, Missing):
        return years
    return Known(Interval.exactly(years), f"{years} years")


def _is_of_sex(chart: PatientChart, term: Term) -> Known | Missing:
    sex = chart.facts.sex
    if isinstance(sex, Missing):
        return sex
    return Known(Truth.YES if sex == term.name else Truth.NO, sex)


READERS: dict[str, Reader] = {"age": age, "male": _is_of_sex, "female": _is_of_sex}
