"""Which gene a report, a result or a component is about: by code, component, extension or word."""

from hooks.clinical.codes import ReportTables, ResultCode
from hooks.reading.resources import Resource, as_dict, as_list, as_text, codings

READ = ("genotype", "haplotype", "typing", "status", "phenotype", "implication", "risk", "variant")


def result_code(part: Resource, tables: ReportTables) -> ResultCode | None:
    """What the code of *part* says that it holds; a gene's own code goes before a general one."""
    first: ResultCode | None = None
    for code in codings(as_dict(part, "code")):
        known = tables.codes.get(code)
        if known is not None and known.gene:
            return known
        first = first or known
    return first


def gene_of(resource: Resource, tables: ReportTables) -> str:
    """The gene that an Observation as a whole is about: by its code, component or extension."""
    found = result_code(resource, tables)
    if found is not None and found.gene:
        return found.gene
    named = {*gene_components(resource, tables), *_gene_extensions(resource, tables)}
    return named.pop() if len(named) == 1 else ""


def is_foreign(resource: Resource, tables: ReportTables) -> bool:
    """Whether the Observation as a whole names genes, and none of them is ours."""
    named = [*gene_components(resource, tables), *_gene_extensions(resource, tables)]
    return bool(named) and not any(named)


def begins_with_gene(resource: Resource, tables: ReportTables) -> bool:
    """Whether a gene component stands before every component with a value."""
    held = [
        found.holds
        for part in as_list(resource, "component")
        if (found := result_code(part, tables)) is not None
    ]
    return next((holds for holds in held if holds == "gene" or holds in READ), "") == "gene"


def gene_components(resource: Resource, tables: ReportTables) -> list[str]:
    """The genes that components name, in order; empty text for one that we do not know."""
    return [
        named_gene(gene_value(part), tables)
        for part in as_list(resource, "component")
        if (code := result_code(part, tables)) is not None and code.holds == "gene"
    ]


def _gene_extensions(resource: Resource, tables: ReportTables) -> list[str]:
    """The genes that extensions of older reports name; empty text for one that we do not know."""
    return [
        named_gene(as_dict(extension, "valueCodeableConcept"), tables)
        for extension in as_list(resource, "extension")
        if as_text(extension, "url").endswith("/observation-geneticsGene")
    ]


def gene_value(part: Resource) -> Resource:
    """The gene that a component names, coded or as a string."""
    return as_dict(part, "valueCodeableConcept") or {"text": as_text(part, "valueString")}


def named_gene(concept: Resource, tables: ReportTables) -> str:
    """The gene of an HGNC coding or of its symbol; empty if they disagree or are not known."""
    coded = (code.casefold() for system, code in codings(concept) if system == "hgnc")
    by_code = {tables.gene_codes.get(code, "") for code in coded}
    displays = [as_text(coding, "display") for coding in as_list(concept, "coding")]
    words = (*displays, as_text(concept, "text"))
    by_word = {tables.gene_codes.get(word.casefold().strip(), "") for word in words if word}
    named = (by_code | by_word) - {""}
    return named.pop() if len(named) == 1 else ""
