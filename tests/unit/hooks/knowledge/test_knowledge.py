"""Loading the knowledge: what is read, what is told of broken files, and what follows from it."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from hooks.clinical.genes import GeneTest
from hooks.knowledge import KnowledgeError, load
from tests.unit.hooks.knowledge.files import FILES, GENE, RULE, SCORED, SOURCES, site, written
from tests.unit.hooks.small import REPORTED, TYPED_RULE, knowledge
from tests.unit.hooks.small import RULE as SMALL_RULE


def problems(root: Path, own: Path | None = None) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load(root, own)
    return caught.value.problems


# What is read


def test_the_knowledge_that_we_ship_loads() -> None:
    shipped = load()

    assert {"CYP2C19", "CYP2D6", "DPYD", "HLA-B"} <= shipped.genes.keys()
    assert shipped.guidelines
    assert {rule.source for rule in shipped.guidelines} <= shipped.sources.keys()


def test_every_file_of_a_folder_is_read(tmp_path: Path) -> None:
    loaded = load(written(tmp_path))

    assert loaded.genes.keys() == {"PAIR", "SCORED"}
    assert [rule.id for rule in loaded.guidelines] == ["pair-firstin"]
    assert loaded.sources.keys() == {"society"}
    assert loaded.drugs.keys() == {"firstin", "secondin"}
    assert loaded.products.keys() == {"2001", "2002"}
    assert loaded.conditions.names == {"stroke", "angina", "rare"}
    assert loaded.words.names["condition"] == {
        "stroke": "stroke",
        "angina": "angina",
        "rare": "a rare one",
        "nameless": "one without codes",
    }
    assert loaded.relatives == {"ovarian": ("ovarian", None), "early": ("stroke", Decimal(60))}
    assert loaded.answers == {("loinc", "LA9657-3"): "Poor"}
    assert loaded.phenotype_terms == {"poor metaboliser": "Poor"}
    assert [reason.code for reason in loaded.override_reasons] == ["tolerated"]
    assert loaded.retired == {"old-rule"}


def test_a_gene_s_own_codes_join_the_result_codes(tmp_path: Path) -> None:
    codes = load(written(tmp_path)).result_codes

    assert codes.keys() == {("loinc", "84413-4"), ("loinc", "1-8")}
    assert (codes["loinc", "1-8"].gene, codes["loinc", "84413-4"].gene) == ("PAIR", "")


def test_other_files_beside_the_knowledge_are_not_read(tmp_path: Path) -> None:
    changes = {"guidelines/notes.md": "not TOML", "genes/PAIR.toml~": "not TOML"}

    assert len(load(written(tmp_path, changes)).guidelines) == 1


# A site's own rules


def test_a_site_s_rules_and_sources_join_ours(tmp_path: Path) -> None:
    loaded = load(written(tmp_path / "ours"), site(tmp_path / "site", {}))

    assert [rule.id for rule in loaded.guidelines] == ["pair-firstin", "site-rule"]
    assert loaded.sources.keys() == {"society", "hospital"}


def test_a_site_s_broken_rule_is_told_by_its_file(tmp_path: Path) -> None:
    own = site(tmp_path / "site", {"guidelines/site-rule.toml": "id = \n"})

    [problem] = problems(written(tmp_path / "ours"), own)

    assert problem.startswith("site-rule.toml: Invalid value (at line 1")


def test_a_site_s_products_join_ours_and_win(tmp_path: Path) -> None:
    products = (
        "rxnorm,display,strengths,others,form,brand\n"
        "2002,secondin 7 MG,secondin 7 mg,,Oral Tablet,\n"
        "2003,firstin 5 MG,firstin 5 mg,,Oral Tablet,\n"
    )
    ours, own = written(tmp_path / "ours"), site(tmp_path / "site", {"drug_products.csv": products})

    loaded = load(ours, own)

    assert {code: product.display for code, product in loaded.products.items()} == {
        "2001": "firstin 10 MG Oral Tablet [Onemark]",
        "2002": "secondin 7 MG",
        "2003": "firstin 5 MG",
    }
    assert loaded.version != load(ours, site(tmp_path / "other", {})).version


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("rxnorm,display\n1,x\n", "drug_products.csv: no column strengths, others, form, brand"),
        (
            "rxnorm,display,strengths,others,form,brand\n" + "1,x,firstin 1 mg,,,\n" * 2,
            "drug_products.csv: 1 is there twice",
        ),
    ],
    ids=["a column is missing", "a code is there twice"],
)
def test_a_site_s_broken_products_are_told(tmp_path: Path, table: str, problem: str) -> None:
    own = site(tmp_path / "site", {"drug_products.csv": table})

    assert problems(written(tmp_path / "ours"), own) == [problem]


def test_a_site_files_our_analytes_and_findings_under_codes_of_its_own(tmp_path: Path) -> None:
    own = site(
        tmp_path / "site",
        {
            "analytes.csv": "name,system,code,display,unit,max_age_days\n"
            "weight,https://lab.example/codes,WT,Weight,kg,365\n",
            "findings.csv": "name,system,code,display,label,max_age_days\n"
            "antibody,loinc,5-9,Another,antibody,365\n",
        },
    )

    loaded = load(written(tmp_path / "ours"), own)

    assert loaded.analytes.codes["https://lab.example/codes", "WT"] == "weight"
    assert ("loinc", "5-9") in loaded.codes_of({"antibody"})


def test_a_site_s_line_cannot_change_what_an_analyte_is(tmp_path: Path) -> None:
    line = "name,system,code,display,unit,max_age_days\nweight,loinc,5-9,Weight,g,365\n"
    own = site(tmp_path / "site", {"analytes.csv": line})

    assert problems(written(tmp_path / "ours"), own) == [
        "analytes.csv: a row cannot be read: weight 5-9 contradicts another line"
    ]


def test_a_site_s_source_cannot_replace_one_of_ours(tmp_path: Path) -> None:
    own = site(tmp_path / "site", {"sources.toml": SOURCES})

    assert "society" in problems(written(tmp_path / "ours"), own)[0]


# What is told of broken files


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"genes/PAIR.toml": GENE.replace('"HGNC:1"', '"2621"')},
            "PAIR.toml: hgnc: String does not match expected pattern.",
        ),
        (
            {"genes/PAIR.toml": "colour = 1\n" + GENE},
            "PAIR.toml: colour: Unknown field.",
        ),
        (
            {"genes/PAIR.toml": GENE.replace('"HGNC:1"', "2621")},
            "PAIR.toml: hgnc: Not a valid string.",
        ),
        (
            {"genes/PAIR.toml": GENE.replace('"none"', '"broken"')},
            "PAIR.toml: alleles: unknown function or value broken",
        ),
        (
            {"genes/PAIR.toml": GENE.replace('display = "PAIR gene test"', 'display = ""', 1)},
            "PAIR.toml: reported_as.0.display: Shorter than minimum length 1.",
        ),
        (
            {"genes/SCORED.toml": SCORED.replace("score > 0", "score of 1")},
            "SCORED.toml: 'score of 1' is not a range of activity scores",
        ),
        (
            {"guidelines/pair-firstin.toml": RULE.replace('"strong"', '"firm"', 1)},
            "pair-firstin.toml: recommendation.0.strength: "
            "Must be one of: strong, moderate, optional, no recommendation, n/a, or empty.",
        ),
        (
            {"guidelines/pair-firstin.toml": RULE.replace('["firstin"]', '"firstin"')},
            "pair-firstin.toml: drugs: Not a valid list.",
        ),
        (
            {"sources.toml": SOURCES.replace('"2026-11-21"', '"2026-11-21"\nyear = "2022"')},
            "sources.toml: society.year: Not a valid integer.",
        ),
        (
            {"sources.toml": SOURCES + '\n[other]\nurl = "http://plain.example"\n'},
            "sources.toml: other.url: Not a valid URL.",
        ),
    ],
    ids=[
        "wrong form",
        "unknown key",
        "wrong type",
        "unknown function",
        "code without display",
        "no range",
        "unknown strength",
        "no list",
        "year as text",
        "plain http",
    ],
)
def test_a_broken_file_is_told_with_file_and_field(
    tmp_path: Path, changes: dict[str, str], problem: str
) -> None:
    assert problem in problems(written(tmp_path, changes))


@pytest.mark.parametrize(
    "name", ["genes/PAIR.toml", "guidelines/pair-firstin.toml"], ids=["gene", "guideline"]
)
def test_a_duplicate_key_is_told_with_file_and_line(tmp_path: Path, name: str) -> None:
    doubled = 'source = "society"\n' + FILES[name]

    [problem] = problems(written(tmp_path, {name: doubled}))

    assert problem.startswith(f"{name.partition('/')[2]}: Cannot overwrite a value (at line ")


def test_a_duplicate_source_is_told_with_file_and_line(tmp_path: Path) -> None:
    [problem] = problems(written(tmp_path, {"sources.toml": SOURCES + SOURCES}))

    assert problem.startswith("sources.toml: ")


def test_a_file_that_is_no_utf_8_is_told(tmp_path: Path) -> None:
    root = written(tmp_path)
    (root / "genes" / "PAIR.toml").write_bytes(b"\xff")

    [problem] = problems(root)

    assert problem.startswith("PAIR.toml: 'utf-8' codec can't decode")


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    changes = {
        "genes/PAIR.toml": 'symbol = "PAIR"\nhgnc = "2621"\n',
        "guidelines/pair-firstin.toml": "id = \n",
        "sources.toml": '[society]\ntitle = "x"\nlabel = "x"\nread = "x"\n',
    }
    own = site(tmp_path / "site", {"guidelines/site-rule.toml": "id = \n"})

    told = problems(written(tmp_path / "ours", changes), own)

    assert {problem.partition(":")[0] for problem in told} == {
        "PAIR.toml",
        "pair-firstin.toml",
        "sources.toml",
        "site-rule.toml",
    }
    assert {"PAIR.toml: hgnc", "PAIR.toml: method", "PAIR.toml: alleles"} <= {
        problem.rpartition(": ")[0] for problem in told
    }


def test_the_error_says_one_problem_a_line() -> None:
    assert str(KnowledgeError(["a.toml: x", "b.toml: y"])) == "a.toml: x\nb.toml: y"


@pytest.mark.parametrize(
    "rows",
    [
        {"drug_products.csv": "rxnorm,display,strengths,others,form,brand\n1,x,firstin,,,\n"},
        {"drug_products.csv": "rxnorm,display,strengths,others,form,brand\n1,x,a ten mg,,,\n"},
    ],
    ids=["a strength without amount", "an amount in words"],
)
def test_a_table_that_cannot_be_read_is_told(tmp_path: Path, rows: dict[str, str]) -> None:
    [problem] = problems(written(tmp_path, rows))

    assert problem.startswith(f"{next(iter(rows))}: a row cannot be read: ")


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    rows = {"drugs.csv": "nom,rxnorm,atc,synonyms\nfirstin,1001,,\n"}

    assert problems(written(tmp_path, rows)) == ["drugs.csv: no column name"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("thirdin,1003", "drugs.csv: line 4: 2 cells"),
        ("a,1,,,,", "drugs.csv: line 4: 6 cells"),
        ("thir\u200bdin,1003,,,", "drugs.csv: line 4: an invisible character"),
    ],
    ids=["too short", "too long", "zero-width space"],
)
def test_a_row_that_cannot_be_one_is_told_with_file_and_line(
    tmp_path: Path, row: str, told: str
) -> None:
    rows = {"drugs.csv": FILES["drugs.csv"] + row + "\n"}

    assert problems(written(tmp_path, rows)) == [told]


def test_problems_of_tables_are_told_beside_those_of_other_files(tmp_path: Path) -> None:
    rows = {name: FILES[name] + "x\n" for name in ("drugs.csv", "retired.csv", "conditions.csv")}

    told = problems(written(tmp_path, {**rows, "genes/PAIR.toml": "id = \n"}))

    assert {problem.partition(":")[0] for problem in told} == {*rows, "PAIR.toml"}


def test_an_empty_line_in_a_table_is_no_row(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, {"drugs.csv": FILES["drugs.csv"] + "\n"}))

    assert loaded.drugs.keys() == {"firstin", "secondin"}


def test_two_rows_of_one_drug_are_told(tmp_path: Path) -> None:
    again = FILES["drugs.csv"] + "firstin,9999,,,RxNorm\n"

    assert "firstin" in problems(written(tmp_path, {"drugs.csv": again}))[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("drugs.csv", b""),
        ("retired.csv", b"name\nold-rule\n"),
        ("drugs.csv", b"\xff"),
        ("sources.toml", b"\xff"),
    ],
    ids=["empty table", "header of retired", "table no UTF-8", "sources no UTF-8"],
)
def test_every_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes) -> None:
    root = written(tmp_path)
    (root / name).write_bytes(content)

    [problem] = problems(root)

    assert problem.startswith(f"{name}: ")


def test_an_activity_value_that_is_no_score_is_told(tmp_path: Path) -> None:
    broken = SCORED.replace('"0.0"', '"fast"')

    [problem] = problems(written(tmp_path, {"genes/SCORED.toml": broken}))

    assert problem.startswith("SCORED.toml: alleles")


def test_two_files_of_one_gene_are_told(tmp_path: Path) -> None:
    assert "PAIR" in problems(written(tmp_path, {"genes/PAIR2.toml": GENE}))[0]


# The version


def test_the_same_files_have_the_same_version(tmp_path: Path) -> None:
    assert load(written(tmp_path / "a")).version == load(written(tmp_path / "b")).version


@pytest.mark.parametrize("name", FILES)
def test_any_change_of_content_changes_the_version(tmp_path: Path, name: str) -> None:
    changed = FILES[name] + ("# a remark\n" if name.endswith(".toml") else "\n")

    before, after = load(written(tmp_path / "a")), load(written(tmp_path / "b", {name: changed}))

    assert before.version != after.version


def test_a_site_s_rules_change_the_version(tmp_path: Path) -> None:
    root = written(tmp_path / "ours")

    assert load(root).version != load(root, site(tmp_path / "site", {})).version


def test_a_version_is_twelve_digits_of_a_hash(tmp_path: Path) -> None:
    version = load(written(tmp_path)).version

    assert len(version) == 12
    assert int(version, 16) >= 0


# What follows from it


def test_only_active_rules_are_a_drug_s_rules() -> None:
    draft, gone = replace(TYPED_RULE, status="draft"), replace(SMALL_RULE, status="retired")

    assert knowledge(SMALL_RULE, draft, gone).rules_for("firstin") == (SMALL_RULE,)


def test_a_drug_without_rules_has_none() -> None:
    assert knowledge(SMALL_RULE).rules_for("secondin") == ()
    assert knowledge(SMALL_RULE).rules_for("unheard") == ()


def test_drafts_are_judged_on_request_and_retired_rules_never() -> None:
    draft, gone = replace(TYPED_RULE, status="draft"), replace(SMALL_RULE, status="retired")
    shipped = knowledge(draft, gone)

    assert shipped.rules_for("firstin") == ()
    assert shipped.with_drafts().rules_for("firstin") == (TYPED_RULE,)
    assert shipped.with_drafts().version == shipped.version


def test_a_gene_is_told_by_its_test() -> None:
    assert knowledge().test_for("PAIR") == GeneTest("loinc", "1-8", "PAIR gene test")
    assert knowledge().test_for("OTHER") is None


def test_an_hla_allele_is_told_by_its_own_test() -> None:
    told = knowledge().test_for("TYPED", "*57:01")

    assert told == GeneTest("loinc", "50956-2", "TYPED*57:01")


def test_an_allele_without_a_test_of_its_own_falls_back_to_the_gene() -> None:
    assert knowledge().test_for("TYPED", "*15:02") is None


def test_codes_stand_for_drugs_and_a_combination_s_for_several() -> None:
    codes = knowledge().drug_codes

    assert codes["rxnorm", "1001"] == ("firstin",)
    assert codes["atc", "A01AA01"] == ("firstin",)
    assert codes["atc", "A01AA30"] == ("secondin", "thirdin")


def test_names_synonyms_and_brands_stand_for_drugs_in_lower_case() -> None:
    words = knowledge().drug_words

    assert words.words == {
        "firstin": {"firstin"},
        "primin": {"firstin"},
        "onemark": {"firstin"},
        "secondin": {"secondin"},
        "thirdin": {"thirdin"},
    }


def test_a_gene_goes_by_symbol_and_hgnc_id_with_and_without_prefix() -> None:
    names = knowledge().report_tables.gene_codes

    assert {name for name, symbol in names.items() if symbol == "PAIR"} == {"pair", "hgnc:1", "1"}


def test_a_gene_without_hgnc_id_goes_by_its_symbol_alone() -> None:
    names = replace(knowledge(), genes={"REPORTED": REPORTED}).report_tables.gene_codes

    assert names == {"reported": "REPORTED"}


def test_reading_gets_the_tables_it_takes() -> None:
    known = knowledge()

    assert known.report_tables.terms == {"poor": "Poor"}
    assert known.drug_tables.codes == known.drug_codes
    assert known.drug_tables.words == known.drug_words
    assert known.drug_tables.conditions is known.conditions


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    root = written(tmp_path)
    (root / "genes").rename(root / "genomes")

    assert problems(root) == ["genes: no such folder"]
