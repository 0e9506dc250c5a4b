"""Variant results to diplotypes, from FHIR JSON, with the alleles that we ship."""

import json
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given

from hooks.clinical.facts import GeneResult, Missing, Why
from hooks.evaluate import read_facts
from hooks.reading.genotypes import AGAINST_ALLELES, gene_record
from hooks.reading.resources import Answer, Fetched
from tests.unit.hooks.reading import (
    ABSENT,
    KNOWLEDGE,
    REPORTS,
    Json,
    alleles,
    bundle,
    coded,
    component,
    fetched,
    gene,
    json_of,
    loinc,
    missing,
    observation,
    read,
    result,
)

SITES = {symbol: list(each.sites.values()) for symbol, each in REPORTS.loci.genes.items()}
PRESENT, GONE, NO_CALL = (
    loinc("LA9633-4", "Present"),
    loinc("LA9634-2", "Absent"),
    loinc("LA18198-4", "No call"),
)
STATES = {
    "heterozygous": loinc("LA6706-1", "Heterozygous"),
    "homozygous": loinc("LA6705-3", "Homozygous"),
    "hemizygous": loinc("LA6707-9", "Hemizygous"),
    "heteroplasmic": loinc("LA6703-8", "Heteroplasmic"),
    "homoplasmic": loinc("LA6704-6", "Homoplasmic"),
}
STAR2, STAR17, MARK = "rs4244285", "rs12248560", "rs3758581"
HAPB3, PROXY, STAR2A, D949V = "rs75017182", "rs56038477", "rs3918290", "rs67376798"


def named(name: str) -> Json:
    return component("81252-9", coded("dbsnp", name, name))


def state(name: str) -> Json:
    return component("53034-5", STATES[name])


def start(at: object) -> Json:
    return {"code": loinc("81254-5"), "valueRange": {"low": {"value": at}}}


def sequence(accession: str) -> Json:
    return component("48013-7", coded("http://www.ncbi.nlm.nih.gov/nuccore", accession))


def letters(ref: str, alt: str) -> list[Json]:
    return [component("69547-8", ref), component("69551-0", alt)]


def variant(*parts: Json, of: object = PRESENT, name: str = "v1", **elements: object) -> Json:
    return observation("69548-6", of, id=name, component=list(parts), **elements)


def seen(rsid: str, how: str = "heterozygous", **elements: object) -> Json:
    """One variant, by its rsID, in its own Observation."""
    of = GONE if how == "absent" else PRESENT
    parts = [named(rsid)] + ([state(how)] if how in STATES else [])
    return variant(*parts, of=of, name=f"v-{rsid}", **elements)


def all_but(symbol: str, **found: str) -> list[Json]:
    """Every position of a gene, absent but for *found*: rsID=how."""
    others = [site.rsid for site in SITES[symbol] if site.rsid not in found]
    return [seen(rsid, "absent") for rsid in others] + [seen(*each) for each in found.items()]


def phase(how: str, first: str, second: str) -> Json:
    url = "https://ehr.example/fhir/Observation/v-"
    sources = [{"reference": f"{url}{name}"} for name in (first, second)]
    return observation("82120-7", coded("phase", how), id="p1", derivedFrom=sources)


def test_one_position_leaves_every_allele_possible_that_has_it() -> None:
    found = alleles("CYP2C19", seen(STAR2))
    assert {"*1/*2", "*2/*3", "*2/*17", "*2/*38"} <= found
    assert not {"*1/*1", "*2/*2", "*1/*38"} & found


def test_all_positions_leave_one_diplotype() -> None:
    found = all_but(
        "CYP2C19", rs4244285="heterozygous", rs12769205="heterozygous", rs3758581="homozygous"
    )
    assert alleles("CYP2C19", *found) == {"*1/*2"}


def test_the_reference_haplotype_is_38_and_not_1() -> None:
    assert alleles("CYP2C19", *all_but("CYP2C19")) == {"*38/*38"}
    assert alleles("CYP2C19", *all_but("CYP2C19", rs3758581="heterozygous")) == {"*1/*38"}


def test_all_results_of_a_test_are_its_evidence() -> None:
    assert len(result("CYP2C19", seen(STAR2), seen(STAR17, "absent")).evidence) == 2


@pytest.mark.parametrize(
    "parts",
    [
        [named(STAR2)],
        [named(STAR2), *letters("G", "A")],
        [named("RS4244285")],
        [component("81252-9", {"text": "NC_000010.11:94781858:G:A"})],
        [component("81290-9", coded("hgvs", "NC_000010.11:g.94781859G>A"))],
        [component("48004-6", coded("hgvs", "NM_000769.4:c.681G>A")), gene("CYP2C19")],
        [component("48004-6", "c.681G>A"), gene("CYP2C19")],
        [sequence("NC_000010.11"), start(94781859), *letters("G", "A")],
        [sequence("NC_000010.11"), start(94781859.0), *letters("g", "a")],
        [sequence("NC_000010.10"), start(96541616), *letters("G", "A")],
        [
            component("62374-4", loinc("LA14029-5", "GRCh37")),
            *(gene("CYP2C19"), start(96541616), *letters("G", "A")),
        ],
        [
            component("92822-6", loinc("LA30100-4", "0-based interval counting")),
            *(sequence("NC_000010.11"), start(94781858), *letters("G", "A")),
        ],
        [
            component("92822-6", loinc("LA30102-0", "1-based character counting")),
            *(sequence("NC_000010.11"), start(94781859), *letters("G", "A")),
        ],
        [named(STAR2), component("81252-9", coded("clinvar", "16897")), gene("CYP2C19")],
        [named(STAR2), component("82155-3", "") | {"valueQuantity": {"value": 2}}],
    ],
    ids=[
        *("rsID", "rsID and letters", "upper case", "SPDI", "g.", "c. on a transcript", "c."),
        *("coordinates", "as a decimal", "GRCh37", "GRCh37 by name", "0-based", "1-based"),
        *("another name", "two copies"),
    ],
)
def test_a_variant_is_found_by_any_of_its_names(parts: list[Json]) -> None:
    expected = alleles("CYP2C19", seen(STAR2))
    assert alleles("CYP2C19", variant(*parts, state("heterozygous"))) == expected


def test_the_code_itself_may_name_the_variant() -> None:
    code = coded("dbsnp", STAR2)
    expected = alleles("CYP2C19", seen(STAR2))
    assert alleles("CYP2C19", observation(code, "G/A")) == expected
    assert alleles("CYP2C19", observation(code, STATES["heterozygous"])) == expected
    panel = observation("82118-1", component=[{"code": code, "valueString": "G/A"}])
    assert alleles("CYP2C19", panel) == expected


@pytest.mark.parametrize(
    "text",
    [
        "rs4244285 G/A",
        "rs4244285: GA",
        "rs4244285 (A;G)",
        "NC_000010.11:94781858:G:A heterozygous",
        "CYP2C19 c.681G>A heterozygous",
        "NC_000010.10:g.96541616G>A, heterozygous",
    ],
)
def test_the_text_of_a_genotype_may_name_variants(text: str) -> None:
    expected = alleles("CYP2C19", seen(STAR2))
    assert alleles("CYP2C19", observation("84413-4", text, component=[gene("CYP2C19")])) == expected
    assert alleles("CYP2C19", variant(gene("CYP2C19"), of=text)) == expected


def test_one_text_may_tell_of_several_genes() -> None:
    found = read(observation("84413-4", "rs4244285 G/A; rs3918290 C/T"))
    assert set(found.found) == {"CYP2C19", "DPYD"}
    beside = read(observation("84413-4", "rs3918290 C/T", component=[gene("CYP2C19")]))
    gaps = [beside.get(symbol) for symbol in ("DPYD", "CYP2C19")]
    assert [gap.why for gap in gaps if isinstance(gap, Missing)] == [Why.UNREADABLE] * 2


def test_several_variants_may_stand_in_one_observation() -> None:
    both = variant(
        *(
            named(STAR2),
            state("homozygous"),
            named(STAR17),
            *letters("C", "C"),
            state("homozygous"),
        ),
    )
    expected = alleles("CYP2C19", seen(STAR2, "homozygous"), seen(STAR17, "absent"))
    assert alleles("CYP2C19", both) == expected
    parts = [
        {"code": loinc("69548-6"), "valueString": t} for t in ("rs4244285 G/A", "rs12248560 C/C")
    ]
    panel = observation("82118-1", component=[gene("CYP2C19"), *parts])
    assert alleles("CYP2C19", panel) == alleles("CYP2C19", seen(STAR2), seen(STAR17, "absent"))
    lines = variant(of="rs4244285 G/A; rs12248560 C/C")
    assert alleles("CYP2C19", lines) == alleles("CYP2C19", panel)


@pytest.mark.parametrize(
    ("parts", "of", "detail"),
    [
        ([named(STAR2), *letters("C", "T")], PRESENT, "has letters that no named allele has"),
        ([named(STAR2), *letters("G", "T")], PRESENT, "has letters that no named allele has"),
        ([named(STAR2)], "C/T", "has letters that no named allele has"),
        ([named(STAR2)], "A/A wild type", "does not say plainly what was found"),
        ([named(STAR2), named(STAR17)], "", "does not say plainly what was found"),
        ([named(STAR2), gene("DPYD")], PRESENT, "names two different variants"),
        (
            [named(STAR2), component("81290-9", "NC_000010.11:g.94781861G>A")],
            *(PRESENT, "names two different variants"),
        ),
        ([named(STAR2)], ABSENT, "does not say plainly what was found"),
        ([named(STAR2)], "probably present", "does not say plainly what was found"),
        ([named(STAR2), state("homozygous")], GONE, "does not say plainly what was found"),
        ([named(STAR2)], "G/G heterozygous", "does not say plainly what was found"),
        ([named(STAR2)], NO_CALL, "has no position that could be called"),
        ([named(STAR2)], loinc("LA11884-6"), "has no position that could be called"),
        ([gene("CYP2C19")], PRESENT, "is a variant that cannot be placed"),
        (
            [gene("CYP2C19"), component("48004-6", "c.332-23del")],
            *(PRESENT, "is a variant that cannot be placed"),
        ),
        (
            [gene("CYP2C19"), start(94781859), *letters("G", "A")],
            *(PRESENT, "is a variant that cannot be placed"),
        ),
        (
            [named(STAR2), component("82155-3", "") | {"valueQuantity": {"value": 3}}],
            *(PRESENT, "tells of deleted or added copies, which variants cannot be read with"),
        ),
        (
            [gene("CYP2C19"), component("82155-3", "") | {"valueQuantity": {"value": 1}}],
            *(PRESENT, "tells of deleted or added copies, which variants cannot be read with"),
        ),
    ],
)
def test_a_variant_that_cannot_be_read_is_told(parts: list[Json], of: object, detail: str) -> None:
    told = missing("CYP2C19", variant(*parts, of=of))
    assert (told.why, told.detail) == (Why.UNREADABLE, f"Observation/v1 {detail}")


def test_letters_of_the_other_strand_are_not_turned_silently() -> None:
    told = missing("DPYD", observation("84413-4", "rs3918290 G/A", component=[gene("DPYD")]))
    assert told.why is Why.UNREADABLE


def test_one_variant_that_cannot_be_used_makes_the_whole_test_unreadable() -> None:
    strange = variant(named(STAR17), *letters("C", "G"), state("heterozygous"))
    assert missing("CYP2C19", seen(STAR2), strange).why is Why.UNREADABLE


def test_a_data_absent_reason_is_a_position_that_was_not_called() -> None:
    absent = variant(named(STAR2), of=ABSENT, dataAbsentReason={"text": "failed"})
    assert missing("CYP2C19", absent).detail.endswith("has no position that could be called")
    found = alleles("CYP2C19", absent, seen(STAR17))
    assert found == alleles("CYP2C19", seen(STAR17))


@pytest.mark.parametrize(
    "parts",
    [
        [gene("DPYD")],
        [gene("DPYD"), component("48004-6", "c.1896T>G")],
        [gene("DPYD"), component("81290-9", "NC_000001.11:g.97450057C>T")],
        [gene("DPYD"), named("rs999999999")],
        [gene("DPYD"), component("82155-3", "") | {"valueQuantity": {"value": 2}}],
    ],
    ids=["absent", "c.", "g.", "rsID", "two copies"],
)
def test_a_variant_at_no_position_of_ours_changes_nothing(parts: list[Json]) -> None:
    of = GONE if len(parts) == 1 else PRESENT
    assert missing("DPYD", variant(*parts, of=of)).why is Why.NOT_RECORDED
    assert alleles("DPYD", variant(*parts, of=of), *all_but("DPYD")) == {"Reference/Reference"}


@pytest.mark.parametrize(
    "parts",
    [
        [component("48005-3", "p.Trp212Ter"), named("rs999999999")],
        [component("48005-3", "p.(Leu100Profs*5)")],
        [named("rs999999999"), component("53037-8", loinc("LA6668-3", "Pathogenic"))],
    ],
    ids=["a stop", "a frameshift", "pathogenic"],
)
def test_a_variant_beside_the_named_alleles_that_changes_the_function_is_told(
    parts: list[Json],
) -> None:
    told = missing("DPYD", variant(gene("DPYD"), *parts))
    assert told.detail == (
        "Observation/v1 tells of a variant beside the named alleles that changes the function"
    )


@pytest.mark.parametrize(
    "parts",
    [
        [named("rs999999999")],
        [component("81290-9", "NC_000017.11:g.43045712T>C")],
        [component("48018-6", coded("hgvs", "BRCA1")), component("48004-6", "c.68_69del")],
    ],
)
def test_a_variant_of_no_gene_of_ours_is_passed_over(parts: list[Json]) -> None:
    found = read(variant(*parts))
    assert found.found == {}
    assert found.remarks == ()


def test_a_variant_that_names_neither_gene_nor_position_may_be_of_any() -> None:
    assert read(variant(component("48004-6", "c.68_69del"))).remarks != ()


@pytest.mark.parametrize("code", ["LA6684-0", "LA18195-0", "LA10429-1"])
def test_a_variant_that_is_not_inherited_is_not_the_patients(code: str) -> None:
    assert read(variant(named(STAR2), component("48002-0", loinc(code)))).found == {}


def test_a_variant_result_that_is_not_final_is_not_read() -> None:
    told = missing("CYP2C19", seen(STAR2, status="preliminary"))
    assert told.detail.endswith("is not final")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, "Reference/Reference"),
        ({HAPB3: "heterozygous", PROXY: "heterozygous"}, "Reference/{hapb3}"),
        ({HAPB3: "homozygous", PROXY: "homozygous"}, "{hapb3}/{hapb3}"),
        (
            {HAPB3: "heterozygous", PROXY: "heterozygous", STAR2A: "heterozygous"},
            "{hapb3}/c.1905+1G>A (*2A)",
        ),
        (
            {HAPB3: "heterozygous", PROXY: "heterozygous"}
            | {STAR2A: "heterozygous", D949V: "heterozygous"},
            "{hapb3}/c.1905+1G>A (*2A)/c.2846A>T",
        ),
        ({HAPB3: "heterozygous"}, "Reference/c.1129-5923C>G"),
        (
            {STAR2A: "homozygous", D949V: "heterozygous"},
            "c.1905+1G>A (*2A)/c.1905+1G>A (*2A)/c.2846A>T",
        ),
    ],
)
def test_dpyd_is_read_by_its_variants(found: dict[str, str], expected: str) -> None:
    hapb3 = "c.1129-5923C>G, c.1236G>A (HapB3)"
    assert alleles("DPYD", *all_but("DPYD", **found)) == {expected.format(hapb3=hapb3)}


def test_the_proxy_of_hapb3_alone_is_not_hapb3_if_its_cause_was_tested() -> None:
    told = missing("DPYD", *all_but("DPYD", **{PROXY: "heterozygous"}))
    assert told.why is Why.UNREADABLE
    untested = alleles("DPYD", seen(PROXY))
    assert "Reference/c.1129-5923C>G, c.1236G>A (HapB3)" in untested


def test_phase_puts_variants_on_one_chromosome_or_on_two() -> None:
    told = all_but("DPYD", **{STAR2A: "heterozygous", D949V: "heterozygous"})
    assert alleles("DPYD", *told) == {"c.1905+1G>A (*2A)/c.2846A>T"}
    trans = phase("Trans", STAR2A, D949V)
    assert alleles("DPYD", *told, trans) == {"c.1905+1G>A (*2A)/c.2846A>T"}
    cis = phase("Cis", STAR2A, D949V)
    assert alleles("DPYD", *told, cis) == {"Reference/c.1905+1G>A (*2A) + c.2846A>T"}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("Unknown", {"*1/*3A", "*3B/*3C"}),
        ("Cis", {"*1/*3A"}),
        ("Trans", {"*3B/*3C"}),
    ],
)
def test_phase_decides_between_tpmt_3a_and_3b_3c(how: str, expected: set[str]) -> None:
    told = all_but("TPMT", rs1800460="heterozygous", rs1142345="absent")
    told[-1] = variant(
        named("rs1142345"), *letters("T", "C"), state("heterozygous"), name="v-rs1142345"
    )
    told += [
        variant(
            sequence("NC_000006.12"),
            start(site.position),
            *letters(site.reference, alt),
            of=GONE,
            name=f"s{i}{alt}",
        )
        for i, site in enumerate(SITES["TPMT"])
        if not site.rsid
        for alt in site.letters[1:]
    ]
    assert alleles("TPMT", *told, phase(how, "rs1800460", "rs1142345")) == expected


def test_a_phase_that_is_not_plain_says_nothing() -> None:
    one = observation("82120-7", coded("phase", "Cis"), id="p1")
    told = all_but("DPYD", **{STAR2A: "heterozygous", D949V: "heterozygous"})
    assert alleles("DPYD", *told, one) == {"c.1905+1G>A (*2A)/c.2846A>T"}
    assert read(one).remarks == ()


def test_contained_results_may_be_in_phase() -> None:
    inner = [seen(STAR2A), seen(D949V)]
    sources = [{"reference": f"#v-{name}"} for name in (STAR2A, D949V)]
    cis = observation("82120-7", coded("phase", "Cis"), derivedFrom=sources, id="p1")
    panel = observation("81247-9", id="panel", contained=[*inner, cis])
    others = [
        seen(site.rsid, "absent") for site in SITES["DPYD"] if site.rsid not in {STAR2A, D949V}
    ]
    expected = {"Reference/c.1905+1G>A (*2A) + c.2846A>T"}
    assert alleles("DPYD", panel, *others) == expected


def test_grch37_may_have_another_reference() -> None:
    parts = [sequence("NC_000001.10"), start(98348885), *letters("G", "A")]
    assert "Reference/Reference" not in alleles("DPYD", variant(*parts, of=GONE))
    assert "Reference/Reference" in alleles("DPYD", variant(*parts, state("homozygous")))
    assert "Reference/c.85T>C (*9A)" in alleles("DPYD", variant(*parts, state("heterozygous")))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([*letters("C", "C"), state("homozygous")], "*38/*38"),
        ([*letters("C", "."), state("homozygous")], "*38/*38"),
        ([*letters("C", "T"), state("homozygous")], "*17/*17"),
    ],
)
def test_a_wild_type_may_be_written_as_present(parts: list[Json], expected: str) -> None:
    at = [sequence("NC_000010.10"), start(96521657)]
    found = alleles("CYP2C19", variant(*at, *parts))
    assert expected in found
    assert not {"*38/*38", "*17/*17"} - {expected} & found


def test_a_wild_type_that_is_heterozygous_is_not_plain() -> None:
    parts = [sequence("NC_000010.10"), start(96521657), *letters("C", "C"), state("heterozygous")]
    assert missing("CYP2C19", variant(*parts)).detail.endswith(
        "does not say plainly what was found"
    )


def test_a_position_without_its_letter_leaves_all_of_them_possible() -> None:
    parts = [named("rs1142345"), state("heterozygous")]
    assert "*1/*3C" in alleles("TPMT", variant(*parts))
    at = [
        sequence("NC_000006.12"),
        start(18130687),
        component("69547-8", "T"),
        state("heterozygous"),
    ]
    assert missing("TPMT", variant(*at)).detail.endswith("has letters that no named allele has")


def test_coordinates_of_two_assemblies_at_once_are_of_none() -> None:
    parts = [
        component("62374-4", loinc("LA14029-5", "GRCh37")),
        *(sequence("NC_000010.11"), start(94781859), *letters("G", "A"), gene("CYP2C19")),
    ]
    assert missing("CYP2C19", variant(*parts)).detail.endswith("cannot be placed")


@pytest.mark.parametrize("at", [True, "94781859", None, 94781859.5, 1e300])
def test_a_start_that_is_no_number_is_no_place(at: object) -> None:
    parts = [sequence("NC_000010.11"), start(at), *letters("G", "A"), gene("CYP2C19")]
    assert missing("CYP2C19", variant(*parts)).detail.endswith("cannot be placed")


def test_a_position_on_a_transcript_is_not_one_on_the_genome() -> None:
    parts = [
        component("51958-7", coded("refseq", "NM_000769.4")),
        component("62374-4", loinc("LA26806-2", "GRCh38")),
        *(start(681), *letters("G", "A"), gene("CYP2C19")),
    ]
    assert missing("CYP2C19", variant(*parts)).detail.endswith("cannot be placed")


def in_men(sex: str, *observations: Json) -> set[str]:
    answers: dict[str, Answer] = {
        "genotypes": fetched(*observations),
        "patient": fetched_patient(sex),
    }
    found = read_facts(answers, "p1", KNOWLEDGE, date(2026, 11, 21)).genes.get("G6PD")
    assert isinstance(found, GeneResult), found
    return {str(candidate) for candidate in found.candidates}


def fetched_patient(sex: str) -> Answer:
    answer = fetched()
    patient = {"resourceType": "Patient", "id": "p1", "gender": sex}
    return type(answer)(patient, answer.source)


def test_a_man_has_one_allele_of_a_gene_on_x() -> None:
    a_minus = [seen("rs1050828", "homozygous"), seen("rs1050829", "homozygous")]
    assert "A- 202A_376G" in in_men("male", *a_minus)
    assert "A- 202A_376G/A- 202A_376G" in in_men("female", *a_minus)
    hemizygous = [seen("rs1050828", "hemizygous"), seen("rs1050829", "hemizygous")]
    assert in_men("female", *hemizygous) == in_men("male", *a_minus)


def test_cyp2d6_is_not_called_from_small_variants() -> None:
    told = missing("CYP2D6", seen("rs3892097"))
    assert "cannot be told from small variants" in told.detail
    star = observation("84413-4", "*1/*4", component=[gene("CYP2D6")])
    beside = result("CYP2D6", star, seen("rs3892097"))
    assert {str(each) for each in beside.candidates} == {"*1/*4"}
    assert beside.remarks == ()


def star(text: str, **elements: object) -> Json:
    return observation("84413-4", text, id="g1", component=[gene("CYP2C19")], **elements)


def test_variants_beside_the_alleles_they_were_read_into_are_only_evidence() -> None:
    found = result("CYP2C19", star("*1/*2"), seen(STAR2), seen(STAR17, "absent"))
    assert {str(each) for each in found.candidates} == {"*1/*2"}
    assert (len(found.evidence), found.remarks, found.doubted) == (3, (), False)


def test_alleles_of_another_name_that_are_judged_alike_are_no_contradiction() -> None:
    found = result("CYP2C19", star("*1/*1"), *all_but("CYP2C19"))
    assert {str(each) for each in found.candidates} == {"*1/*1"}
    assert found.remarks == ()


@pytest.mark.parametrize("day", ["2024-05-01", "2023-01-01"])
def test_variants_that_contradict_the_named_alleles_are_a_conflict(day: str) -> None:
    found = result("CYP2C19", star("*1/*1"), seen(STAR2, "homozygous", effectiveDateTime=day))
    assert found.remarks == (Missing("CYP2C19", Why.CONFLICTING, AGAINST_ALLELES),)
    assert {"*1/*1", "*2/*2"} <= {str(each) for each in found.candidates}


def test_alleles_without_a_phenotype_contradict_what_they_do_not_equal() -> None:
    found = result("CYP2C19", star("*1/*43"), seen(STAR2, "homozygous"))
    assert [remark.why for remark in found.remarks] == [Why.CONFLICTING]


def test_a_newer_test_of_the_same_laboratory_replaces_the_older_variants() -> None:
    old = seen(STAR2, "homozygous", effectiveDateTime="2020-01-01")
    new = variant(named(STAR2), of=GONE, name="v2")
    assert "*2/*2" not in alleles("CYP2C19", old, new)
    other = {"performer": [{"display": "Other Laboratory"}]}
    assert "*2/*2" in alleles("CYP2C19", old | other, new)


def test_results_without_laboratory_and_day_are_of_one_test() -> None:
    bare = {"performer": ABSENT, "effectiveDateTime": ABSENT}
    found = alleles("CYP2C19", seen(STAR2, **bare), seen(STAR17, **bare))
    assert found == alleles("CYP2C19", seen(STAR2), seen(STAR17))


def test_variants_that_were_not_tested_leave_a_doubt_beside_two_that_were() -> None:
    both = [seen("rs1801265"), seen("rs1801159")]
    found = result("DPYD", *both)
    assert {str(each) for each in found.candidates} == {"c.85T>C (*9A)/c.1627A>G (*5)"}
    assert found.doubted
    whole = all_but("DPYD", rs1801265="heterozygous", rs1801159="heterozygous")
    assert not result("DPYD", *whole).doubted


def test_of_very_many_diplotypes_each_pair_of_functions_is_kept() -> None:
    found = result("DPYD", seen("rs114096998", "absent"))
    assert len(found.candidates) == 6
    assert [remark.detail for remark in found.remarks] == [
        "3486 diplotypes fit the variants; one for each pair of functions stands"
    ]
    assert not found.doubted


def test_the_made_up_patient_with_variants_only_is_read() -> None:
    whole = json.loads(files("sandbox").joinpath("patients/uma-forsyth.json").read_text("utf-8"))
    answer = Fetched(whole)
    record = gene_record(answer, "uma-forsyth", REPORTS)
    found = record.get("DPYD")
    assert isinstance(found, GeneResult)
    assert {str(each) for each in found.candidates} == {"c.1905+1G>A (*2A)/c.2846A>T"}
    assert len(found.evidence) == 3


VARIANT_JSON = json_of(
    *(
        "resourceType",
        "Observation",
        "id",
        "status",
        "final",
        "code",
        "coding",
        "system",
        "subject",
    ),
    *("http://loinc.org", "69548-6", "82120-7", "81252-9", "81254-5", "69547-8", "69551-0"),
    *("53034-5", "48013-7", "82155-3", "component", "valueCodeableConcept", "valueString"),
    *("valueRange", "valueQuantity", "low", "value", "rs4244285", "G/A", "LA9633-4", "derivedFrom"),
    *("reference", "Observation/o1", "display", "text", "contained", "dataAbsentReason"),
)


@given(VARIANT_JSON)
def test_no_json_is_too_strange(resource: object) -> None:
    whole = {"resourceType": "Observation", "status": "final", "code": loinc("69548-6")}
    odd = {**whole, **resource} if isinstance(resource, dict) else {**whole, "component": resource}
    read(odd)
    read({**whole, "code": loinc("82120-7"), "derivedFrom": resource})
    assert bundle(odd)


@pytest.mark.parametrize("symbol", sorted(KNOWLEDGE.genes.keys() - REPORTS.loci.genes.keys()))
def test_a_variant_of_a_gene_whose_positions_we_do_not_know_cannot_be_read(symbol: str) -> None:
    named_by_word = component("48018-6", symbol)

    found = missing(symbol, variant(named_by_word, component("48005-3", "p.Ala467Thr")))

    assert (found.why, found.detail.partition(" ")[2]) == (
        Why.UNREADABLE,
        "tells of a variant, which is not read for this gene",
    )
