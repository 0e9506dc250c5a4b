"""docs/policy.md: its examples load, and it names every setting with its default."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from hooks.clinical.restrictions import Restrictions
from hooks.knowledge import load
from hooks.knowledge.policy import Policy, read_policy, with_policy
from hooks.knowledge.repeating import Mutes, Repeats

PAGE = (Path(__file__).parents[4] / "docs" / "policy.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
WORDS = {False: "`false`", (): "none"}


def loaded(text: str, folder: Path) -> Policy:
    file = folder / "policy.toml"
    file.write_text(text, "utf-8")
    return read_policy(file)


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_a_policy_that_the_knowledge_takes(text: str, tmp_path: Path) -> None:
    policy = loaded(text, tmp_path)

    assert policy != Policy()
    assert with_policy(load(), policy)


def test_all_examples_together_are_one_policy(tmp_path: Path) -> None:
    policy = loaded("\n".join(EXAMPLES), tmp_path)

    assert policy.restricted.organisations == ("Organization/st-elsewhere",)
    assert (policy.repeats.within_hours, policy.mutes.days) == (12, 180)


@pytest.mark.parametrize(
    ("table", "shipped"),
    [("restricted", Restrictions()), ("repeats", Repeats()), ("mute", Mutes())],
)
def test_every_setting_is_told_with_its_default(table: str, shipped: Any) -> None:
    chapter = PAGE[PAGE.index(f"## `[{table}]`") :].partition("```toml")[0]
    told = dict(re.findall(r"^\| `([\w-]+)` \| (.+?) \|", chapter, re.MULTILINE))

    assert set(told) == {_name(each.name) for each in fields(shipped)}
    for each in fields(shipped):
        assert told[_name(each.name)] == _said(getattr(shipped, each.name))


def _name(field: str) -> str:
    return field.replace("_", "-") if field in {"order_sign", "patient_view"} else field


def _said(value: Any) -> str:
    if isinstance(value, str):
        return f'`"{value}"`'
    return str(value) if type(value) is int else WORDS[value]
