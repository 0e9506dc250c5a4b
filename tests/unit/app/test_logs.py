"""Log lines: one line of JSON each, with keys from the list and nothing of a patient."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from app.logs import ALLOWED, LONGEST, MOST, get_logger, init_logging
from app.metrics import count_dropped_log_keys

PATIENT = "Erika Mustermann"
BREAKS = "a\nb\r\nc\u2028d\u2029e\x85f\x0bg\x1ch\x00i\x1b[31mj"

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    init_logging()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """What was logged since the last call; fails unless each line is JSON."""

    def read() -> list[dict[str, Any]]:
        captured = capsys.readouterr()
        assert captured.out == ""
        return [json.loads(line) for line in captured.err.splitlines()]

    return read


def dropped() -> float:
    return REGISTRY.get_sample_value("rxhooks_log_keys_dropped_total") or 0.0


def test_an_event_is_a_line_with_time_level_and_worker(lines: Lines) -> None:
    get_logger().info("answered", service="rxhooks-order-select", cards=2, duration_ms=3.5)
    (line,) = lines()
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert line["timestamp"].endswith("Z")
    assert line["worker"] > 0
    assert (line["level"], line["event"]) == ("info", "answered")
    assert (line["service"], line["cards"], line["duration_ms"]) == (
        *("rxhooks-order-select", 2, 3.5),
    )


def test_a_key_outside_the_list_never_reaches_the_output_and_is_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = dropped()
    get_logger().warning("answered", patient=PATIENT, exc_text=PATIENT, stack=PATIENT, count=1)
    written = capsys.readouterr().err
    assert PATIENT not in written
    assert set(json.loads(written)) <= set(ALLOWED)
    assert dropped() == before + 3


def test_debug_is_not_written(lines: Lines) -> None:
    get_logger().debug("detail")
    assert lines() == []


def test_hostile_text_stays_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    get_logger().info(BREAKS, client=BREAKS, rules=[BREAKS])
    written = capsys.readouterr().err
    assert written.isascii()
    assert len(written.splitlines()) == 1
    line = json.loads(written)
    assert line["event"] == line["client"] == line["rules"][0] == BREAKS


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@settings(deadline=None)  # a busy machine is no fault
@given(event=st.text(), values=st.dictionaries(st.sampled_from(ALLOWED[3:]), VALUES))
def test_any_value_makes_one_line_of_strict_json(event: str, values: dict[str, Any]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        written: list[str] = []
        patch.setattr("sys.stderr", _Kept(written))
        get_logger().info(event, **values)
    text = "".join(written)
    assert text.isascii()
    assert len(text.splitlines()) == 1
    json.loads(text, parse_constant=pytest.fail)


class _Kept:
    def __init__(self, written: list[str]) -> None:
        self.write = written.append

    def flush(self) -> None:
        """Nothing is held back."""


def test_lone_surrogates_huge_numbers_and_nan_are_valid_json(lines: Lines) -> None:
    get_logger().info("odd", client="\ud800", count=10**5_000, duration_ms=float("nan"))
    (line,) = lines()
    assert (line["client"], line["count"], line["duration_ms"]) == ("?", "int", "float")


def test_long_strings_and_lists_are_cut(lines: Lines) -> None:
    get_logger().info("e" * 999, rules=["r" * 999] * 999)
    (line,) = lines()
    assert line["event"] == "e" * LONGEST
    assert line["rules"] == ["r" * LONGEST] * MOST


def test_a_resource_in_an_allowed_key_is_only_its_type(
    capsys: pytest.CaptureFixture[str],
) -> None:
    resource = {"resourceType": "Patient", "name": [{"text": PATIENT}]}
    get_logger().info("read", error=resource, missing=[resource, b"bytes"])
    written = capsys.readouterr().err
    assert PATIENT not in written
    assert json.loads(written)["error"] == "dict"
    assert json.loads(written)["missing"] == ["dict", "bytes"]


def test_an_exception_is_its_class_and_our_line_but_not_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        count_dropped_log_keys(-1)
    except ValueError as error:
        get_logger().error("failed", error=error)
        get_logger().exception("failed")
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["error"].startswith("ValueError at app.metrics:")
    assert second["error"] == first["error"]


def test_a_message_of_an_exception_never_reaches_the_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    try:
        int(PATIENT)
    except ValueError as error:
        get_logger().exception("failed")
        logging.getLogger("flask.app").exception("Exception on %s [%s]", f"/{PATIENT}", "GET")
        logging.getLogger("gunicorn.error").log(logging.ERROR, error)
    written = capsys.readouterr().err
    assert PATIENT not in written
    assert [json.loads(line)["event"] for line in written.splitlines()] == [
        *("failed", "Exception on ... [...]", "ValueError")
    ]


@pytest.mark.parametrize("name", ["gunicorn.error", "werkzeug", "urllib3.connectionpool", "any"])
def test_libraries_are_heard_from_warning_on(name: str, lines: Lines) -> None:
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.info("chatter")
    logger.warning("trouble")
    logger.setLevel(before)
    assert [(line["level"], line["event"]) for line in lines()] == [("warning", "trouble")]


def test_libraries_are_heard_without_the_strings_they_fill_in(lines: Lines) -> None:
    logger = logging.getLogger("a.library")
    logger.warning("Retrying (%r) after %d ms: %s", PATIENT, 30, f"/Patient?name={PATIENT}")
    logger.warning("Worker (pid:%s) timed out", 12)
    logger.warning("with %(name)s", {"name": PATIENT})
    assert [line["event"] for line in lines()] == [
        *("Retrying ('...') after 30 ms: ...", "Worker (pid:12) timed out", "with %(name)s")
    ]


def test_a_template_that_does_not_fit_is_told_as_it_is(lines: Lines) -> None:
    record = logging.makeLogRecord({"msg": "after %d ms", "args": (PATIENT,), "levelno": 30})
    ours = [each for each in logging.getLogger().handlers if type(each).__module__ == "app.logs"]
    ours[0].handle(record)
    (line,) = lines()
    assert line["event"] == "after %d ms"


def test_what_gunicorn_quotes_from_a_broken_request_is_cut_off(lines: Lines) -> None:
    logging.getLogger("gunicorn.error").warning(
        f'Invalid request from ip=10.0.0.1: Invalid HTTP request line: \'{{"name": "{PATIENT}"\''
    )
    (line,) = lines()
    assert line["event"] == "Invalid request from ip=10.0.0.1: Invalid HTTP request line: "


def test_starting_twice_logs_once(lines: Lines) -> None:
    init_logging()
    init_logging()
    logging.getLogger("gunicorn.error").error("once")
    assert len(lines()) == 1


def test_a_level_between_two_counts_as_the_lower(lines: Lines) -> None:
    logging.getLogger("any").log(35, "odd")
    logging.getLogger("any").log(99, "odd")
    assert [line["level"] for line in lines()] == ["warning", "critical"]


def test_a_closed_standard_error_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def write(self, *_text: str) -> None:
            raise BrokenPipeError

        flush = write

    monkeypatch.setattr("sys.stderr", Broken())
    get_logger().info("lost")
