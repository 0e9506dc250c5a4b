"""MedicationRequests to orders: which of our drugs, how much a day, what for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hooks.clinical.codes import DrugTables, Product
from hooks.clinical.facts import Missing, Order, Why
from hooks.reading.conditions import reasons
from hooks.reading.doses import daily_doses, single_doses, times_a_day
from hooks.reading.drug_names import drugs_in, drugs_named
from hooks.reading.resources import (
    Resource,
    as_dict,
    as_list,
    as_text,
    codings,
    dated,
    entries,
    reference,
    relative,
    texts,
)

KINDS = ("MedicationRequest", "MedicationOrder")  # the second is DSTU2's, which some clients send
DSTU2_ORDER = "MedicationOrder/"
CODED_IN = frozenset({"rxnorm", "atc"})
APPLIED = "urn:rxhooks:applied-advice"  # our mark on an order that carries out our advice


@dataclass(frozen=True, slots=True)
class Medicine:
    """What an order's medication is: our drugs in it, the product if we know it, its name.

    *told* says that it is one of our drugs or surely none: it has a code of RxNorm or ATC and a
    name beside it.
    """

    drugs: tuple[str, ...]
    product: Product | None
    text: str
    told: bool = True


def medication_requests(bundle: object) -> Iterator[Resource]:
    """The medication orders of *bundle*, in its order."""
    for entry in as_list(bundle, "entry"):
        resource = as_dict(entry, "resource")
        if resource.get("resourceType") in KINDS:
            yield resource


def order(request: Resource, known: Mapping[str, Resource], tables: DrugTables) -> Order | Missing:
    """The order that *request* makes, or that its medication could not be had.

    *known* holds Medication resources by `Medication/id`, from the draft Bundle or fetched. An
    order of no drug that we know has no drugs; that is an answer, not a gap.
    """
    found = medicine(request, known, tables)
    if isinstance(found, Missing):
        return found
    if not found.drugs:
        return Order(reference(request), (), text=found.text)
    return Order(
        reference(request),
        found.drugs,
        daily_doses(request, found.drugs, found.product),
        reasons(request, tables.conditions),
        dated(request),
        found.text,
        frozenset(_applied(request)),
        _route(request),
        tuple(as_list(request, "dosageInstruction")),
        single_doses(request, found.drugs, found.product),
        times_a_day(request),
    )


def medicine(
    request: Resource, known: Mapping[str, Resource], tables: DrugTables
) -> Medicine | Missing:
    """The medication of *request*: coded, in words, contained or referenced."""
    concept = as_dict(request, "medicationCodeableConcept")
    link = as_dict(request, "medicationReference")
    if concept or not link:
        return _of_concepts([concept], tables)
    url = as_text(link, "reference")
    resource = _contained(request, url) if url.startswith("#") else known.get(relative(url), {})
    if not resource:
        words = as_text(link, "display")
        drugs = drugs_in(words, tables.words)
        if drugs:
            return Medicine(tuple(sorted(drugs)), None, words)
        return Missing(f"medication of {reference(request)}", Why.NOT_FETCHED)
    whole = _of_concepts([as_dict(resource, "code")], tables)
    if whole.drugs:
        return whole
    ingredients = [as_dict(part, "itemCodeableConcept") for part in as_list(resource, "ingredient")]
    found = _of_concepts(ingredients, tables, whole.text)
    if not found.drugs and not found.text:  # as where DSTU2 only refers to a Substance
        detail = "the Medication says no drug"
        return Missing(f"medication of {reference(request)}", Why.UNREADABLE, detail)
    return found


def unresolved(requests: Iterable[Resource], known: Mapping[str, Resource]) -> list[str]:
    """The `Medication/id` that *requests* refer to and that are not in *known*, each once."""
    urls = [
        relative(as_text(as_dict(request, "medicationReference"), "reference"))
        for request in requests
        if not as_dict(request, "medicationCodeableConcept")
    ]
    wanted = (url for url in urls if url.startswith("Medication/") and url not in known)
    return list(dict.fromkeys(wanted))


def medications_in(bundle: object) -> dict[str, Resource]:
    """The Medication resources of *bundle*, by `Medication/id`."""
    return {reference(resource): resource for resource in entries(bundle, "Medication")}


def _of_concepts(concepts: list[Resource], tables: DrugTables, text: str = "") -> Medicine:
    """Codes first, over all codings; words only where no code is known."""
    codes = [code for concept in concepts for code in codings(concept)]
    words = [word for concept in concepts for word in texts(concept)]
    products = [tables.products[code] for _, code in _rxnorm(codes) if code in tables.products]
    drugs = {drug for product in products for drug in product.drugs}
    drugs.update(*(tables.codes.get(code, ()) for code in codes))
    if not drugs:
        drugs.update(drugs_named(words, tables.words))
    product = products[0] if len(products) == 1 else None
    told = bool(drugs) or any(map(_is_told, concepts))
    return Medicine(tuple(sorted(drugs)), product, text or next(iter(words), ""), told)


def _is_told(concept: Resource) -> bool:
    """Whether *concept* has a code of a system that we read, and words beside it."""
    coded = any(system in CODED_IN for system, _ in codings(concept))
    displays = (as_text(coding, "display") for coding in as_list(concept, "coding"))
    return coded and any(text.strip() for text in (as_text(concept, "text"), *displays))


def _rxnorm(codes: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [code for code in codes if code[0] == "rxnorm"]


def _contained(request: Resource, url: str) -> Resource:
    for resource in as_list(request, "contained"):
        if isinstance(resource, dict) and as_text(resource, "id") == url.removeprefix("#"):
            return resource
    return {}


def _route(request: Resource) -> str:
    """The first instruction's route in words; empty if none is given."""
    instructions = as_list(request, "dosageInstruction")
    return "; ".join(texts(as_dict(instructions[0], "route"))) if instructions else ""


def _applied(request: Resource) -> Iterator[str]:
    for extension in as_list(request, "extension"):
        if as_text(extension, "url") == APPLIED:
            yield as_text(extension, "valueString")
