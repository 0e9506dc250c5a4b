"""Who the patient is: age, sex, relatives, a hospital stay, and the site's country."""

import re
from dataclasses import replace
from decimal import Decimal

from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Evidence, Missing, Why
from hooks.clinical.logic import Truth, any_of
from hooks.reading.charts import PatientChart, Reader
from hooks.reading.conditions import names
from hooks.reading.resources import Resource, as_dict, as_list, as_text, evidence, texts, to_date

# HL7 v3 RoleCode: mother, father, sister, brother, daughter, son, and the natural ones of each.
FIRST_DEGREE = frozenset(
    {"MTH", "FTH", "SIS", "BRO", "DAUC", "SONC"}
    | {"NMTH", "NFTH", "NSIS", "NBRO", "DAU", "SON", "NCHILD", "NPRN", "NSIB"}
)
ROLES = re.compile(
    r"https?://(?:terminology\.)?hl7\.org/(?:fhir/v3/RoleCode|CodeSystem/v3-RoleCode)"
)
RELATIVES = re.compile(r"(?:natural )?(?:mother|father|sister|brother|daughter|son)", re.IGNORECASE)
STAYS = frozenset({"IMP", "ACUTE", "NONAC", "INPATIENT"})  # v3 ActCode; the last is DSTU2's
YEARS = frozenset({"a", "yr", "year", "years"})
UNSURE = "a relative's entry does not tell the degree, the disease or the age at onset"


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


def inpatient(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether a hospital stay is in progress; no record of one counts as none."""
    stays = [
        encounter
        for encounter in chart.resources("encounters", "Encounter")
        if as_text(encounter, "status") == "in-progress" and not STAYS.isdisjoint(_kinds(encounter))
    ]
    if stays:
        source = chart.source("encounters")
        starts = (as_text(as_dict(stay, "period"), "start") for stay in stays)
        read = tuple(
            replace(evidence(stay, source), on=to_date(start))
            for stay, start in zip(stays, starts, strict=True)
        )
        return Known(Truth.YES, "in progress", read)
    return chart.gap("encounters", term.name) or Known(Truth.NO)


def _kinds(encounter: Resource) -> set[str]:
    """The codes of Encounter.class: a Coding in R4, a CodeableConcept in R5, a code in DSTU2."""
    listed = as_list(encounter, "class")
    coded = [*listed, *(coding for each in listed for coding in as_list(each, "coding"))]
    told = [*(as_text(coding, "code") for coding in coded), as_text(encounter, "class")]
    return {text.upper() for text in told}


def family_history(chart: PatientChart, term: Term) -> Known | Missing:
    """Whether a first-degree relative had the disease, before the age that the table sets.

    No record counts as none; an entry that does not tell leaves it unknown.
    """
    asked = chart.tables.relatives.get(term.about)
    if asked is None:
        return Missing(term.about, Why.NOT_FETCHED, "no disease of relatives has this name")
    found: dict[Truth, list[Evidence]] = {}
    for entry in chart.resources("relatives", "FamilyMemberHistory"):
        if as_text(entry, "status") != "entered-in-error":
            truth = _in_first_degree(entry) & _had(chart, entry, *asked)
            where = evidence(entry, chart.source("relatives"))
            found.setdefault(truth, []).append(replace(where, on=to_date(as_text(entry, "date"))))
    if Truth.YES in found:
        return Known(Truth.YES, "on file", tuple(found[Truth.YES]))
    gap = chart.gap("relatives", term.about)
    if gap is not None:
        return gap
    if Truth.UNKNOWN in found:
        return Missing(term.about, Why.UNREADABLE, UNSURE)
    return Known(Truth.NO)


def _in_first_degree(entry: Resource) -> Truth:
    """Whether the relative is of the first degree; told by a code, else by the word alone."""
    concept = as_dict(entry, "relationship")
    codings = as_list(concept, "coding")
    roles = {as_text(c, "code") for c in codings if ROLES.match(as_text(c, "system"))}
    if roles - {""}:
        return Truth.NO if roles.isdisjoint(FIRST_DEGREE) else Truth.YES
    said = (RELATIVES.fullmatch(text.strip()) for text in texts(concept))
    return Truth.YES if any(said) else Truth.UNKNOWN


def _had(chart: PatientChart, entry: Resource, disease: str, below: Decimal | None) -> Truth:
    codes = chart.tables.conditions
    return any_of(
        _is_below(condition, below)
        for condition in as_list(entry, "condition")
        if disease in names(as_dict(condition, "code"), codes)
    )


def _is_below(condition: Resource, below: Decimal | None) -> Truth:
    """Whether the disease began at an age under *below*, in full years; YES if there is none."""
    if below is None:
        return Truth.YES
    if "onsetRange" in condition:
        ends = as_dict(condition, "onsetRange")
        low, high = _years(as_dict(ends, "low")), _years(as_dict(ends, "high"))
    else:
        low = high = _years(as_dict(condition, "onsetAge"))
    return Interval(low, high).less(below)


def _years(quantity: Resource) -> Decimal | None:
    value = quantity.get("value")
    unit = as_text(quantity, "code") or as_text(quantity, "unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or unit not in YEARS:
        return None
    return Decimal(str(value))


def uk_config(chart: PatientChart, _: Term) -> Known | Missing:
    """Whether the site is in the United Kingdom, as its policy says."""
    country = chart.tables.country
    return Known(Truth.YES if country == "GB" else Truth.NO, country or "not set")


READERS: dict[str, Reader] = {
    "age": age,
    "male": _is_of_sex,
    "female": _is_of_sex,
    "inpatient": inpatient,
    "family_history": family_history,
    "uk_config": uk_config,
}
