"""CPIC's API read whole, or told why not: pages, broken answers, slow and too large ones."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from app.cli import main
from app.kb.api import Api, Limits, TableUnsound
from app.kb.shapes import TABLES
from tests.contract.loopback import Call, Loopback, Serve, http
from tests.contract.postgrest import Asked, answer, page, postgrest
from tests.unit.app.kb.release import allele, release

ALLELES = next(table for table in TABLES if table.name == "allele")
LIMITS = Limits(page_rows=2, attempts=3, pause_s=0.01, connect_s=5, answer_s=5, whole_s=20)
FIVE = [allele(key, "PAIR", f"*{key}", "Normal function") for key in (5, 1, 4, 2, 3)]
Capture = pytest.CaptureFixture[str]
Read = Callable[..., list[Any]]


def quiet(what: str, done: int, whole: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def read(session: requests.Session, serve: Serve) -> Read:
    """The alleles that a server gives which sometimes behaves as *odd* says."""

    def read(
        odd: Callable[[Asked, Call], bool] = lambda asked, call: False, limits: Limits = LIMITS
    ) -> list[Any]:
        server = serve(postgrest({"allele": FIVE}, odd))
        return Api.open(server.base, session, quiet, limits).table(ALLELES)

    return read


def first(behave: Callable[[Asked, Call], None], times: int = 1) -> Callable[[Asked, Call], bool]:
    """Behave oddly for the first *times* requests."""
    asked_before: list[Asked] = []

    def odd(asked: Asked, call: Call) -> bool:
        asked_before.append(asked)
        if len(asked_before) > times:
            return False
        behave(asked, call)
        return True

    return odd


def sends(content: bytes) -> Callable[[Asked, Call], None]:
    """Answers *content* to anything."""
    return lambda asked, call: call.send(content)


def cut_off(asked: Asked, call: Call) -> None:
    """Half of a page, then silence."""
    call.send(answer(*page(asked, FIVE))[:-20])
    call.hang_up()


def cut_json(asked: Asked, call: Call) -> None:
    """A page that ends in the middle, and is declared whole."""
    call.send(http(b'[{"id": 1, ', "206 Partial Content", "Content-Range: 0-1/5\r\n"))


def hangs_up(asked: Asked, call: Call) -> None:
    call.hang_up()


# Whole


def test_a_table_is_read_page_by_page_in_the_order_of_its_key(
    session: requests.Session, serve: Serve
) -> None:
    server = serve(postgrest({"allele": FIVE}))

    rows = Api.open(server.base, session, quiet, LIMITS).table(ALLELES)

    asked = [Asked.of(call) for call in server.calls]
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5]
    assert [each.offset for each in asked] == [0, 2, 4]
    assert {each.parameters["order"] for each in asked} == {"id"}
    assert {each.prefer for each in asked} == {"count=exact"}


def test_a_table_without_rows_is_read_with_one_request(
    session: requests.Session, serve: Serve
) -> None:
    server = serve(postgrest({"allele": []}))

    assert Api.open(server.base, session, quiet, LIMITS).table(ALLELES) == []
    assert len(server.calls) == 1


def test_progress_is_told_by_rows(session: requests.Session, serve: Serve) -> None:
    told: list[tuple[str, int, int]] = []
    server = serve(postgrest({"allele": FIVE}))

    Api.open(server.base, session, lambda *now: told.append(now), LIMITS).table(ALLELES)

    assert told == [("allele", 2, 5), ("allele", 4, 5), ("allele", 5, 5)]


def test_the_newest_change_is_the_newest_date_of_the_log(
    session: requests.Session, serve: Serve
) -> None:
    server = serve(postgrest({"change_log": [{"date": "2026-08-03"}, {"date": "2026-08-12"}]}))

    assert Api.open(server.base, session, quiet, LIMITS).newest_change() == "2026-08-12"


def test_a_change_log_without_a_date_is_told(session: requests.Session, serve: Serve) -> None:
    server = serve(postgrest({"change_log": []}))

    with pytest.raises(TableUnsound, match="change_log: has no newest date"):
        Api.open(server.base, session, quiet, LIMITS).newest_change()


# What passes


@pytest.mark.parametrize(
    "behave",
    [
        sends(http({}, "500 Internal Server Error")),
        sends(http({}, "503 Service Unavailable")),
        sends(http({}, "429 Too Many Requests")),
        cut_off,
        cut_json,
        hangs_up,
    ],
    ids=["500", "503", "429", "cut off", "cut JSON", "hung up"],
)
def test_what_may_pass_is_asked_for_again(
    read: Read, behave: Callable[[Asked, Call], None]
) -> None:
    assert [row["id"] for row in read(first(behave, 2))] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (sends(http({}, "500 Internal Server Error")), "answered 500"),
        (cut_off, "the connection failed or broke off"),
        (cut_json, "an answer is no JSON, or cut off"),
        (hangs_up, "the connection failed or broke off"),
    ],
    ids=["500", "cut off", "cut JSON", "hung up"],
)
def test_what_does_not_pass_is_told_after_some_attempts(
    read: Read, behave: Callable[[Asked, Call], None], told: str
) -> None:
    with pytest.raises(TableUnsound, match=rf"allele: {told} \(3 attempts\)"):
        read(first(behave, 3))


# What is wrong, and stays so


def other_range(content_range: str) -> Callable[[Asked, Call], bool]:
    """The right rows under another Content-Range."""

    def odd(asked: Asked, call: Call) -> bool:
        call.send(answer(page(asked, FIVE)[0], content_range))
        return True

    return odd


@pytest.mark.parametrize(
    "content_range", ["0-2/5", "1-2/5", "0-1/*", "0-1/1", "*/5", "", "rows 0-1/5"]
)
def test_rows_that_do_not_fit_their_content_range_are_refused(
    read: Read, content_range: str
) -> None:
    with pytest.raises(TableUnsound, match=r"allele: .*(Content-Range|asked from row 0)"):
        read(other_range(content_range))


def test_a_page_from_elsewhere_is_refused(read: Read) -> None:
    def odd(asked: Asked, call: Call) -> bool:
        stuck = replace(asked, parameters={**asked.parameters, "offset": "0"})
        call.send(answer(*page(stuck, FIVE)))
        return True

    with pytest.raises(TableUnsound, match="asked from row 2, got from row 0"):
        read(odd)


def test_a_row_that_comes_on_two_pages_is_refused(read: Read) -> None:
    def odd(asked: Asked, call: Call) -> bool:
        shifted = max(asked.offset - 1, 0)
        moved = replace(asked, parameters={**asked.parameters, "offset": str(shifted)})
        call.send(answer(page(moved, FIVE)[0], page(asked, FIVE)[1]))
        return asked.offset < 4

    with pytest.raises(TableUnsound, match="allele: id 2 came twice"):
        read(odd)


def test_a_table_that_changes_while_it_is_read_is_refused(read: Read) -> None:
    def odd(asked: Asked, call: Call) -> bool:
        call.send(answer(*page(asked, FIVE if asked.offset == 0 else FIVE[:4])))
        return True

    with pytest.raises(TableUnsound, match="allele: had 5 rows, then 4"):
        read(odd)


def test_a_table_that_ends_early_is_refused(read: Read) -> None:
    def odd(asked: Asked, call: Call) -> bool:
        if asked.offset == 0:
            return False
        call.send(answer([], "*/5"))
        return True

    with pytest.raises(TableUnsound, match="allele: ended after 2 of 5 rows"):
        read(odd)


@pytest.mark.parametrize("body", [{"message": "no"}, ["row", "row"], None, 7])
def test_an_answer_that_is_no_list_of_rows_is_refused(read: Read, body: object) -> None:
    with pytest.raises(TableUnsound, match="allele: an answer is no list of rows"):
        read(first(sends(answer(body, "0-1/5"))))


@pytest.mark.parametrize("status", ["404 Not Found", "401 Unauthorized", "416 Range"])
def test_a_refusal_of_the_server_is_told_at_once(read: Read, status: str) -> None:
    with pytest.raises(TableUnsound, match=f"allele: answered {status[:3]}"):
        read(first(sends(http({}, status))))


def test_a_redirect_is_not_followed(read: Read, serve: Serve) -> None:
    elsewhere = serve(postgrest({"allele": FIVE}))
    moved = http(b"", "302 Found", f"Location: {elsewhere.base}/allele\r\n")

    with pytest.raises(TableUnsound, match="allele: answered 302"):
        read(first(sends(moved)))
    assert elsewhere.calls == []


def test_a_page_that_is_too_large_is_refused(read: Read) -> None:
    with pytest.raises(TableUnsound, match="a page is larger than 100 bytes"):
        read(limits=replace(LIMITS, page_bytes=100))


def test_a_table_that_is_too_long_is_refused(read: Read) -> None:
    with pytest.raises(TableUnsound, match="has 5 rows, more than can be right"):
        read(limits=replace(LIMITS, table_rows=4))


def test_a_server_that_says_nothing_is_given_up(read: Read) -> None:
    def silent(asked: Asked, call: Call) -> None:
        call.say_nothing()

    with pytest.raises(TableUnsound, match=r"allele: (no answer in time|the connection)"):
        read(first(silent, 9), replace(LIMITS, answer_s=0.1, attempts=2))


def test_a_server_that_drips_is_given_up(read: Read) -> None:
    def drips(asked: Asked, call: Call) -> None:
        call.drip(answer(*page(asked, FIVE)))

    with pytest.raises(TableUnsound, match=r"allele: .* \(2 attempts\)"):
        read(first(drips, 9), replace(LIMITS, answer_s=0.2, attempts=2))


def test_all_together_may_not_take_longer_than_allowed(read: Read) -> None:
    with pytest.raises(TableUnsound, match="all took longer than 0 s"):
        read(limits=replace(LIMITS, whole_s=0))


# The command


def run(server: Loopback, to: Path, *more: str) -> int:
    return main(["kb", "update", "--url", server.base, "--to", str(to), *more])


def test_kb_update_fetches_tells_and_writes(serve: Serve, tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "tables"

    assert run(serve(postgrest(release())), folder) == 0

    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == (
        f"19 rows into {folder}; CPIC's newest change is of 2026-08-12."
    )
    assert said.err == ""
    assert (folder / "manifest.json").is_file()


def test_kb_update_tells_what_changed_since(serve: Serve, tmp_path: Path, capsys: Capture) -> None:
    run(serve(postgrest(release())), tmp_path / "old")
    later = release()
    later["allele"][1]["clinicalfunctionalstatus"] = "Decreased function"
    capsys.readouterr()

    done = run(serve(postgrest(later)), tmp_path / "new", "--from", str(tmp_path / "old"))

    assert done == 0
    assert capsys.readouterr().out.startswith(
        "PAIR: 1 allele changed: *2 was No function, is Decreased function\n"
    )


def test_kb_update_that_is_refused_is_1_and_writes_nothing(
    serve: Serve, tmp_path: Path, capsys: Capture
) -> None:
    odd = release()
    odd["recommendation"][0]["classification"] = "Firm"

    assert run(serve(postgrest(odd)), tmp_path / "tables") == 1

    assert capsys.readouterr().err.splitlines() == [
        "recommendation: unknown classification 'Firm' (1 rows)",
        "Refused: nothing was written.",
    ]
    assert list(tmp_path.iterdir()) == []


def test_kb_update_of_a_damaged_earlier_folder_is_2_and_names_it(
    serve: Serve, tmp_path: Path, capsys: Capture
) -> None:
    folder = tmp_path / "tables"
    server = serve(postgrest(release()))
    run(server, folder)
    (folder / "alleles.csv").write_text("gene,allele\n")

    assert run(server, folder) == 2
    assert "alleles.csv is not as manifest.json pins it" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["http://api.example/v1", "ftp://127.0.0.1", "nowhere", ""])
def test_kb_update_takes_https_or_loopback_only(url: str, tmp_path: Path, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["kb", "update", "--url", url, "--to", str(tmp_path)])

    assert stopped.value.code == 2
    assert "must be an https URL" in capsys.readouterr().err
