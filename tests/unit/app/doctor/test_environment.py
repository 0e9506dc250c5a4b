"""The settings: faults, typing errors, and what does not do what one might think."""

import pytest

from app.doctor.checks import Check
from app.doctor.environment import Asked, read_settings
from app.settings import Settings
from tests.unit.app.doctor import said, states

OPEN = {"RXHOOKS_OPEN": "1", "RXHOOKS_FHIR_SERVERS": "https://ehr.example/fhir"}


def checks(**environ: str) -> list[Check]:
    return read_settings(environ)[1]


def test_settings_that_cannot_be_used_are_told_each_in_a_line() -> None:
    settings, told = read_settings({"RXHOOKS_DEADLINE_MS": "soon", "RXHOOKS_OPEN": "1"})

    assert settings is None
    assert said(told, "wrong") == "wrong    RXHOOKS_DEADLINE_MS: must be a whole number above 0"


def test_settings_that_can_be_used_are_given() -> None:
    settings, _ = read_settings(OPEN)

    assert settings == Settings(open=True, fhir_servers=("https://ehr.example/fhir",))


def test_an_environment_that_notes_what_it_was_asked_is_the_same_as_before() -> None:
    asked = Asked(OPEN)

    assert dict(asked) == OPEN
    assert len(asked) == len(OPEN)
    assert "RXHOOKS_POLICY" not in asked
    assert "RXHOOKS_POLICY" in asked.names


def test_a_name_that_nothing_reads_is_told_with_the_one_that_was_meant() -> None:
    line = said(checks(**OPEN, RXHOOKS_DEADLINE="2000")[:1], "warning")

    assert "RXHOOKS_DEADLINE: no such setting" in line
    assert "write RXHOOKS_DEADLINE_MS." in line


def test_a_name_like_no_other_is_to_be_removed() -> None:
    assert "remove it" in said(checks(**OPEN, RXHOOKS_ZZZZZZZZ="1")[:1], "warning")


@pytest.mark.parametrize(
    "name",
    ["RXHOOKS_BIND", "RXHOOKS_WORKERS", "RXHOOKS_POLICY", "RXHOOKS_AUDIT_TOKEN_FILE"],
)
def test_a_setting_that_is_read_anywhere_is_known(name: str) -> None:
    assert f"{name}: no such setting" not in "\n".join(map(str, checks(**OPEN, **{name: "1"})))


@pytest.mark.parametrize("count", ["0", "1000", "two", ""])
def test_a_count_that_gunicorn_refuses_is_wrong(count: str) -> None:
    assert "RXHOOKS_WORKERS: must be" in said(checks(**OPEN, RXHOOKS_WORKERS=count), "wrong")


@pytest.mark.parametrize(
    ("bind", "who"),
    [
        ("127.0.0.1:80", "this machine"),
        ("[::1]:80", "this machine"),
        ("0.0.0.0:80", "everybody who reaches this address"),
    ],
)
def test_open_mode_tells_who_may_call(bind: str, who: str) -> None:
    assert f"{who} may call" in said(checks(**OPEN, RXHOOKS_BIND=bind), "warning")


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"RXHOOKS_FHIR_SERVERS": ""}, "only what calls bring with them is known"),
        ({"RXHOOKS_REDIS_URL": "redis://r"}, "no tokens in open mode"),
        ({"RXHOOKS_BASE_URL": "http://cds.example"}, "cds.example is called by plain http"),
    ],
)
def test_what_is_set_and_does_little_is_told(environ: dict[str, str], told: str) -> None:
    assert told in "\n".join(map(str, checks(**(OPEN | environ))))


def test_a_value_is_never_repeated_where_it_may_be_a_secret() -> None:
    told = checks(**OPEN, RXHOOKS_REPEAT_SECRET="hush", RXHOOKS_REDIS_URL="hush")  # noqa: S106

    assert states(told) == ["wrong", "wrong"]
    assert "hush" not in "\n".join(map(str, told))
