"""Orders x rules -> findings: shared by the hooks, `rxhooks explain` and screening."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache

from hooks.alternatives import with_alternatives
from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.elements import Charts
from hooks.clinical.facts import Missing, Order, PatientFacts, Why
from hooks.clinical.findings import Finding
from hooks.clinical.phenoconversion import beside, with_order, without_order
from hooks.judging import judge_data, judge_rule
from hooks.knowledge import Knowledge
from hooks.reading import consents, patients
from hooks.reading.charts import ChartTables, PatientChart, day_of, instant
from hooks.reading.conditions import condition_record
from hooks.reading.elements import ORDER_READERS, READERS
from hooks.reading.genotypes import gene_record
from hooks.reading.labs import lab_record
from hooks.reading.medications import active_medications
from hooks.reading.resources import Answer, Fetched, Resource
from hooks.reading.whose import transplants

NOT_ASKED = "not asked for"
CHART = Order("", ())  # what stands for the order where a chart was opened without one


def read_facts(
    answers: Mapping[str, Answer],
    patient_id: str,
    knowledge: Knowledge,
    today: date,
    genes: Container[str] | None = None,
    measures: Collection[str] | None = None,
) -> PatientFacts:
    """What *answers* tell of the patient; a query that is not in them is not fetched.

    Of genes, only *genes* are read, if these are given, and of measured values only *measures*.
    What the patient's consents and the site do not allow to be used is missing, and said to be.
    """
    today = day_of(today)
    allowed = permission(answers, patient_id, knowledge, today)
    answers = {key: _usable(key, answer, allowed) for key, answer in answers.items()}
    patient = patients.patient(answer_to(answers, "patient"), patient_id)
    sex = patients.sex(patient)
    problems = answer_to(answers, "conditions")
    record = gene_record(
        answer_to(answers, "genotypes"),
        patient_id,
        knowledge.report_tables,
        genes,
        sex,
        transplants(problems, patient_id, knowledge.conditions),
        allowed,
    )
    return PatientFacts(
        as_of=today,
        genes=record,
        labs=lab_record(
            answer_to(answers, "results"),
            patient_id,
            knowledge.analytes,
            today,
            knowledge.measures if measures is None else measures,
        ),
        conditions=condition_record(problems, patient_id, knowledge.conditions),
        medications=active_medications(
            answer_to(answers, "medications"),
            patient_id,
            medications(answers),
            knowledge.drug_tables,
        ),
        sex=sex,
        birth_date=patients.birth_date(patient),
        allergies=patients.allergies(
            answer_to(answers, "allergies"), patient_id, knowledge.drug_codes, knowledge.drug_words
        ),
        remarks=(*record.remarks, *_unseen_transplants(problems)),
    )


def _unseen_transplants(problems: Answer) -> tuple[Missing, ...]:
    """A remark that a transplant may be on file, where conditions were asked for in vain."""
    gap = problems if isinstance(problems, Missing) else problems.remark
    if gap is None or gap.detail == NOT_ASKED:
        return ()
    detail = "a transplant, after which a genetic result may be the donor's, was not looked for"
    return (Missing("transplants", Why.NOT_FETCHED, detail),)


def read_chart(
    answers: Mapping[str, Answer],
    patient_id: str,
    knowledge: Knowledge,
    today: date,
    facts: PatientFacts,
) -> PatientChart:
    """The chart that rules on data elements look at, as of a day or of an instant.

    What may not be used is missing from it.
    """
    allowed = permission(answers, patient_id, knowledge, day_of(today))
    return PatientChart(
        {key: consents.usable(answer, allowed) for key, answer in answers.items()},
        patient_id,
        chart_tables(knowledge),
        instant(today),
        facts,
        READERS,
        ORDER_READERS,
    )


@lru_cache(maxsize=8)
def chart_tables(knowledge: Knowledge) -> ChartTables:
    """The tables of *knowledge* that reading a chart takes."""
    dosings = {
        drug: rule.dosing
        for rule in knowledge.guidelines
        if rule.dosing is not None and rule.status == "active"
        for drug in rule.drugs
    }
    return ChartTables(
        knowledge.words.elements,
        knowledge.analytes,
        knowledge.findings,
        knowledge.conditions,
        knowledge.drug_classes,
        knowledge.drug_tables,
        knowledge.models,
        dosings,
        knowledge.genes,
        knowledge.markers,
        knowledge.modifiers,
        relatives=knowledge.relatives,
        country=knowledge.country,
    )


def permission(
    answers: Mapping[str, Answer], patient_id: str, knowledge: Knowledge, today: date
) -> consents.Permission:
    """What of *answers* may be used, by the consents among them and the site's policy."""
    told = answer_to(answers, consents.KEY)
    return consents.permission(told, patient_id, knowledge.restrictions, today)


def _usable(key: str, answer: Answer, allowed: consents.Permission) -> Answer:
    """*answer* as far as it may be used; genotypes are weighed one by one as they are read."""
    kept = key in consents.LABELLED and key != "genotypes"
    return consents.usable(answer, allowed) if kept else answer


def genes_for(orders: Iterable[Order], knowledge: Knowledge) -> frozenset[str]:
    """The genes of the guidelines of the orders' drugs, and of the alternatives to those."""
    drugs = {drug for order in orders for drug in order.drugs}
    drugs |= knowledge.alternatives_to(drugs)
    rules = (rule for drug in drugs for rule in knowledge.rules_for(drug))
    return frozenset(symbol for rule in rules for symbol in rule.genes)


def measures_for(orders: Iterable[Order], knowledge: Knowledge) -> frozenset[str]:
    """The measured values that some guideline of the orders' drugs asks for."""
    rules = (rule for order in orders for drug in order.drugs for rule in knowledge.rules_for(drug))
    return frozenset().union(*(rule.measures for rule in rules)) & knowledge.measures


def answer_to(answers: Mapping[str, Answer], key: str) -> Answer:
    """The answer to the query *key*, or that it was not asked."""
    return answers.get(key, Missing(key, Why.NOT_FETCHED, NOT_ASKED))


def medications(answers: Mapping[str, Answer]) -> dict[str, Resource]:
    """The Medication resources that were read one by one, by `Medication/id`."""
    return {
        key: answer.resource
        for key, answer in answers.items()
        if key.startswith("Medication/") and isinstance(answer, Fetched) and answer.resource
    }


def evaluate_biomarkers(
    orders: Iterable[Order], facts: PatientFacts, charts: Charts, knowledge: Knowledge
) -> list[Finding]:
    """A finding for each order, each of its drugs and each rule on data elements."""
    found = []
    for order in orders:
        for drug in order.drugs:
            for rule in knowledge.biomarkers_for(drug):
                if _by_route(rule, order):
                    judged = judge_data(rule, order, drug, charts)
                    found.append(with_alternatives(judged, facts, knowledge, charts))
    return found


def evaluate_chart(charts: Charts, knowledge: Knowledge) -> list[Finding]:
    """A finding for each rule that is judged when a chart is opened."""
    return [judge_data(rule, CHART, "", charts) for rule in knowledge.chart_rules]


def _by_route(rule: BiomarkerRule, order: Order) -> bool:
    """Whether *rule* is about the order's route; an order that names none may go any way."""
    route = order.route.casefold()
    return not rule.routes or not route or any(name in route for name in rule.routes)


def evaluate(
    orders: Iterable[Order],
    facts: PatientFacts,
    knowledge: Knowledge,
    charts: Charts | None = None,
) -> list[Finding]:
    """A finding for each order, each of its drugs and each rule, silent ones included.

    An order of an inhibitor is judged by the rules of the drugs that it would change as well.
    Without *charts*, only guidelines are judged.
    """
    listed = list(orders)
    found = [
        with_alternatives(judge_rule(rule, order, drug, facts, knowledge), facts, knowledge, charts)
        for order in listed
        for drug in order.drugs
        for rule in knowledge.rules_for(drug)
    ]
    ours = evaluate_biomarkers(listed, facts, charts, knowledge) if charts is not None else []
    return [
        *found,
        *ours,
        *(each for order in listed for each in _on_others(order, listed, facts, knowledge)),
    ]


def _on_others(
    order: Order, judged: list[Order], facts: PatientFacts, knowledge: Knowledge
) -> Iterator[Finding]:
    """What ordering an inhibitor would change in the advice on drugs that are taken already.

    Drugs that are judged themselves in this call tell it on their own cards.
    """
    others = _changeable(order, judged, facts, knowledge)
    without = without_order(facts, order)
    for other in others:
        for drug in other.drugs:
            for rule in knowledge.rules_for(drug):
                before = judge_rule(rule, other, drug, without, knowledge)
                after = judge_rule(rule, other, drug, with_order(facts, order), knowledge)
                if after.indicator and after.outcome != before.outcome:
                    yield replace(after, order=order, taken=other)


def _changeable(
    order: Order, judged: list[Order], facts: PatientFacts, knowledge: Knowledge
) -> list[Order]:
    """The orders beside *order* on which the advice may change, now that it inhibits an enzyme.

    None if the same drug is there without *order*: then nothing changes. One pass, since a call
    may hold hundreds of orders.
    """
    present = beside(order, facts)
    names = {drug for each in present for drug in each.drugs}
    if names.issuperset(order.drugs) or not any(map(knowledge.inhibits, order.drugs)):
        return []
    asked = {id(each) for each in judged}
    return [
        each
        for each in present
        if id(each) not in asked
        and not set(each.drugs) & set(order.drugs)
        and _can_change(each, knowledge)
        and each not in judged
    ]


def _can_change(order: Order, knowledge: Knowledge) -> bool:
    """Whether a rule of *order* heeds inhibitors at all."""
    rules = (rule for drug in order.drugs for rule in knowledge.rules_for(drug))
    return any(rule.adjusts or rule.inhibited for rule in rules)
