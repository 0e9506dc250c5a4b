"""What of feedback is kept: nothing that a client or a user could have put a patient into."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.feedback.privacy import UNLISTED, without_words
from app.feedback.tables import FeedbackEntry
from hooks.clinical.codes import Coding

OFFERED = [Coding("https://reasons.example", "tolerated", "Tolerated before")]
ENTRY = FeedbackEntry("card", "overridden", datetime(2026, 11, 21, tzinfo=UTC))


def kept(entry: FeedbackEntry) -> FeedbackEntry:
    [found] = without_words([entry], OFFERED)
    return found


def test_a_comment_is_not_kept() -> None:
    assert kept(replace(ENTRY, comment="Erika will not take it")) == ENTRY


@pytest.mark.parametrize("system", ["https://reasons.example", ""])
def test_a_reason_that_our_cards_offer_is_kept(system: str) -> None:
    found = kept(replace(ENTRY, override_code="tolerated", override_system=system))
    assert (found.override_system, found.override_code) == ("https://reasons.example", "tolerated")


@pytest.mark.parametrize(
    ("system", "code"),
    [("https://reasons.example", "Erika"), ("urn:Erika", "tolerated"), ("", "Erika")],
)
def test_any_other_reason_is_only_told_to_be_one(system: str, code: str) -> None:
    found = kept(replace(ENTRY, override_code=code, override_system=system))
    assert (found.override_system, found.override_code) == ("", UNLISTED)


def test_an_entry_without_a_reason_stays_as_it_is() -> None:
    accepted = replace(ENTRY, outcome="accepted", accepted_suggestions=("s1",))
    assert kept(accepted) == accepted
