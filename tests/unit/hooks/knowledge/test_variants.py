"""Rows of defining variants to alleles, and every way to name their positions."""

from typing import Any

import pytest

from hooks.clinical.loci import Elsewhere, Loci, Locus, folded, trimmed
from hooks.knowledge import Knowledge, KnowledgeError, load
from hooks.knowledge.variants import definitions, loci
from tests.unit.hooks.knowledge.files import FILES, written

GENE_ROWS = [
    {"gene": "PAIR", "reference": "*1", "transcript": "NM_1", "rule": ""},
    {"gene": "MANY", "reference": "Reference", "transcript": "", "rule": "combines"},
    {"gene": "ROUND", "reference": "Reference", "transcript": "", "copies": "one"},
]
GENE_ROWS = [{"copies": "two", "rule": "", "not_called": ""} | row for row in GENE_ROWS]


def row(gene: str, allele: str, position: int, change: str, **more: str) -> dict[str, str]:
    ref, _, alt = change.partition(">")
    chromosome = {"PAIR": "chr1", "MANY": "chr2", "ROUND": "chrM"}[gene]
    blank = {"shift": "0", "rsid": "", "position_37": "", "ref_37": ""}
    named = {"gene": gene, "allele": allele, "chromosome": chromosome, "position": f"{position}"}
    return blank | named | {"ref": ref, "alt": alt} | more


VARIANT_ROWS = [
    row("PAIR", "*2", 100, "G>A", rsid="rs100", position_37="90"),
    row("PAIR", "*3@1", 100, "G>R", rsid="rs100", position_37="90"),
    row("PAIR", "*3@1", 101, "C>T", position_37="91", ref_37="T"),
    row("PAIR", "*4", 200, "TAG>T", shift="3", position_37="190"),
    row("PAIR", "*5", 300, "C>CAG", shift="4", position_37="290"),
    row("PAIR", "*6", 400, "AC>GT", position_37="390"),
    row("PAIR", "*7", 500, "C>CA", position_37="490"),
    row("MANY", "c.7A>G (old)", 70, "A>G"),
    row("MANY", "c.7A>G, c.8A>G", 70, "A>G"),
    row("MANY", "c.7A>G, c.8A>G", 71, "A>G"),
    row("ROUND", "m.10A>G", 10, "A>G", position_37="10"),
]
NAME_ROWS = [
    {"gene": "PAIR", "name": "c.10C>T", "position": "100", "ref": "G", "alt": "A"},
    {"gene": "PAIR", "name": "p.A4V", "position": "100", "ref": "G", "alt": "A"},
]
SEQUENCE_ROWS = [
    {"accession": "NC_000001.11", "assembly": "GRCh38", "chromosome": "chr1"},
    {"accession": "NC_000001.10", "assembly": "GRCh37", "chromosome": "chr1"},
    {"accession": "NC_000002.12", "assembly": "GRCh38", "chromosome": "chr2"},
    {"accession": "NC_000002.11", "assembly": "GRCh37", "chromosome": "chr2"},
    {"accession": "NC_012920.1", "assembly": "GRCh38", "chromosome": "chrM"},
]
GENES = definitions(GENE_ROWS, VARIANT_ROWS)
LOCI = loci(GENES, GENE_ROWS, VARIANT_ROWS, NAME_ROWS, SEQUENCE_ROWS)
ELSEWHERE, UNTOLD = "elsewhere", "cannot be told"


def lies(name: str, gene: str = "PAIR", at: Loci = LOCI) -> str:
    """Where *name* lies, as `position normal>letter`."""
    found = at.named(name, gene)
    if isinstance(found, Locus):
        return f"{found.site.position} {found.normal}>{found.letter}"
    return ELSEWHERE if isinstance(found, Elsewhere) else UNTOLD


def test_an_ambiguous_base_is_either_of_two() -> None:
    changes = dict(GENES["PAIR"].alleles)
    assert changes["*1"] == {}
    assert changes["*3"] == {100: frozenset("AG"), 101: frozenset("T")}
    assert GENES["PAIR"].sites[100].letters == ("G", "A")


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("rs100", "100 G>"),
        ("RS100", "100 G>"),
        ("rs999", UNTOLD),
        ("NC_000001.11:g.100G>A", "100 G>A"),
        ("NC_000001.11(PAIR):g.100G>A", "100 G>A"),
        ("NC_000001.10:g.90G>A", "100 G>A"),
        ("NC_000001.10:g.91T>C", "101 T>C"),
        ("NC_000001.11:g.100=", "100 G>G"),
        ("NC_000001.11:g.100G=", "100 G>G"),
        ("NC_000001.11:g.100G>T", "100 >?"),
        ("NC_000001.11:g.100A>G", "100 >?"),
        ("NC_000001.11:g.99_100del", "100 >?"),
        ("NC_000001.11:g.102G>A", ELSEWHERE),
        ("NC_000001.11:g.1000_2000dup", ELSEWHERE),
        ("NC_000009.11:g.100G>A", UNTOLD),
        ("g.100G>A", UNTOLD),
    ],
)
def test_a_position_has_many_names(name: str, where: str) -> None:
    assert lies(name) == where


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("NC_000001.11:99:G:A", "100 G>A"),
        ("NC_000001.10:89:G:A", "100 G>A"),
        ("NC_000001.11:98:CG:CA", "100 G>A"),
        ("NC_000001.11:99:G:G", "100 G>G"),
        ("NC_000001.11:99:A:A", ELSEWHERE),
        ("NC_000001.11:49:A:A", ELSEWHERE),
        ("NC_000001.11:99:G:T", "100 >?"),
        ("NC_000009.11:99:G:A", UNTOLD),
    ],
)
def test_spdi_counts_from_0(name: str, where: str) -> None:
    assert lies(name) == where


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("NC_000001.11:g.201_202del", "200 TAG>T"),
        ("NC_000001.11:g.201_202delAG", "200 TAG>T"),
        ("NC_000001.11:g.202_203del", "200 TAG>T"),
        ("NC_000001.11:g.204_205del", "200 TAG>T"),
        ("NC_000001.11:g.205_206del", ELSEWHERE),
        ("NC_000001.11:200:AGAGA:AGA", "200 TAG>T"),
        ("NC_000001.11:199:TAG:T", "200 TAG>T"),
        ("NC_000001.11:g.300_301insAG", "300 C>CAG"),
        ("NC_000001.11:g.301_302insGA", "300 C>CAG"),
        ("NC_000001.11:g.303_304dup", "300 C>CAG"),
        ("NC_000001.11:g.301_302dupAG", "300 C>CAG"),
        ("NC_000001.11:300:AGAG:AGAGAG", "300 C>CAG"),
        ("NC_000001.11:g.400_401delinsGT", "400 AC>GT"),
        ("NC_000001.11:g.400_401delACinsGT", "400 AC>GT"),
        ("NC_000001.11:g.500_501insA", "500 C>CA"),
        ("NC_000001.11:g.501dup", ELSEWHERE),
    ],
)
def test_an_insertion_or_deletion_may_be_written_at_any_place_of_its_repeat(
    name: str, where: str
) -> None:
    assert lies(name) == where


@pytest.mark.parametrize(
    ("name", "gene", "where"),
    [
        ("c.10C>T", "PAIR", "100 G>A"),
        ("NM_1.2:c.10C>T", "PAIR", "100 G>A"),
        ("NM_1.2(PAIR):c.10C>T (p.Ala4Val)", "PAIR", UNTOLD),
        ("NM_1.2:c.10C>T", "MANY", ELSEWHERE),
        ("NM_2.2:c.10C>T", "PAIR", UNTOLD),
        ("c.10=", "PAIR", "100 G>G"),
        ("c.10C=", "PAIR", "100 G>G"),
        ("c.11C>T", "PAIR", ELSEWHERE),
        ("c.11del", "PAIR", UNTOLD),
        ("c.11C>T", "ROUND", UNTOLD),
        ("p.Ala4Val", "PAIR", "100 G>A"),
        ("p.(Ala4Val)", "PAIR", "100 G>A"),
        ("p.A4V", "PAIR", "100 G>A"),
        ("p.A5V", "PAIR", UNTOLD),
        ("c.7A>G", "MANY", "70 A>G"),
        ("c.7A>G, c.8A>G", "MANY", UNTOLD),
        ("m.10A>G", "ROUND", "10 A>G"),
        ("NC_012920.1:m.10A>G", "", "10 A>G"),
        ("m.10A>G", "PAIR", UNTOLD),
        ("m.10A>G", "", UNTOLD),
        ("m.11A>G", "ROUND", ELSEWHERE),
    ],
)
def test_a_name_on_a_transcript_is_of_its_gene(name: str, gene: str, where: str) -> None:
    assert lies(name, gene) == where


@pytest.mark.parametrize(
    ("name", "gene", "where"),
    [
        ("NC_000002.12:g.70A>G", "MANY", "70 A>G"),
        ("NC_000002.11:g.60A>G", "MANY", UNTOLD),
        ("NC_000002.11:g.60A>G", "", ELSEWHERE),
    ],
)
def test_a_position_without_a_source_for_grch37_cannot_be_told_by_it(
    name: str, gene: str, where: str
) -> None:
    assert lies(name, gene) == where


def test_a_change_without_a_length_is_elsewhere() -> None:
    assert lies("NC_000001.11:g.0_") == ELSEWHERE


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ((5, "CA", "CT"), (6, "A", "T")),
        ((5, "AA", "A"), (5, "A", "")),
        ((5, "", "A"), (5, "", "A")),
    ],
)
def test_what_both_sequences_share_is_no_change(change: Any, expected: Any) -> None:
    assert trimmed(*change) == expected


def test_names_are_compared_without_what_may_be_left_out() -> None:
    assert folded("c.12_13delTC") == folded("c.12_13del")
    assert folded("p.(Trp5Ter)") == "p.w5x"


def read(changes: dict[str, str], folder: Any) -> Knowledge:
    return load(written(folder, changes))


def test_the_tables_are_read_from_files(tmp_path: Any) -> None:
    knowledge = read({}, tmp_path)
    assert lies("rs1001", at=knowledge.loci) == "100 G>"
    assert knowledge.report_tables.codes["dbsnp", "rs1001"].gene == "PAIR"
    assert knowledge.loci.partial == {"SCORED"}


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("allele_variants", "chr1,100", "chr1,many"),
        ("variant_genes", "SCORED,*1", "OTHER,*1"),
        ("variant_names", "c.10C>T,100", "c.10C>T,101"),
    ],
)
def test_a_row_that_cannot_be_read_stops_the_start(
    table: str, old: str, new: str, tmp_path: Any
) -> None:
    text = FILES[f"{table}.csv"]
    assert old in text
    with pytest.raises(KnowledgeError, match=r"allele_variants\.csv: a row cannot be read"):
        read({f"{table}.csv": text.replace(old, new)}, tmp_path)
