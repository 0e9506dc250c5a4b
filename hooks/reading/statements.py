"""What each Observation states of a gene: one statement for each value in it."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from hooks.clinical.codes import ReportTables, ResultCode
from hooks.clinical.facts import Evidence, Missing
from hooks.reading.consents import OPEN, Permission
from hooks.reading.genes_named import (
    READ,
    begins_with_gene,
    gene_components,
    gene_of,
    gene_value,
    is_foreign,
    named_gene,
    result_code,
)
from hooks.reading.plain import plain
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
from hooks.reading.variants import Fact, Phase, facts, phase, text_facts
from hooks.reading.whose import focus_of, specimen_of

FINAL = frozenset({"final", "amended", "corrected", "appended"})
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
NOT_GERMLINE = frozenset({"somatic", "fetal"})


@dataclass(frozen=True, slots=True)
class Statement:
    """One value of a report: of which gene, what kind, in which words and codes.

    *final* is false for a result that is not, or no longer, or not yet one. *derived_from* are
    the references of what it was drawn from. *foreign* says that the report names a gene for it
    which is none of ours. *facts* are the single variants that it tells of, *phases* how others
    lie to each other; *withheld* that the result may not be used.
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
    facts: tuple[Fact, ...] = ()
    phases: tuple[Phase, ...] = ()
    focus: tuple[str, ...] = ()
    specimen: str = ""
    unusable: str = ""
    withheld: Missing | None = None

    @property
    def on(self) -> date:
        """The day that decides which statement is newer."""
        return self.evidence.on or date.min


@dataclass(frozen=True, slots=True)
class Scope:
    """What a part of a report takes over from the whole: evidence, status, gene, whose it is."""

    evidence: Evidence
    final: bool
    gene: str = ""
    foreign: bool = False
    focus: tuple[str, ...] = ()
    specimen: str = ""


def statements(
    observations: Iterable[Resource],
    source: str,
    tables: ReportTables,
    wanted: Container[str] | None = None,
    allowed: Permission = OPEN,
) -> Iterator[Statement]:
    """Every statement of *observations*; withdrawn ones make none.

    What is of one gene only, and that not among *wanted* if these are given, may be left out.
    """
    listed = list(observations)
    genes = {reference(resource): gene_of(resource, tables) for resource in listed}
    panels = {
        member: genes[reference(resource)]
        for resource in listed
        for member in _references(resource, "hasMember")
    }
    strange = {reference(resource) for resource in listed if is_foreign(resource, tables)}
    for resource in listed:
        if wanted is not None and _is_of_another_gene(resource, tables, wanted):
            continue
        withheld = None if allowed.allows(resource) else allowed.gap
        for statement in _of_resource(resource, source, tables, genes.keys()):
            foreign = statement.foreign or not strange.isdisjoint(statement.derived_from)
            gene = statement.gene or _inherited(statement, genes)
            gene = gene or panels.get(statement.evidence.reference, "")
            own = replace(statement, gene=gene, foreign=foreign, withheld=withheld)
            yield from _by_gene(own, tables)


def _by_gene(statement: Statement, tables: ReportTables) -> Iterator[Statement]:
    """*statement*, once for each gene of ours whose variants it tells of."""
    told = {fact.gene for fact in statement.facts}
    genes = sorted(told & tables.genes.keys())
    for gene in genes:
        own = tuple(fact for fact in statement.facts if fact.gene == gene)
        yield replace(statement, gene=gene, foreign=False, facts=own)
    if not genes or (statement.gene and statement.gene not in genes):
        yield replace(statement, foreign=statement.foreign or bool(told), facts=())


def _is_of_another_gene(resource: Resource, tables: ReportTables, wanted: Container[str]) -> bool:
    """A look that most results of a large panel do not pass: is it, as a whole, of no use?"""
    if "contained" in resource or len(as_list(resource, "component")) > 1:
        return False
    gene = gene_of(resource, tables)
    return bool(gene) and gene not in wanted


def _of_resource(
    resource: Resource, source: str, tables: ReportTables, on_file: Container[str]
) -> Iterator[Statement]:
    """The statements of an Observation, or of a report that holds its results itself."""
    if as_text(resource, "resourceType") == "Observation":
        yield from _of_observation(resource, source, tables)
    elif not any(result in on_file for result in _references(resource, "result")):
        yield from _of_report(resource, source, tables)


def _of_report(resource: Resource, source: str, tables: ReportTables) -> Iterator[Statement]:
    """A report without results on file: those in it, else its conclusion, or that it has none."""
    parts = _of_observation(resource, source, tables)
    inside = [part for part in parts if part.texts or part.answers]
    status = as_text(resource, "status")
    if inside or status in WITHDRAWN:
        yield from inside
        return
    concluded = [text for code in as_list(resource, "conclusionCode") for text in texts(code)]
    words = [*concluded, as_text(resource, "conclusion")]
    told = [plain(word) for word in words if word.strip()] or texts(as_dict(resource, "code"))
    own = evidence(resource, source)
    yield Statement(
        gene_of(resource, tables),
        "genotype",
        tuple(dict.fromkeys(told)),
        frozenset(),
        own,
        final=status in FINAL,
        specimen=specimen_of(resource),
    )


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
    foreign = is_foreign(resource, tables) or (outer is not None and outer.foreign)
    gene = gene_of(resource, tables) or (outer.gene if outer is not None else "")
    focus = (*focus_of(resource), *(outer.focus if outer is not None else ()))
    specimen = specimen_of(resource) or (outer.specimen if outer is not None else "")
    scope = Scope(own, final, gene, foreign, focus, specimen)
    contained = [
        inner
        for inner in as_list(resource, "contained")
        if as_text(inner, "resourceType") == "Observation"
    ]
    found = [*_value(resource, scope, tables), *_components(resource, scope, tables)]
    for inner in contained:
        found += _of_observation(inner, source, tables, scope)
    genes = {f"#{as_text(inner, 'id')}": gene_of(inner, tables) for inner in contained}
    for statement in found:
        yield replace(statement, gene=statement.gene or _inherited(statement, genes))


def _is_somatic(resource: Resource, tables: ReportTables) -> bool:
    """Whether a component says that the result is a tumour's, not the patient's."""
    return any(
        tables.answers.get(code) in NOT_GERMLINE
        for part in as_list(resource, "component")
        if (found := result_code(part, tables)) is not None and found.holds == "source-class"
        for code in codings(as_dict(part, "valueCodeableConcept"))
    )


def _value(resource: Resource, scope: Scope, tables: ReportTables) -> Iterator[Statement]:
    """The Observation's own value, if its code is one that we read."""
    found = result_code(resource, tables)
    if found is not None and found.holds == "phase":
        statement = _statement(resource, found, scope, tables)
        if phases := phase(resource, statement.answers):
            yield replace(statement, phases=phases)
    if found is None or found.holds not in READ:
        return
    statement = _statement(resource, found, scope, tables)
    if not statement.texts and not statement.answers:
        if _is_panel(resource, tables):
            return
        if noted := _notes(resource):
            yield replace(statement, holds="note", texts=noted)
            return
    parts = [*as_list(resource, "component"), _as_score(resource)]
    score = next((score for part in parts if (score := _score(part))), "")
    if found.holds != "implication":
        yield replace(statement, score=score)


def _notes(resource: Resource) -> tuple[str, ...]:
    """What is written in place of a result, in R4's, STU3's or DSTU2's element for it.

    Nothing where the report says why it has no result.
    """
    if "dataAbsentReason" in resource:
        return ()
    notes = [as_text(note, "text") for note in as_list(resource, "note")]
    found = (*notes, as_text(resource, "comment"), as_text(resource, "comments"))
    return tuple(note for note in found if note.strip())


def _is_panel(resource: Resource, tables: ReportTables) -> bool:
    """Whether components hold values that we read."""
    found = (result_code(part, tables) for part in as_list(resource, "component"))
    return any(code is not None and code.holds in READ for code in found)


def _components(resource: Resource, scope: Scope, tables: ReportTables) -> Iterator[Statement]:
    """The components that hold a value of their own.

    A gene component names those after it, if the first stands before all values. Otherwise, and
    after a gene that we do not know, a value belongs to no gene unless its text names it.
    """
    named = gene_components(resource, tables)
    gene = scope.gene if len(named) < 2 else ""
    foreign = scope.foreign
    ordered = len(named) < 2 or begins_with_gene(resource, tables)
    for part in as_list(resource, "component"):
        found = result_code(part, tables)
        if found is not None and found.holds == "gene" and len(named) > 1:
            gene = named_gene(gene_value(part), tables) if ordered else ""
            foreign = scope.foreign or (ordered and not gene)
        elif found is not None and found.holds in READ:
            statement = _statement(part, found, replace(scope, gene=gene, foreign=foreign), tables)
            derived = tuple(_derived_from(resource))
            holds = "phenotype" if found.holds == "implication" else found.holds
            yield replace(statement, holds=holds, derived_from=derived)


def _statement(part: Resource, found: ResultCode, scope: Scope, tables: ReportTables) -> Statement:
    concept = as_dict(part, "valueCodeableConcept")
    words = [plain(word) for word in (*texts(concept), as_text(part, "valueString"))]
    if "dataAbsentReason" in part:
        words, concept = [], {}
    answers = {tables.answers[code] for code in codings(concept) if code in tables.answers}
    gene = found.gene or scope.gene
    return Statement(
        gene=gene,
        holds=found.holds,
        texts=tuple(dict.fromkeys(word for word in words if word.strip())),
        answers=frozenset(answers),
        evidence=scope.evidence,
        allele=found.allele,
        final=scope.final,
        derived_from=tuple(_derived_from(part)),
        foreign=scope.foreign,
        facts=tuple(_facts(part, found.holds, gene, scope, tables)),
        focus=scope.focus,
        specimen=scope.specimen,
    )


def _facts(
    part: Resource, holds: str, gene: str, scope: Scope, tables: ReportTables
) -> Iterator[Fact]:
    """The variants that *part* tells of: by components and words, or by the text of a genotype."""
    told: tuple[Fact, ...] = ()
    if holds == "variant":
        told = facts(part, gene, tables)
    elif holds == "genotype":
        told = next(
            (found for text in _values(part) if (found := text_facts(text, gene, tables))), ()
        )
    for fact in told:
        yield replace(fact, sources=fact.sources or frozenset({scope.evidence.reference}))


def _values(part: Resource) -> Iterator[str]:
    told = (*texts(as_dict(part, "valueCodeableConcept")), as_text(part, "valueString"))
    return (plain(text) for text in told)


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


def _as_score(resource: Resource) -> Resource:
    """The resource as an activity score, if that is the unit of its value."""
    unit = as_text(as_dict(resource, "valueQuantity"), "unit").casefold()
    return {**resource, "code": {"text": unit}} if "activity score" in unit else {}


def _references(part: Resource, name: str) -> Iterator[str]:
    for target in as_list(part, name):
        url = as_text(target, "reference")
        yield url if url.startswith("#") else relative(url)


def _derived_from(part: Resource) -> Iterator[str]:
    """What *part* was drawn from: R4's `derivedFrom`, or DSTU2's `related` of that type."""
    related = (
        as_dict(each, "target")
        for each in as_list(part, "related")
        if as_text(each, "type") == "derived-from"
    )
    for target in (*as_list(part, "derivedFrom"), *related):
        url = as_text(target, "reference")
        yield url if url.startswith("#") else relative(url)


def _inherited(statement: Statement, genes: Mapping[str, str]) -> str:
    """The gene of what the statement was derived from, if that is one."""
    named = {genes.get(url, "") for url in statement.derived_from} - {""}
    return named.pop() if len(named) == 1 else ""
