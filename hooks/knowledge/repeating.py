"""The part of a site's policy that lets cards be left out: shown before, or muted by an override.

Both take effect only where the site gives the service a secret to know orders again by.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from hooks.clinical.guidelines import INDICATORS

LONGEST_HOURS = 7 * 24
LONGEST_DAYS = 365


@dataclass(frozen=True, slots=True)
class Repeats:
    """What is shown again although it was shown before.

    *order_sign*: the least indicator that order-sign repeats of what order-select showed in the
    last *within_hours*. *patient_view*: the same of charts opened in the last *patient_view_days*;
    never more than info is left out there. *critical*: rules whose critical cards are left out too.
    """

    order_sign: str = "critical"
    patient_view: str = "info"
    within_hours: int = 24
    patient_view_days: int = LONGEST_DAYS
    critical: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mutes:
    """Which overrides silence a rule for a patient and result, and for how many *days*.

    *reasons*: codes of override reasons that last; none as shipped. *never*: rules that are not
    silenced; *critical*: rules whose critical cards are, too.
    """

    reasons: tuple[str, ...] = ()
    days: int = 90
    never: tuple[str, ...] = ()
    critical: tuple[str, ...] = ()


def _names() -> Any:
    return fields.List(fields.Str(), load_default=list)


class RepeatsTable(Schema):
    """The table `[repeats]`, loaded as Repeats."""

    order_sign = fields.Str(
        load_default=Repeats().order_sign,
        data_key="order-sign",
        validate=validate.OneOf(INDICATORS),
    )
    patient_view = fields.Str(
        load_default=Repeats().patient_view,
        data_key="patient-view",
        validate=validate.OneOf(INDICATORS[:2]),
    )
    within_hours = fields.Int(
        load_default=24, strict=True, validate=validate.Range(1, LONGEST_HOURS)
    )
    patient_view_days = fields.Int(
        load_default=LONGEST_DAYS, strict=True, validate=validate.Range(1, LONGEST_DAYS)
    )
    critical = _names()

    @post_load
    def repeats(self, data: Mapping[str, Any], **_: object) -> Repeats:
        """The table as a value."""
        return Repeats(**{**data, "critical": tuple(data["critical"])})


class MutesTable(Schema):
    """The table `[mute]`, loaded as Mutes."""

    reasons = _names()
    days = fields.Int(load_default=90, strict=True, validate=validate.Range(1, LONGEST_DAYS))
    never = _names()
    critical = _names()

    @post_load
    def mutes(self, data: Mapping[str, Any], **_: object) -> Mutes:
        """The table as a value."""
        lists = {name: tuple(data[name]) for name in ("reasons", "never", "critical")}
        return Mutes(days=data["days"], **lists)


def problems(
    repeats: Repeats, mutes: Mutes, rules: Iterable[str], reasons: Iterable[str]
) -> Iterator[str]:
    """What *repeats* and *mutes* name and *rules* or the codes of override *reasons* do not."""
    known = set(rules)
    named = {"repeats.critical": repeats.critical}
    named |= {"mute.never": mutes.never, "mute.critical": mutes.critical}
    for table, names in named.items():
        yield from (f"{table}: there is no rule {name!r}" for name in names if name not in known)
    offered = set(reasons)
    for code in mutes.reasons:
        if code not in offered:
            yield f"mute.reasons: no card offers the override reason {code!r}"
    for name in set(mutes.never) & set(mutes.critical):
        yield f"mute: {name} is both under never and under critical"


def settings(repeats: Repeats, mutes: Mutes) -> Iterator[tuple[str, str, str]]:
    """Every setting as (name, value, value as shipped)."""
    for table, own, shipped in (("repeats", repeats, Repeats()), ("mute", mutes, Mutes())):
        for name in type(own).__dataclass_fields__:
            yield (
                f"{table}.{name}",
                _told(getattr(own, name)),
                _told(getattr(shipped, name)),
            )


def _told(value: object) -> str:
    return (", ".join(value) or "none") if isinstance(value, tuple) else str(value)
