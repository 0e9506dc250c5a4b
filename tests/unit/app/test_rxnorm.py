"""A small RxNorm release, in the RRF files that a site has, to the table of products."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from app.cli import main
from app.rxnorm import Loaded, load_products
from hooks.clinical.codes import Drug
from hooks.knowledge.tables import products
from tests.unit.hooks.small import knowledge

Concept = tuple[str, str, str]  # code, type, name
Relation = tuple[str, str, str]  # the second has it to the first
Capture = pytest.CaptureFixture[str]

FIRSTIN: list[Concept] = [
    ("1001", "IN", "firstin"),
    ("1101", "PIN", "firstin succinate"),
    ("9000", "IN", "otherin"),
    ("9100", "BN", "Onemark"),
    ("5001", "SCDC", "firstin succinate 10 MG"),
    ("5002", "SCDC", "otherin 5 MG"),
    ("2001", "SCD", "firstin succinate 10 MG Oral Tablet"),
    ("2002", "SBD", "firstin succinate 10 MG Oral Tablet [Onemark]"),
    ("2003", "SCD", "firstin succinate 10 MG / otherin 5 MG Oral Tablet"),
    ("2004", "SCD", "otherin 5 MG Oral Tablet"),
]
RELATIONS: list[Relation] = [
    ("1001", "has_ingredient", "5001"),
    ("1101", "has_precise_ingredient", "5001"),
    ("1001", "form_of", "1101"),
    ("9000", "has_ingredient", "5002"),
    ("5001", "consists_of", "2001"),
    ("5001", "consists_of", "2002"),
    ("2001", "tradename_of", "2002"),
    ("1001", "tradename_of", "9100"),
    ("5001", "consists_of", "2003"),
    ("5002", "consists_of", "2003"),
    ("5002", "consists_of", "2004"),
    ("5001", "ingredient_of", "1001"),  # the other direction, as the file has it too
]


def quiet(what: str, done: int, whole: int) -> None:
    """Nobody looks at the progress."""


def conso(concepts: Iterable[Concept], source: str = "RXNORM") -> str:
    return "".join(
        f"{code}|ENG||||||{code}0|||{code}|{source}|{kind}|{code}|{name}||N|4096|\n"
        for code, kind, name in concepts
    )


def rel(relations: Iterable[Relation], source: str = "RXNORM") -> str:
    return "".join(
        f"{first}||CUI|RO|{second}||CUI|{relation}|1||{source}|||||4096|\n"
        for first, relation, second in relations
    )


def archived(code: str, kind: str, name: str, merged: str = "", source: str = "RXNORM") -> str:
    return f"9||{name}|a|b|c|{code}||ENG|2010||{source}|{code}|{source}|{kind}|{merged}|\n"


def files(
    folder: Path, concepts: str | None = None, relations: str | None = None, archive: str = ""
) -> list[Path]:
    """A release in *folder*; the small one where nothing else is said."""
    texts = {
        "RXNCONSO.RRF": conso(FIRSTIN) if concepts is None else concepts,
        "RXNREL.RRF": rel(RELATIONS) if relations is None else relations,
        "RXNATOMARCHIVE.RRF": archive,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in texts]


def loaded(
    folder: Path,
    more: Iterable[Concept] = (),
    related: Iterable[Relation] = (),
    archive: str = "",
    drugs: Iterable[Drug] = (),
) -> Loaded:
    """What is loaded of the small release with *more* concepts and relations in it."""
    known = knowledge()
    held = {drug.name: drug for drug in (*known.drugs.values(), *drugs)}
    object.__setattr__(known, "drugs", held)
    paths = files(folder, conso([*FIRSTIN, *more]), rel([*RELATIONS, *related]), archive)
    return load_products(*paths, known, quiet)


def strengths(found: Loaded) -> dict[str, str]:
    return {row["rxnorm"]: row["strengths"] for row in found.rows}


# Products


def test_products_are_read_from_their_relations(tmp_path: Path) -> None:
    rows = {row["rxnorm"]: row for row in loaded(tmp_path).rows}

    assert rows["2001"] == {
        "rxnorm": "2001",
        "display": "firstin succinate 10 MG Oral Tablet",
        "strengths": "firstin 10 mg",
        "others": "",
        "form": "Oral Tablet",
        "brand": "",
    }
    assert rows["2002"]["brand"] == "Onemark"
    assert (rows["2003"]["strengths"], rows["2003"]["others"]) == ("firstin 10 mg", "yes")


def test_a_product_without_a_drug_of_ours_is_left_out(tmp_path: Path) -> None:
    assert "2004" not in strengths(loaded(tmp_path))


def test_precise_ingredients_and_brands_stand_for_the_drug_too(tmp_path: Path) -> None:
    rows = {row["rxnorm"]: row for row in loaded(tmp_path).rows}

    assert rows["1101"]["strengths"] == "firstin ? ?"
    assert (rows["9100"]["strengths"], rows["9100"]["brand"]) == ("firstin ? ?", "Onemark")


def test_what_is_written_can_be_read_as_products(tmp_path: Path) -> None:
    read = products(loaded(tmp_path).rows)

    assert {product.drugs for product in read.values()} == {("firstin",)}


def test_the_ingredient_decides_and_not_the_name(tmp_path: Path) -> None:
    more = [("5003", "SCDC", "primagen 3 MG"), ("2005", "SCD", "primagen 3 MG Oral Capsule")]
    related = [("1001", "has_ingredient", "5003"), ("5003", "consists_of", "2005")]

    assert strengths(loaded(tmp_path, more, related))["2005"] == "firstin 3 mg"


def test_a_name_that_only_looks_like_the_drug_is_none_of_ours(tmp_path: Path) -> None:
    more = [("5003", "SCDC", "firstin 3 MG"), ("2005", "SCD", "firstin 3 MG Oral Capsule")]
    related = [("9000", "has_ingredient", "5003"), ("5003", "consists_of", "2005")]

    assert "2005" not in strengths(loaded(tmp_path, more, related))


def test_a_component_known_by_its_precise_ingredient_alone_counts(tmp_path: Path) -> None:
    more = [("5003", "SCDC", "firstin succinate 3 MG"), ("2005", "SCD", "x 3 MG Oral Capsule")]
    related = [("1101", "has_precise_ingredient", "5003"), ("5003", "consists_of", "2005")]

    assert strengths(loaded(tmp_path, more, related))["2005"] == "firstin 3 mg"


def test_a_branded_product_without_components_is_what_it_is_a_brand_of(tmp_path: Path) -> None:
    more = [("2006", "SBD", "firstin succinate 10 MG Oral Tablet [Twomark]")]

    found = loaded(tmp_path, more, [("2001", "tradename_of", "2006")])

    assert strengths(found)["2006"] == "firstin 10 mg"


def test_a_drug_without_an_rxnorm_code_is_known_by_its_name(tmp_path: Path) -> None:
    nameless = Drug("otherin", "", (), ())

    assert strengths(loaded(tmp_path, drugs=[nameless]))["2004"] == "otherin 5 mg"


def test_a_pack_holds_what_its_pieces_hold(tmp_path: Path) -> None:
    more = [
        ("3001", "GPCK", "{2 (firstin) / 3 (otherin) } Pack"),
        ("3002", "BPCK", "{2 (firstin) / 3 (otherin) } Pack [Pax]"),
    ]
    related = [
        ("2001", "contains", "3001"),
        ("2004", "contains", "3001"),
        ("3001", "tradename_of", "3002"),
    ]

    rows = {row["rxnorm"]: row for row in loaded(tmp_path, more, related).rows}

    for code in ("3001", "3002"):
        assert (rows[code]["strengths"], rows[code]["others"]) == ("firstin ? ?", "yes")
    assert rows["3002"]["brand"] == "Pax"


def test_a_fixed_combination_is_one_drug(tmp_path: Path) -> None:
    more = [
        ("8001", "IN", "sulfa"),
        ("8002", "IN", "trim"),
        ("8003", "MIN", "sulfa / trim"),
        ("5003", "SCDC", "sulfa 400 MG"),
        ("5004", "SCDC", "trim 80 MG"),
        ("2005", "SCD", "sulfa 400 MG / trim 80 MG Oral Tablet"),
        ("2006", "SCD", "trim 80 MG Oral Tablet"),
    ]
    related = [
        ("8001", "has_ingredient", "5003"),
        ("8002", "has_ingredient", "5004"),
        ("8001", "has_part", "8003"),
        ("8002", "has_part", "8003"),
        ("5003", "consists_of", "2005"),
        ("5004", "consists_of", "2005"),
        ("5004", "consists_of", "2006"),
    ]

    found = loaded(tmp_path, more, related, drugs=[Drug("sulfa / trim", "8003", (), ())])

    rows = {row["rxnorm"]: row for row in found.rows}
    assert (rows["2005"]["strengths"], rows["2005"]["others"]) == ("sulfa / trim ? ?", "")
    assert rows["8003"]["strengths"] == "sulfa / trim ? ?"
    assert "2006" not in rows
    assert not any("sulfa" in remark for remark in found.remarks)


def test_a_product_without_relations_is_read_from_its_name(tmp_path: Path) -> None:
    more = [
        ("2007", "SCD", "firstin tartrate 20 MG Oral Capsule"),
        ("2008", "SCD", "secondin depot 20 MG Oral Capsule"),
    ]

    found = loaded(tmp_path, more)

    assert strengths(found)["2007"] == "firstin 20 mg"
    assert "2008" not in strengths(found)
    assert found.by_name == 1


def test_other_sources_and_other_relations_are_passed_over(tmp_path: Path) -> None:
    concepts = conso(FIRSTIN) + conso([("2004", "SCD", "firstin 1 MG Tablet")], "VANDF")
    relations = rel(RELATIONS) + rel([("1001", "has_ingredient", "5002")], "VANDF")

    found = load_products(*files(tmp_path, concepts, relations), knowledge(), quiet)

    assert "2004" not in strengths(found)


# Retired codes


def test_a_retired_code_is_what_it_was_merged_into(tmp_path: Path) -> None:
    archive = archived("77", "SCD", "old firstin 10 MG Tablet", "2001")

    found = loaded(tmp_path, archive=archive)

    rows = {row["rxnorm"]: row for row in found.rows}
    assert (rows["77"]["strengths"], rows["77"]["display"]) == (
        "firstin 10 mg",
        "old firstin 10 MG Tablet",
    )
    assert found.retired == 1


def test_a_retired_code_that_went_nowhere_is_read_from_its_name(tmp_path: Path) -> None:
    archive = archived("77", "SCD", "firstin 40 MG Oral Tablet") + archived(
        "78", "SCD", "otherin 40 MG Oral Tablet"
    )

    assert strengths(loaded(tmp_path, archive=archive)).get("77") == "firstin 40 mg"
    assert "78" not in strengths(loaded(tmp_path, archive=archive))


def test_archived_lines_that_are_no_retired_products_are_passed_over(tmp_path: Path) -> None:
    archive = (
        archived("2004", "SCD", "firstin 1 MG Tablet")
        + archived("79", "SCDC", "firstin 1 MG")
        + archived("80", "SCD", "firstin 1 MG Tablet", source="VANDF")
        + archived("", "SCD", "firstin 1 MG Tablet")
        + archived("81", "SCD", "firstin 1 MG Tablet", "2004")
        + archived("82", "SCD", "firstin 1 MG Tablet")
        + archived("82", "SCD", "firstin 2 MG Tablet")
    )

    found = loaded(tmp_path, archive=archive)

    assert found.retired == 1
    assert strengths(found)["82"] == "firstin 1 mg"


# What is told


def test_codes_of_ours_that_rxnorm_calls_otherwise_are_told(tmp_path: Path) -> None:
    more = [("1002", "IN", "quite another"), ("1003", "IN", "Thirdin")]

    assert loaded(tmp_path, more).remarks == (
        "drugs.csv: secondin: RxNorm calls 1002 'quite another'",
    )
    assert "drugs.csv: secondin: RxNorm has no ingredient 1002" in loaded(tmp_path).remarks


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"concepts": conso(FIRSTIN) + "1|ENG|\n"}, "RXNCONSO.RRF: line 11 has 2 columns, not 18"),
        ({"relations": rel(RELATIONS)[:-9]}, "RXNREL.RRF: line 12 has 12 columns, not 16"),
        ({"relations": rel(RELATIONS[4:])}, "RXNREL.RRF has no has_ingredient between"),
        (
            {"relations": rel((second, name, first) for first, name, second in RELATIONS)},
            "RXNREL.RRF has no has_ingredient between",
        ),
        ({"concepts": ""}, "RXNREL.RRF has no has_ingredient between"),
    ],
    ids=["short line", "cut off", "relations missing", "turned round", "no concepts"],
)
def test_files_that_are_not_what_they_should_be_are_told(
    tmp_path: Path, broken: dict[str, str], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        load_products(*files(tmp_path, **broken), knowledge(), quiet)


def test_progress_is_told_by_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.rxnorm.STEP", 6)
    told: list[tuple[str, int, int]] = []
    paths = files(tmp_path)

    load_products(*paths[:2], None, knowledge(), lambda *now: told.append(now))

    sizes = {path.name: path.stat().st_size for path in paths}
    assert [(name, whole) for name, _, whole in told] == [
        *[("RXNCONSO.RRF", sizes["RXNCONSO.RRF"])] * 2,
        *[("RXNREL.RRF", sizes["RXNREL.RRF"])] * 3,
    ]
    assert told[-1][1] == told[-1][2]


# The command


def test_terminology_load_writes_the_table_and_says_what_it_holds(
    tmp_path: Path, capsys: Capture
) -> None:
    more = [
        ("32968", "IN", "clopidogrel"),
        ("5009", "SCDC", "clopidogrel 75 MG"),
        ("2009", "SCD", "clopidogrel 75 MG Oral Tablet"),
    ]
    related = [("32968", "has_ingredient", "5009"), ("5009", "consists_of", "2009")]
    paths = files(tmp_path, conso(more), rel(related), archived("77", "SCD", "old", "2009"))

    out = tmp_path / "drug_products.csv"
    assert main(["terminology", "load", *map(str, paths), "--to", str(out)]) == 0

    said = capsys.readouterr()
    assert said.out == f"2 products of 1 drugs into {out} (0 by their name alone, 1 retired)\n"
    assert "drugs.csv: codeine: RxNorm has no ingredient 2670" in said.err.splitlines()
    assert out.read_text().splitlines() == [
        "rxnorm,display,strengths,others,form,brand",
        "77,old,clopidogrel 75 mg,,Oral Tablet,",
        "2009,clopidogrel 75 MG Oral Tablet,clopidogrel 75 mg,,Oral Tablet,",
    ]


def test_terminology_load_of_broken_files_is_2_and_writes_nothing(
    tmp_path: Path, capsys: Capture
) -> None:
    paths = files(tmp_path, relations="x|\n")
    out = tmp_path / "drug_products.csv"

    assert main(["terminology", "load", *map(str, paths[:2]), "--to", str(out)]) == 2

    assert "RXNREL.RRF: line 1 has 1 columns, not 16" in capsys.readouterr().err
    assert not out.exists()
