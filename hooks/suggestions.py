"""What a card offers to do: another drug, another dose, the missing test; at most three."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice
from random import getrandbits
from uuid import UUID

from hooks import actions
from hooks.actions import InvalidResource
from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.codes import Product
from hooks.clinical.facts import Dose, Missing
from hooks.clinical.findings import Finding
from hooks.clinical.genes import GeneTest
from hooks.clinical.guidelines import Action as Advised
from hooks.clinical.guidelines import Alternative, Cap
from hooks.clinical.logic import Truth
from hooks.knowledge import Knowledge
from hooks.reading.doses import FINEST, MILLIGRAMS, dose_quantity, instruction, strength, unit_of
from hooks.reading.orders import DSTU2_ORDER
from hooks.reading.resources import Resource, as_dict, as_list, as_text, codings

MOST = 3
ORDER_TEST = "Order test: "


def fresh_uuid() -> str:
    """A random UUID: unique, not secret, and without a system call for each."""
    return str(UUID(int=getrandbits(128), version=4))


@dataclass(frozen=True, slots=True)
class Action:
    """One change that a suggestion makes: `create` or `update` a resource, or `delete` an order."""

    type: str
    description: str
    resource: Resource | None = None
    resource_id: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to accept; all of its actions are applied together."""

    label: str
    actions: tuple[Action, ...]
    recommended: bool = False
    uuid: str = field(default_factory=fresh_uuid)


@dataclass(frozen=True, slots=True)
class Situation:
    """What suggestions are built from: the order's own draft, if there is one, patient and day."""

    patient_id: str
    as_of: date
    draft: Resource | None = None

    @property
    def replaceable(self) -> bool:
        """Whether the order is a draft of a kind that we can write."""
        if self.draft is None or self.draft.get("resourceType") != "MedicationRequest":
            return False
        return as_text(self.draft, "status") in {"", "draft"} and bool(as_text(self.draft, "id"))


Maker = Callable[[Finding, Situation, Knowledge], Iterator[Suggestion]]


def suggestions(
    finding: Finding, situation: Situation, knowledge: Knowledge
) -> tuple[Suggestion, ...]:
    """What to offer for *finding*, the recommended one first; valid resources only.

    Advice on a drug that is taken already changes nothing in the order of its inhibitor. Where
    orders are DSTU2, nothing is offered: what we write would not be valid there.
    """
    return _offered(finding, situation, knowledge, (_replacements, _doses))


def but_doses(
    finding: Finding, situation: Situation, knowledge: Knowledge
) -> tuple[Suggestion, ...]:
    """`suggestions` without a dose: what it should be is not for *finding* alone to say."""
    return _offered(finding, situation, knowledge, (_replacements,))


def _offered(
    finding: Finding, situation: Situation, knowledge: Knowledge, changes: tuple[Maker, ...]
) -> tuple[Suggestion, ...]:
    if finding.order.reference.startswith(DSTU2_ORDER):
        return ()
    changed = changes if situation.replaceable and finding.taken is None else ()
    makers = (*changed, _tests)
    offered = (each for maker in makers for each in maker(finding, situation, knowledge))
    return tuple(islice(offered, MOST))


def tests(finding: Finding, knowledge: Knowledge) -> list[GeneTest]:
    """The tests that would tell what *finding* could not.

    Where the guideline itself asks for one, that is enzyme activity: the genotype is known, and
    does not tell.
    """
    if isinstance(finding.rule, BiomarkerRule):
        return [knowledge.orderables[name] for name in finding.rule.tests]
    gaps = {missing.what for missing in finding.missing}
    symbols = [symbol for symbol in finding.rule.genes if symbol in gaps] or finding.rule.genes
    if finding.outcome.branch is not None:
        genes = (knowledge.genes[symbol] for symbol in finding.rule.genes)
        asked = [gene.activity_test for gene in genes if gene.activity_test is not None]
        if asked:
            return asked
    found = (knowledge.test_for(s, finding.rule.alleles.get(s, "")) for s in symbols)
    return list(dict.fromkeys(test for test in found if test is not None))


def _replacements(
    finding: Finding, situation: Situation, knowledge: Knowledge
) -> Iterator[Suggestion]:
    """Create the other drug, then delete the draft: some clients apply the first action only.

    Clients may pre-select what is recommended. The catalogue of rules on data elements does not
    want the removal of a draft pre-selected, so none of theirs is.
    """
    ours = isinstance(finding.rule, BiomarkerRule)
    if not finding.alternatives:
        return
    try:
        kept = actions.successor(situation.draft or {}, situation.patient_id, situation.as_of)
    except InvalidResource:
        return
    for place, other in enumerate(finding.alternatives):
        named = _orderable(other, knowledge)
        resource = actions.for_drug(kept, named)
        yield Suggestion(
            f"{_capital(named['display'])} instead",
            (
                Action("create", f"Order {named['display']}; the dose is yours to set", resource),
                Action("delete", f"Remove the {finding.drug} draft", None, finding.order.reference),
            ),
            recommended=place == 0 and finding.alternatives_checked and not ours,
        )


def _doses(finding: Finding, situation: Situation, knowledge: Knowledge) -> Iterator[Suggestion]:
    """The dose that the advice asks for; never a part of what advice has made a part already."""
    action, draft, applied = finding.action, situation.draft or {}, finding.mark
    if action is None or not applied:
        return
    changed: tuple[str, Resource] | None = None
    try:
        if (factor := _one_factor(action)) is not None:
            if not finding.order.applied and _keeps_cap(finding, action, factor):
                changed = _scaled(finding, factor, draft, applied)
        elif action.cap is not None:
            changed = _capped(finding, action.cap, draft, applied, knowledge)
    except InvalidResource:
        return
    if changed is not None:
        label, resource = changed
        yield Suggestion(label, (Action("update", label, resource),))


def _one_factor(action: Advised) -> Decimal | None:
    """The factor of *action*, where it is one number and the days of dosing stay as they are."""
    if action.schedule or action.factor_min != action.factor_max:
        return None
    return action.factor_min


def _keeps_cap(finding: Finding, action: Advised, factor: Decimal) -> bool:
    """Whether *factor* times the ordered dose keeps to the cap of *action* for certain."""
    dose = finding.order.daily_dose(finding.drug)
    if not isinstance(dose, Dose):
        return action.cap is None
    return action.allows(Dose(dose.value * factor, dose.unit))


def _scaled(
    finding: Finding, factor: Decimal, draft: Resource, applied: str
) -> tuple[str, Resource] | None:
    resource = actions.with_dose_times(draft, factor, applied)
    if resource is None:
        return None
    dose = finding.order.daily_dose(finding.drug)
    percent = f"{(factor * 100).normalize():f} %"
    if isinstance(dose, Dose):
        lower = Dose(dose.value * factor, dose.unit)
        return f"{_capital(finding.drug)} {lower} instead of {dose} ({percent})", resource
    return f"{_capital(finding.drug)} at {percent} of the ordered dose", resource


def _capped(
    finding: Finding, cap: Cap, draft: Resource, applied: str, knowledge: Knowledge
) -> tuple[str, Resource] | None:
    """A dose within the cap: of what is ordered, if that is in mg, else of another product."""
    dose = finding.order.daily_dose(finding.drug)
    dosage = instruction(draft)
    if not isinstance(dose, Dose) or not isinstance(dosage, dict):
        return None
    if unit_of(dose_quantity(dosage)) in MILLIGRAMS:
        return _capped_weight(finding, cap, dose, draft, applied, knowledge)
    return _capped_pieces(finding, cap, dose, draft, applied, knowledge)


def _capped_weight(
    finding: Finding, cap: Cap, dose: Dose, draft: Resource, applied: str, knowledge: Knowledge
) -> tuple[str, Resource] | None:
    """The cap itself, over the ordered times a day; none that has to be rounded or broken off."""
    times = finding.order.times
    if cap.below or cap.holds(dose) is not Truth.NO or isinstance(times, Missing):
        return None
    single = cap.value / times
    plain = times == times.to_integral_value() and single == single.quantize(FINEST)
    if not plain or not _gives(draft, finding.drug, single, knowledge):
        return None
    resource = actions.with_milligrams(draft, single, applied)
    label = f"{_capital(finding.drug)} {Dose(cap.value, cap.unit)} instead of {dose}"
    return None if resource is None else (label, resource)


def _gives(draft: Resource, drug: str, single: Decimal, knowledge: Knowledge) -> bool:
    """Whether what *draft* names can make a dose of *single* mg: in whole pieces, or because it is
    the ingredient, of no strength."""
    product = knowledge.products.get(_product_code(draft, knowledge))
    if product is None:
        return _names_ingredient(as_dict(draft, "medicationCodeableConcept"), knowledge)
    each = strength(product).get(drug)
    return each is not None and single % each == 0


def _names_ingredient(concept: Resource, knowledge: Knowledge) -> bool:
    """Whether *concept* names no product: all codes are of ingredients, no word has a number."""
    coded = as_list(concept, "coding")
    known = [code for code in codings(concept) if code in knowledge.drug_codes]
    words = as_text(concept, "text") + "".join(as_text(coding, "display") for coding in coded)
    return bool(concept) and len(known) == len(coded) and not any(map(str.isdigit, words))


def _capped_pieces(
    finding: Finding, cap: Cap, dose: Dose, draft: Resource, applied: str, knowledge: Knowledge
) -> tuple[str, Resource] | None:
    """The greatest single-ingredient product that keeps the ordered number of pieces in the cap."""
    current = knowledge.products.get(_product_code(draft, knowledge))
    each = None if current is None else strength(current).get(finding.drug)
    if current is None or each is None or current.others:
        return None
    pieces = dose.value / each
    fitting = [
        product
        for product in knowledge.products.values()
        if _same_kind(product, current, finding.drug)
        and cap.holds(Dose(strength(product)[finding.drug] * pieces, dose.unit)) is Truth.YES
    ]
    if not fitting:
        return None
    best = max(fitting, key=lambda product: strength(product)[finding.drug])
    return f"{_capital(best.display)} instead", actions.with_product(draft, best, applied)


def _same_kind(product: Product, current: Product, drug: str) -> bool:
    alone = product.drugs == (drug,) and not product.others and not product.brand
    return alone and product.form == current.form and drug in strength(product)


def _product_code(draft: Resource, knowledge: Knowledge) -> str:
    codes = codings(as_dict(draft, "medicationCodeableConcept"))
    return next((code for _, code in codes if code in knowledge.products), "")


def _tests(finding: Finding, situation: Situation, knowledge: Knowledge) -> Iterator[Suggestion]:
    if not _asks_for_tests(finding):
        return
    for test in tests(finding, knowledge):
        resource = actions.test_order(test, situation.patient_id, situation.as_of)
        label = f"{ORDER_TEST}{test.display}"
        yield Suggestion(label, (Action("create", label, resource),))


def _asks_for_tests(finding: Finding) -> bool:
    """Whether the tests that the rule names belong to this outcome of it.

    Those of a rule on data elements that is silent on missing data belong to its advice.
    """
    if finding.action is None:
        return False
    if not isinstance(finding.rule, BiomarkerRule):
        return finding.action.do == "order-test"
    return finding.action.do in {"order-test", "monitor"} or finding.rule.missing == "silent"


def _orderable(other: Alternative, knowledge: Knowledge) -> dict[str, str]:
    """The product of an alternative, or its ingredient where none is named."""
    if other.product:
        return {"code": other.product, "display": knowledge.products[other.product].display}
    return {"code": knowledge.drugs[other.drug].rxnorm, "display": other.drug}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
