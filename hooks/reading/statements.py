"""What each Observation states of a gene: one statement for each value in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from hooks.clinical.codes import ReportTables, ResultCode
from hooks.clinical.facts import Evidence, Missing
from hooks.reading.consents import OPEN, Permission
from hooks.reading.resources import (
    Resource,
    as_dict,
    as_list,
    as_text,
    codings,
    evidence,
    reference,
    relative,
    texts,
)

FINAL = frozenset({"final", "amended", "corrected"})
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
READ = ("genotype", "haplotype", "typing", "status", "phenotype", "implication", "risk", "variant")


@dataclass(frozen=True, slots=True)
class Statement:
    """One value of a report: of which gene, what kind, in which words and codes.

    *final* is false for a result that is not, or no longer, or not yet one. *derived_from* are
    the references of what it was drawn from. *foreign* says that the report names a gene for it
    which is none of ours; *withheld* that the result may not be used.
    """

    gene: str
    holds: str
    texts: tuple[str, ...]
    answers: frozenset[str]
    evidence: Evidence
    allele: str = ""
    score: str = ""
    final: bool = True
    derived_from: tuple[str, ...] = ()
    foreign: bool = False
    withheld: Missing | None = None

    @property
    def on(self) -> date:
        """The day that decides which statement is newer."""
        return self.evidence.on or date.min


@dataclass(frozen=True, slots=True)
class Scope:
    """What a part of a report takes over from the whole: evidence, status, gene."""

    evidence: Evidence
    final: bool
    gene: str = ""
    foreign: bool = False


def statements(
    observations: Iterable[Resource],
    source: str,
    tables: ReportTables,
    allowed: Permission = OPEN,
) -> Iterator[Statement]:
    """Every statement of *observations*; withdrawn ones make none."""
    listed = list(observations)
    genes = {reference(resource): _gene(resource, tables) for resource in listed}
    strange = {reference(resource) for resource in listed if _is_foreign(resource, tables)}
    for resource in listed:
        withheld = None if allowed.allows(resource) else allowed.gap
        for statement in _of_observation(resource, source, tables):
            foreign = statement.foreign or not strange.isdisjoint(statement.derived_from)
            gene = statement.gene or _inherited(statement, genes)
            yield replace(statement, gene=gene, foreign=foreign, withheld=withheld)


def _of_observation(
    resource: Resource, source: str, tables: ReportTables, outer: Scope | None = None
) -> Iterator[Statement]:
    status = as_text(resource, "status") or ("final" if outer else "")
    if status in WITHDRAWN or _is_somatic(resource, tables):
        return
    own = evidence(resource, source)
    if outer is not None:
        on, performer = own.on or outer.evidence.on, own.performer or outer.evidence.performer
        own = replace(own, reference=outer.evidence.reference, on=on, performer=performer)
    final = status in FINAL and (outer is None or outer.final)
    foreign = _is_foreign(resource, tables) or (outer is not None and outer.foreign)
    scope = Scope(own, final, _gene(resource, tables), foreign)
    contained = [
        inner
        for inner in as_list(resource, "contained")
        if as_text(inner, "resourceType") == "Observation"
    ]
    found = [*_value(resource, scope, tables), *_components(resource, scope, tables)]
    for inner in contained:
        found += _of_observation(inner, source, tables, scope)
    genes = {f"#{as_text(inner, 'id')}": _gene(inner, tables) for inner in contained}
    for statement in found:
        yield replace(statement, gene=statement.gene or _inherited(statement, genes))


def _is_somatic(resource: Resource, tables: ReportTables) -> bool:
    """Whether a component says that the result is a tumour's, not the patient's."""
    return any(
        tables.answers.get(code) == "somatic"
        for part in as_list(resource, "component")
        if (found := _result_code(part, tables)) is not None and found.holds == "source-class"
        for code in codings(as_dict(part, "valueCodeableConcept"))
    )


def _value(resource: Resource, scope: Scope, tables: ReportTables) -> Iterator[Statement]:
    """The Observation's own value, if its code is one that we read."""
    found = _result_code(resource, tables)
    if found is None or found.holds not in READ:
        return
    statement = _statement(resource, found, scope, tables)
    if not statement.texts and not statement.answers and _is_panel(resource, tables):
        return
    score = next((score for part in as_list(resource, "component") if (score := _score(part))), "")
    if found.holds != "implication":
        yield replace(statement, score=score)


def _is_panel(resource: Resource, tables: ReportTables) -> bool:
    """Whether components hold values that we read."""
    found = (_result_code(part, tables) for part in as_list(resource, "component"))
    return any(code is not None and code.holds in READ for code in found)


def _components(resource: Resource, scope: Scope, tables: ReportTables) -> Iterator[Statement]:
    """The components that hold a value of their own.

    A gene component names those after it, if the first stands before all values. Otherwise, and
    after a gene that we do not know, a value belongs to no gene unless its text names it.
    """
    named = _gene_components(resource, tables)
    gene = scope.gene if len(named) < 2 else ""
    foreign = scope.foreign
    ordered = len(named) < 2 or _begins_with_gene(resource, tables)
    for part in as_list(resource, "component"):
        found = _result_code(part, tables)
        if found is not None and found.holds == "gene" and len(named) > 1:
            gene = _named_gene(as_dict(part, "valueCodeableConcept"), tables) if ordered else ""
            foreign = scope.foreign or (ordered and not gene)
        elif found is not None and found.holds in READ:
            statement = _statement(part, found, replace(scope, gene=gene, foreign=foreign), tables)
            derived = tuple(_references(resource, "derivedFrom"))
            holds = "phenotype" if found.holds == "implication" else found.holds
            yield replace(statement, holds=holds, derived_from=derived)


def _begins_with_gene(resource: Resource, tables: ReportTables) -> bool:
    """Whether a gene component stands before every component with a value."""
    held = [
        found.holds
        for part in as_list(resource, "component")
        if (found := _result_code(part, tables)) is not None
    ]
    return next((holds for holds in held if holds == "gene" or holds in READ), "") == "gene"


def _gene_components(resource: Resource, tables: ReportTables) -> list[str]:
    """The genes that components name, in order; empty text for one that we do not know."""
    return [
        _named_gene(as_dict(part, "valueCodeableConcept"), tables)
        for part in as_list(resource, "component")
        if (code := _result_code(part, tables)) is not None and code.holds == "gene"
    ]


def _statement(part: Resource, found: ResultCode, scope: Scope, tables: ReportTables) -> Statement:
    concept = as_dict(part, "valueCodeableConcept")
    words = (*texts(concept), as_text(part, "valueString"))
    if "dataAbsentReason" in part:
        words, concept = (), {}
    answers = {tables.answers[code] for code in codings(concept) if code in tables.answers}
    return Statement(
        gene=found.gene or scope.gene,
        holds=found.holds,
        texts=tuple(word for word in words if word.strip()),
        answers=frozenset(answers),
        evidence=scope.evidence,
        allele=found.allele,
        final=scope.final,
        derived_from=tuple(_references(part, "derivedFrom")),
        foreign=scope.foreign,
    )


def _result_code(part: Resource, tables: ReportTables) -> ResultCode | None:
    """What the code of *part* says that it holds; a gene's own code goes before a general one."""
    known = [tables.codes[code] for code in codings(as_dict(part, "code")) if code in tables.codes]
    return next((code for code in known if code.gene), next(iter(known), None))


def _gene(resource: Resource, tables: ReportTables) -> str:
    """The gene that an Observation as a whole is about: by its code, component or extension."""
    found = _result_code(resource, tables)
    if found is not None and found.gene:
        return found.gene
    named = {*_gene_components(resource, tables), *_gene_extensions(resource, tables)}
    return named.pop() if len(named) == 1 else ""


def _is_foreign(resource: Resource, tables: ReportTables) -> bool:
    """Whether the Observation as a whole names genes, and none of them is ours."""
    named = [*_gene_components(resource, tables), *_gene_extensions(resource, tables)]
    return bool(named) and not any(named)


def _gene_extensions(resource: Resource, tables: ReportTables) -> list[str]:
    """The genes that extensions of older reports name; empty text for one that we do not know."""
    return [
        _named_gene(as_dict(extension, "valueCodeableConcept"), tables)
        for extension in as_list(resource, "extension")
        if as_text(extension, "url").endswith("/observation-geneticsGene")
    ]


def _named_gene(concept: Resource, tables: ReportTables) -> str:
    """The gene of an HGNC coding or of its symbol; empty if they disagree or are not known."""
    coded = (code.casefold() for system, code in codings(concept) if system == "hgnc")
    by_code = {tables.gene_codes.get(code, "") for code in coded}
    displays = [as_text(coding, "display") for coding in as_list(concept, "coding")]
    words = (*displays, as_text(concept, "text"))
    by_word = {tables.gene_codes.get(word.casefold().strip(), "") for word in words if word}
    named = (by_code | by_word) - {""}
    return named.pop() if len(named) == 1 else ""


def _score(part: Resource) -> str:
    """The value of a component that is an activity score by its words; empty otherwise."""
    called = " ".join(texts(as_dict(part, "code"))).casefold()
    if "activity score" not in called:
        return ""
    number = as_dict(part, "valueQuantity").get("value", part.get("valueInteger"))
    plain = number if isinstance(number, int | float) and not isinstance(number, bool) else ""
    comparator = as_text(as_dict(part, "valueQuantity"), "comparator")
    if comparator not in {"", ">="}:
        return ""
    return (
        f"{'≥' if comparator else ''}{plain}"
        or as_text(part, "valueString")
        or as_text(as_dict(part, "valueCodeableConcept"), "text")
    )


def _references(part: Resource, name: str) -> Iterator[str]:
    for target in as_list(part, name):
        url = as_text(target, "reference")
        yield url if url.startswith("#") else relative(url)


def _inherited(statement: Statement, genes: Mapping[str, str]) -> str:
    """The gene of what the statement was derived from, if that is one."""
    named = {genes.get(url, "") for url in statement.derived_from} - {""}
    return named.pop() if len(named) == 1 else ""
