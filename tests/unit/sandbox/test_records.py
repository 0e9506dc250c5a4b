"""The sample patients, as old on every day as on the one they were written for."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.records import WRITTEN_ON, Records, as_of, load
from sandbox.server import create_app

LATER = WRITTEN_ON + timedelta(days=400)


def moved(**elements: object) -> object:
    """An Observation with *elements*, 400 days later."""
    records = as_of(LATER, Records({"Observation": {"o": dict(elements)}}))
    return records.read("Observation", "o")


def test_on_the_day_they_were_written_for_nothing_is_moved() -> None:
    assert as_of(WRITTEN_ON, load()) == load()


def test_days_and_times_are_moved_wherever_they_stand() -> None:
    assert moved(on="2024-02-29", at=[{"start": "2026-11-20T07:10:00Z"}]) == {
        "on": "2025-04-04",
        "at": [{"start": "2027-12-25T07:10:00Z"}],
    }


def test_what_is_no_day_stays() -> None:
    told = {"text": "of 2026-11-20", "year": "2026", "value": 20261120, "yes": True}

    assert moved(**told) == told


def test_nobody_grows_older() -> None:
    born = date.fromisoformat(as_of(LATER, load()).read("Patient", "carla-sanchez")["birthDate"])
    before = date.fromisoformat(load().read("Patient", "carla-sanchez")["birthDate"])

    assert LATER - born == WRITTEN_ON - before


def test_the_server_has_them_as_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    long_ago = datetime.now(UTC).date() - timedelta(days=400)
    monkeypatch.setattr("sandbox.records.WRITTEN_ON", long_ago)

    read = create_app().test_client().get("/fhir/Patient/carla-sanchez").get_json()

    before = date.fromisoformat(load().read("Patient", "carla-sanchez")["birthDate"])
    assert read["birthDate"] == f"{before + timedelta(days=400)}"
