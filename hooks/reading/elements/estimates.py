"""How far an ordered dose is from what a published equation estimates for the patient.

The inputs are those of the guideline that doses the drug by the equation: race is fixed there, and
never read.
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, Decimal
from itertools import product

from hooks.clinical.dose_inputs import Given, given_inputs, read_gene
from hooks.clinical.dosing import DAYS, Dosing, GeneInput, plain, span
from hooks.clinical.elements import Interval, Known, Term
from hooks.clinical.facts import Dose, GeneResult, Missing, Why
from hooks.clinical.models.model import Model
from hooks.clinical.models.registry import calculate
from hooks.clinical.phenoconversion import beside
from hooks.reading.charts import OrderChart, OrderReader

PERCENT = Decimal(100)
Words = Mapping[str, tuple[str, ...]]  # gene -> its possible words in the equation


def deviation(chart: OrderChart, term: Term) -> Known | Missing:
    """Percent of the estimate by which the ordered dose is above or below it.

    With genes where one of them is on file, the others as unknown; else by clinical factors alone.
    Several possible genotypes give an interval.
    """
    dosing = chart.patient.tables.dosings.get(chart.drug)
    model = chart.patient.tables.models.get(dosing.model) if dosing is not None else None
    if dosing is None or model is None:
        return Missing(term.name, Why.NOT_RECORDED, "no equation doses this drug")
    ordered = chart.order.daily_dose(chart.drug)
    if isinstance(ordered, Missing):
        return Missing(term.name, ordered.why, ordered.detail or ordered.what)
    if ordered.unit != "mg":
        return Missing(term.name, Why.UNREADABLE, "the daily dose is not in mg")
    facts = chart.patient.facts
    given = given_inputs(dosing, facts, beside(chart.order, facts), model)
    genes = {symbol: _words(chart, symbol, wanted) for symbol, wanted in dosing.genes.items()}
    gaps = [*given.missing, *(each for each in genes.values() if isinstance(each, Missing))]
    if gaps:
        named = ", ".join(f"{gap.what} ({gap.detail or gap.why.value})" for gap in gaps)
        return Missing(term.name, gaps[0].why, f"without {named}")
    tested = {s: each for s, each in genes.items() if not isinstance(each, Missing) and each}
    weekly = _estimates(given, tested, dosing, model)
    if isinstance(weekly, Missing):
        return Missing(term.name, weekly.why, f"{weekly.what}: {weekly.detail}")
    return _told(chart, given, tested, weekly, ordered)


def _words(chart: OrderChart, symbol: str, wanted: GeneInput) -> tuple[str, ...] | Missing:
    """What the equation may call the patient's *symbol*; nothing where it was never tested."""
    facts, gene = chart.patient.facts, chart.patient.tables.genes.get(symbol)
    result = facts.genes.get(symbol)
    if gene is None or (isinstance(result, Missing) and result.why is Why.NOT_RECORDED):
        return ()
    if isinstance(result, GeneResult) and result.doubted:
        return Missing(symbol, Why.UNREADABLE, "a newer result could not be read")
    reads = read_gene(gene, result, facts)
    if isinstance(reads, Missing):
        return reads
    words = [wanted.value(symbol, read.call.phenotype, read.alleles) for read in reads]
    gap = next((word for word in words if isinstance(word, Missing)), None)
    return gap or tuple(sorted({word for word in words if isinstance(word, str)}))


def _estimates(
    given: Given, tested: Words, dosing: Dosing, model: Model
) -> list[Decimal] | Missing:
    """The estimate in mg a week for each possible genotype."""
    names = [dosing.genes[symbol].name for symbol in tested]
    found: list[Decimal] = []
    for world in product(*tested.values()):
        result = calculate(model, {**given.words, **dict(zip(names, world, strict=True))})
        if isinstance(result, Missing):
            return result
        found.append(result[dosing.result if tested else dosing.without_genes])
    return found


def _told(
    chart: OrderChart, given: Given, tested: Words, weekly: list[Decimal], ordered: Dose
) -> Known:
    dose = ordered.value * DAYS
    apart = [abs(dose - estimate) / estimate * PERCENT for estimate in weekly]
    low, high = min(apart), max(apart)
    ends = dict.fromkeys(f"{end.quantize(Decimal(1), ROUND_DOWN):f}" for end in (low, high))
    inputs = [f"{shown.label} {shown.value}" for shown in given.shown]
    inputs += [f"{symbol} {' or '.join(words)}" for symbol, words in tested.items()]
    note = (
        f"ordered {plain(dose)} mg a week, estimated {span(min(weekly), max(weekly))} mg a week"
        f" from {', '.join(inputs)}"
    )
    results = [chart.patient.facts.genes.get(symbol) for symbol in tested]
    read = [shown.evidence for shown in given.shown if shown.evidence is not None]
    read += [each for r in results if isinstance(r, GeneResult) for each in r.evidence]
    return Known(Interval(low, high), f"{' to '.join(ends)} %", tuple(dict.fromkeys(read)), note)


ORDER_READERS: dict[str, OrderReader] = {"iwpc_dev": deviation}
