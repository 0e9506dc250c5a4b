"""What of feedback may be kept: what a user typed may name a patient, and so may a code.

Its rule: no text that a client made reaches the database. Comments are dropped; a reason is kept if
it is one that our cards offer, and told to be another one if it is not.
"""

from collections.abc import Iterable
from dataclasses import replace

from app.feedback.tables import FeedbackEntry
from hooks.clinical.codes import Coding

UNLISTED = "unlisted"  # a reason that no card of ours offers


def without_words(
    entries: Iterable[FeedbackEntry], offered: Iterable[Coding]
) -> list[FeedbackEntry]:
    """*entries* as they may be kept; *offered* are the override reasons of our cards."""
    known = {(reason.system, reason.code): reason for reason in offered}
    return [_kept(entry, known) for entry in entries]


def _kept(entry: FeedbackEntry, known: dict[tuple[str, str], Coding]) -> FeedbackEntry:
    plain = replace(entry, comment="")
    if not entry.override_code:
        return plain
    codes = [(entry.override_system, entry.override_code)]
    if not entry.override_system:
        codes += [key for key in known if key[1] == entry.override_code]
    reason = next((known[key] for key in codes if key in known), None)
    if reason is None:
        return replace(plain, override_code=UNLISTED, override_system="")
    return replace(plain, override_code=reason.code, override_system=reason.system)
