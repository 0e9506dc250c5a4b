"""models/*.toml and the dosing of a guideline: what is read, and what is refused."""

from decimal import Decimal
from pathlib import Path

import pytest

from hooks.clinical.populations import Span
from hooks.knowledge import KnowledgeError, load
from tests.unit.hooks.knowledge.files import MODEL, RULE, written

DOSING = """
[dosing]
model = "iwpc"
result = "weekly_mg"
without_genes = "weekly_mg"
adults_from = "18"
tolerance = "33"
measures = { age = "age" }
taking = { booster = ["firstin"] }
remarks = ["nothing is known"]

[dosing.genes.PAIR]
input = "pair"
phenotypes = { Poor = "none" }

[[dosing.adjustment]]
gene = "PAIR"
alleles = ["*2"]
once = ["0.5", "0.8"]
twice = ["0.4", "0.8"]
strength = "optional"
text = "less"
"""


def problems(folder: Path, changes: dict[str, str]) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load(written(folder, changes))
    return caught.value.problems


def test_a_model_is_read_with_its_inputs_and_coefficients(tmp_path: Path) -> None:
    model = load(written(tmp_path)).models["iwpc"]

    assert (model.unit, model.source, model.results) == ("mg", "society", ("weekly_mg",))
    age, pair = model.inputs
    assert (age.span, age.step) == (Span(Decimal(18), Decimal(99)), Decimal(10))
    assert (pair.default, pair.aliases) == ("unknown", {"zero": "none"})
    assert model.coefficients["pharmacogenetic"]["age"] == Decimal("-0.25")
    assert model.choices("pair") == {"none", "unknown"}


def test_a_guideline_may_dose_by_a_model(tmp_path: Path) -> None:
    dosed = RULE + DOSING

    [rule] = load(written(tmp_path, {"guidelines/pair-firstin.toml": dosed})).guidelines

    assert rule.dosing is not None
    assert rule.dosing.taking == {"booster": ("firstin",)}
    assert rule.dosing.genes["PAIR"].phenotypes == {"Poor": "none"}
    [adjustment] = rule.dosing.adjustments
    assert (adjustment.once, adjustment.alleles) == (
        (Decimal("0.5"), Decimal("0.8")),
        frozenset({"*2"}),
    )
    assert rule.measures == {"age"}
    assert rule.reads_medications


def test_a_rule_without_dosing_reads_no_measures(tmp_path: Path) -> None:
    [rule] = load(written(tmp_path)).guidelines

    assert rule.dosing is None
    assert (rule.measures, rule.reads_medications) == (frozenset(), False)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"iwpc"', '"unheard"', "iwpc.toml: name"),
        ('"number"', '"word"', "iwpc.toml: input.0.kind"),
        ('age = "-0.25"', 'size = "-0.25"', "size is of no input"),
        ('age = "-0.25"', '"age old" = "-0.25"', "age old is of no input"),
        ('"pair none" = "-1"', 'pair = "-1"', "pair is of no input"),
        ('age = "-0.25"', 'age = "old"', "coefficients"),
        ('step = "10"', 'stride = "10"', "input.0.stride"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in MODEL
    found = problems(tmp_path, {"models/iwpc.toml": MODEL.replace(old, new, 1)})

    assert any(told in problem for problem in found)


POINTS = (
    MODEL.replace('"iwpc"', '"tisdale"')
    .replace('"weekly_mg"', '"score", "category"')
    .replace('age = "-0.25"', '"age >= 68" = "1"')
    + """
[bands.category]
of = "score"
least = { low = "0", high = "11" }

[[limit]]
results = ["score"]
input = "age"
span = { from = "30" }
"""
)


def test_limits_bands_and_narrower_ranges_are_read(tmp_path: Path) -> None:
    model = load(written(tmp_path, {"models/iwpc.toml": POINTS})).models["tisdale"]

    assert model.coefficients["pharmacogenetic"]["age >= 68"] == 1
    assert model.bands["category"].word(Decimal(12)) == "high"
    assert model.limits[0].span == Span(Decimal(30))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"age >= 68"', '"pair >= 68"', "pair >= 68 is of no input"),
        ('of = "score"', 'of = "sum"', "results: sum is no result"),
        ("[bands.category]", "[bands.class]", "results: class is no result"),
        ('results = ["score"]', 'results = ["sum"]', "results: sum is no result"),
        ('input = "age"', 'input = "pair"', "limit: pair is no number that is always given"),
        ('step = "10"', "optional = true", "limit: age is no number that is always given"),
    ],
)
def test_points_that_make_no_sense_are_refused(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in POINTS
    found = problems(tmp_path, {"models/iwpc.toml": POINTS.replace(old, new, 1)})

    assert any(told in problem for problem in found)


def test_a_feature_is_one_of_its_own_equation(tmp_path: Path) -> None:
    weighed = MODEL.replace('"iwpc"', '"meld3"').replace('age = "-0.25"', '"age * ln_inr" = "1"')
    weighed = weighed.replace('"pair none" = "-1"\n"pair unknown" = "-0.5"\n', "")

    assert load(written(tmp_path / "one", {"models/iwpc.toml": weighed})).models["meld3"]
    strange = weighed.replace("ln_inr", "ln_sodium")
    assert "age * ln_sodium is of no input" in str(
        problems(tmp_path / "other", {"models/iwpc.toml": strange})
    )


def test_a_model_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    assert problems(tmp_path, {"models/again.toml": MODEL}) == ["iwpc: is there twice"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('model = "iwpc"\n', ""),
        ('once = ["0.5", "0.8"]', 'once = ["0.5"]'),
        ("tolerance", "allowance"),
    ],
)
def test_a_dosing_that_is_not_whole_is_refused(tmp_path: Path, old: str, new: str) -> None:
    dosed = RULE + DOSING.replace(old, new, 1)

    found = problems(tmp_path, {"guidelines/pair-firstin.toml": dosed})
    assert all(problem.startswith("pair-firstin.toml: dosing") for problem in found)


def test_the_models_are_part_of_the_version(tmp_path: Path) -> None:
    one = load(written(tmp_path / "one"))
    other = load(written(tmp_path / "other", {"models/iwpc.toml": MODEL + "\n"}))

    assert one.version != other.version
