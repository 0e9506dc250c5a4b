"""Text in plain signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hooks.reading.plain import plain
from tests.unit.hooks.reading import alleles, component, gene, observation


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*1/*2", "*1/*2"),
        ("\uff0a1\uff0f\uff0a2", "*1/*2"),
        ("\u22171\u2044\u22172", "*1/*2"),
        ("CYP2C19\u00a0*1\u2009/\u202f*2", "CYP2C19 *1 / *2"),
        ("*1\u200b/*2", "*1/*2"),
        ("c.1129\u20115923C\u2192G", "c.1129-5923C>G"),
        ("c.1905+1G&gt;A", "c.1905+1G>A"),
        ("*2x>=3", "*2x\u22653"),
        ("*2\u00d72", "*2\u00d72"),
        ("*1/*2\u00b9", "*1/*2\u00b9"),
    ],
)
def test_every_sign_has_one_form(text: str, told: str) -> None:
    assert plain(text) == told


@given(st.text("*1/2CYP \u00a0\uff0a\uff0f>=&", max_size=30))
def test_plain_text_holds_no_wide_sign(text: str) -> None:
    assert not {"\u00a0", "\uff0a", "\uff0f"} & set(plain(text))


def test_a_result_may_come_from_any_keyboard() -> None:
    wide = observation("84413-4", "\uff0a1\uff0f\uff0a2", component=[gene("CYP2C19")])
    assert alleles("CYP2C19", wide) == {"*1/*2"}
    panel = observation("82118-1", component=[component("57132-3", "\uff0a1\uff0f\uff0a2")])
    assert alleles("CYP2C19", panel) == {"*1/*2"}
