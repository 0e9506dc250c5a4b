"""The `rxhooks` command, in this process: what it prints, and its exit codes."""

import csv
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from app.cli import day, main
from hooks import SERVICES
from tests.unit.app.cds import INSTANCE, order_select
from tests.unit.hooks.knowledge.files import written as written_knowledge

ROOT = Path(__file__).parents[3]
Capture = pytest.CaptureFixture[str]


def stopped(*arguments: str) -> int | str | None:
    """The exit code of arguments that argparse itself answers."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code


def written(folder: Path, *lines: object) -> str:
    """A file of requests, one a line."""
    file = folder / "requests.ndjson"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return str(file)


# Help and wrong use


def test_help_shows_examples_of_each_command(capsys: Capture) -> None:
    assert stopped("--help") == 0

    said = capsys.readouterr().out
    examples = said[said.index("examples:") :]
    for command in ("serve --bind", "lint", "explain requests.ndjson", "discovery", "kb compare"):
        assert f"rxhooks {command}" in examples


@pytest.mark.parametrize(
    "arguments",
    [(), ("nothing",), ("kb",), ("explain",), ("kb", "compare"), ("terminology", "names")],
)
def test_wrong_use_is_2_and_says_how(arguments: tuple[str, ...], capsys: Capture) -> None:
    assert stopped(*arguments) == 2
    assert capsys.readouterr().err.startswith("usage: rxhooks")


@pytest.mark.parametrize("command", ["policy", "completion bash"], ids=["long", "short"])
def test_where_nobody_reads_on_a_command_ends_without_a_word(command: str) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "app.cli", *command.split()],
            cwd=ROOT,
            stdout=write,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert (ended.returncode, ended.stderr) == (141, b"")


# serve


def test_serve_tells_unsafe_settings_in_words_and_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.delenv("RXHOOKS_OPEN", raising=False)
    monkeypatch.setenv("RXHOOKS_DEADLINE_MS", "soon")

    assert main(["serve", "--bind", "127.0.0.1:1"]) == 2

    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["RXHOOKS_DEADLINE_MS", "RXHOOKS_OPEN"]


def test_the_rules_of_the_site_are_read_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    guidelines = tmp_path / "guidelines"
    guidelines.mkdir()
    (guidelines / "broken.toml").write_text("id = \n")
    (tmp_path / "sources.toml").touch()
    monkeypatch.setenv("RXHOOKS_KNOWLEDGE", str(tmp_path))

    for command in (["lint"], ["discovery"]):
        assert main(command) == 2
        assert "broken.toml" in capsys.readouterr().err


# lint


def test_lint_says_that_the_knowledge_we_ship_has_no_problems(capsys: Capture) -> None:
    assert main(["lint"]) == 0
    assert capsys.readouterr().out.endswith(": no problems\n")


def test_lint_names_the_rules_that_a_folder_of_cases_leaves_out(
    tmp_path: Path, capsys: Capture
) -> None:
    assert main(["lint", "--cases", str(tmp_path)]) == 1
    assert "cyp2c19-clopidogrel" in capsys.readouterr().out


def test_lint_does_not_skip_cases_that_are_not_there(tmp_path: Path) -> None:
    assert main(["lint", "--cases", str(tmp_path / "nowhere")]) == 2


def test_lint_tells_a_broken_case_file(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "broken.toml").write_text("rule = \n")

    assert main(["lint", "--cases", str(tmp_path)]) == 2
    assert "broken.toml" in capsys.readouterr().err


# explain


def test_explain_prints_one_json_line_for_each_request(tmp_path: Path, capsys: Capture) -> None:
    file = written(tmp_path, order_select(), "no request", order_select())

    assert main(["explain", file]) == 0

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("hookInstance") for line in told] == [INSTANCE, None, INSTANCE]
    assert "error" in told[1]


@pytest.mark.parametrize("as_of", ["2020-01-02", "2020-01-02T10:00:00Z"])
def test_explain_judges_as_of_a_day(tmp_path: Path, capsys: Capture, as_of: str) -> None:
    assert main(["explain", "--as-of", as_of, written(tmp_path, order_select())]) == 0
    assert '"authoredOn":"2020-01-02"' in capsys.readouterr().out


def test_explain_takes_drafts(tmp_path: Path) -> None:
    assert main(["explain", "--drafts", written(tmp_path, order_select())]) == 0


def test_explain_of_a_file_that_is_not_there_is_2_and_names_it(
    tmp_path: Path, capsys: Capture
) -> None:
    missing = tmp_path / "nothing.ndjson"

    assert main(["explain", str(missing)]) == 2
    assert capsys.readouterr().err == f"{missing}: No such file or directory\n"


def test_explain_of_a_folder_is_2(tmp_path: Path, capsys: Capture) -> None:
    assert main(["explain", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize("as_of", ["yesterday", "2026-13-01", "2026-02-30", ""])
def test_a_day_that_is_none_is_2_and_says_what_it_must_be(as_of: str, capsys: Capture) -> None:
    assert stopped("explain", "--as-of", as_of, "requests.ndjson") == 2
    assert "must be a date or an RFC 3339 time" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21",
        "2026-11-21T23:59:59Z",
        "2026-11-21T23:59:59.123456Z",
        "2026-11-21T00:00:00+01:00",
        "2026-11-21t10:00:00z",
    ],
)
def test_a_day_is_a_date_or_an_rfc_3339_time(text: str) -> None:
    try:
        told = day(text)
    except Exception as error:  # argparse's own error
        raise AssertionError(text) from error
    assert (told.year, told.month, told.day) == (2026, 11, 21)
    assert isinstance(told, datetime) is ("t" in text.casefold())


# discovery


@pytest.mark.parametrize("drafts", [[], ["--drafts"]])
def test_discovery_prints_every_service_with_its_templates(
    drafts: list[str], capsys: Capture
) -> None:
    assert main(["discovery", *drafts]) == 0

    services = json.loads(capsys.readouterr().out)["services"]
    assert [service["id"] for service in services] == list(SERVICES)
    searches = [query for s in services for query in s["prefetch"].values() if "?" in query]
    counts = {int(query.rpartition("_count=")[2]) for query in searches}
    assert min(counts) >= 500


# kb compare and terminology names


COLUMNS = ("drug", "population", "lookup_key", "classification", "recommendation_text", "comments")


def table(folder: Path, *rows: tuple[str, ...]) -> str:
    """recommendations.csv in *folder*."""
    with (folder / "recommendations.csv").open("w", newline="") as out:
        csv.writer(out).writerows([COLUMNS, *rows])
    return str(folder)


def test_kb_compare_prints_what_differs_and_is_1(tmp_path: Path, capsys: Capture) -> None:
    row = ("abacavir", "general", '{"HLA-B": "*57:01 positive"}', "Weak", "Use it", "")

    assert main(["kb", "compare", table(tmp_path, row)]) == 1

    said = capsys.readouterr().out
    assert "abacavir, general, HLA-B *57:01 positive: weak, but" in said
    assert "hla-b-abacavir/positive: the 1 rows behind it changed" in said


def test_kb_compare_counts_the_rows_that_no_rule_reads_and_is_1(
    tmp_path: Path, capsys: Capture
) -> None:
    row = ("unheardin", "general", '{"CYP2C19": "Poor Metabolizer"}', "Strong", "Use it", "")

    assert main(["kb", "compare", table(tmp_path, row)]) == 1

    said = capsys.readouterr().out.splitlines()
    assert "unheardin: no rule reads CYP2C19 (1 rows)" in said
    assert said[-1] == "1 rows, 0 mapped, 0 differ, 1 without a rule"


def test_kb_fingerprint_pins_the_rows_that_branches_were_read_from(
    tmp_path: Path, capsys: Capture
) -> None:
    guidelines = written_knowledge(tmp_path / "knowledge") / "guidelines"
    tables = table(
        tmp_path,
        ("firstin", "general", '{"PAIR": "Poor"}', "Strong", "Avoid it", ""),
        ("firstin", "general", '{"PAIR": "Normal"}', "Strong", "Use it", ""),
    )

    assert main(["kb", "fingerprint", tables, "--guidelines", str(guidelines)]) == 0
    assert capsys.readouterr().out == "pair-firstin.toml: 2 branches\n"
    assert main(["kb", "fingerprint", tables, "--guidelines", str(guidelines)]) == 0
    assert capsys.readouterr().out == "nothing to write\n"


def test_kb_fingerprint_is_1_where_a_branch_is_not_reached(tmp_path: Path, capsys: Capture) -> None:
    guidelines = written_knowledge(tmp_path / "knowledge") / "guidelines"

    assert main(["kb", "fingerprint", table(tmp_path), "--guidelines", str(guidelines)]) == 1
    assert "pair-firstin/normal: no row leads here" in capsys.readouterr().out


def test_kb_fingerprint_without_guidelines_is_2_and_names_them(
    tmp_path: Path, capsys: Capture
) -> None:
    nowhere = str(tmp_path / "nowhere")

    assert main(["kb", "fingerprint", table(tmp_path), "--guidelines", nowhere]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_kb_compare_without_a_table_is_2_and_names_it(tmp_path: Path, capsys: Capture) -> None:
    assert main(["kb", "compare", str(tmp_path)]) == 2
    assert "recommendations.csv: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n",
        ",".join(COLUMNS) + "\na,b,{,d,e,f\n",
        ",".join(COLUMNS) + "\nabacavir\n",
        ",".join(COLUMNS) + "\nabacavir,b,[],d,e,f\n",
    ],
)
def test_kb_compare_tells_a_table_that_it_cannot_read(
    tmp_path: Path, capsys: Capture, text: str
) -> None:
    (tmp_path / "recommendations.csv").write_text(text)

    assert main(["kb", "compare", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(str(tmp_path))


def test_terminology_names_prints_the_table_of_products(tmp_path: Path, capsys: Capture) -> None:
    names = tmp_path / "names.csv"
    names.write_text("rxcui,name\n2,clopidogrel 75 MG Oral Tablet\n1,loratadine 10 MG Tablet\n")

    assert main(["terminology", "names", str(names)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "rxnorm,display,strengths,others,form,brand",
        "2,clopidogrel 75 MG Oral Tablet,clopidogrel 75 mg,,Oral Tablet,",
    ]


@pytest.mark.parametrize("text", ["code,name\n1,x\n", "rxcui,name\nabc,codeine 30 MG Tablet\n"])
def test_terminology_names_tells_a_list_that_it_cannot_read(tmp_path: Path, text: str) -> None:
    names = tmp_path / "names.csv"
    names.write_text(text)

    assert main(["terminology", "names", str(names)]) == 2


# Policy


def test_the_policy_tells_each_setting_and_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[rules.cyp2d6-hydrocodone]\non = false\nreason = "too little evidence"\n')
    monkeypatch.setenv("RXHOOKS_POLICY", str(file))

    assert main(["policy"]) == 0

    told = capsys.readouterr().out.splitlines()
    assert "cyp2d6-hydrocodone = off  (policy: too little evidence)" in told
    assert "cyp2d6-codeine = active  (default)" in told
    assert "show.patient-view = info  (default)" in told


def test_without_a_policy_the_defaults_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.delenv("RXHOOKS_POLICY", raising=False)

    assert main(["policy"]) == 0
    assert "(policy" not in capsys.readouterr().out


def test_a_policy_that_is_wrong_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('drafts = "on"\n')
    monkeypatch.setenv("RXHOOKS_POLICY", str(file))

    assert main(["policy"]) == 2
    assert capsys.readouterr().err == "policy.toml: drafts: Not a valid boolean.\n"
