"""CKD-EPI 2021: every worked example, and what a known copy gets wrong."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from hooks.clinical.models.ckdepi2021 import ckdepi2021

FILE = Path(__file__).with_name("ckdepi2021_examples.csv")
EXAMPLES = list(csv.DictReader(FILE.read_text("utf-8").splitlines()))


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row["example"])
def test_a_worked_example_comes_out_to_its_digits(row: dict[str, str]) -> None:
    found = ckdepi2021(
        Decimal(row["creatinine_mg_dL"]), Decimal(row["age"]), row["sex"] == "female"
    )

    assert round(found, 4) == Decimal(row["unrounded"])
    assert round(found) == int(row["expected_egfr_rounded"])


def test_mens_curve_bends_at_0_9_whatever_the_creatinine() -> None:
    assert round(ckdepi2021(Decimal("0.8"), Decimal(30), False)) == 122
