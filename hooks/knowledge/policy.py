"""A site's policy (TOML): which rules are on, how urgently they show, and what is shown where.

It changes how the knowledge speaks, never what it says.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields, validate

from hooks.clinical.biomarkers import BiomarkerRule
from hooks.clinical.codes import Coding
from hooks.clinical.guidelines import INDICATORS, Branch, Guideline
from hooks.clinical.restrictions import USES, Restrictions
from hooks.knowledge import Knowledge, KnowledgeError, repeating
from hooks.knowledge.repeating import Mutes, MutesTable, Repeats, RepeatsTable
from hooks.knowledge.schemas import WHEN_UNKNOWN, lines

HOOKS = ("order-select", "order-sign", "patient-view")
PRE_TEST = ("as-the-rule", "always", "never")
OFF = "off"  # the status of a rule that the site switched off, or that is off by default
RETIRED = "retired"
R = TypeVar("R", bound=Guideline)


@dataclass(frozen=True, slots=True)
class RulePolicy:
    """What a site changes of one rule; what is empty stays as the rule has it.

    *on*: true turns on a draft or a rule that is off by default, false turns any rule off.
    """

    on: bool | None = None
    reason: str = ""
    when_unknown: str = ""
    indicators: Mapping[str, str] = field(default_factory=dict)  # branch -> indicator


@dataclass(frozen=True, slots=True)
class Policy:
    """A site's policy. *show*: hook -> the least indicator that draws a card there. *most_cards*:
    how many cards a call may have; 0 for any number.

    *pre_test*: whether a card suggests the missing test: as each rule says, always, or never.
    *groups*: groups of the catalogue (`PHE`) that are turned on, drafts included, or off; the word
    on a single rule wins. *structured_tumours*: whether the site sends results of tumours in a
    structured way, so that tumour rules tell where one is missing. *never_off*: rules that may not
    be switched off. *restricted*: what is done with data under a sensitivity label. *repeats*,
    *mutes*: what may be left out. *country*: where the site is (ISO 3166-1), for rules that hold in
    one country alone.
    """

    rules: Mapping[str, RulePolicy] = field(default_factory=dict)
    show: Mapping[str, str] = field(default_factory=dict)
    pre_test: str = PRE_TEST[0]
    drafts: bool = False
    most_cards: int = Knowledge.most_cards
    groups: Mapping[str, bool] = field(default_factory=dict)
    structured_tumours: bool = False
    never_off: tuple[str, ...] = ()
    override_reasons: tuple[Coding, ...] = ()
    restricted: Restrictions = field(default_factory=Restrictions)
    repeats: Repeats = field(default_factory=Repeats)
    mutes: Mutes = field(default_factory=Mutes)
    country: str = ""


class _Rule(Schema):
    on = fields.Bool(load_default=None, truthy={True}, falsy={False})
    reason = fields.Str(load_default="")
    when_unknown = fields.Str(load_default="", validate=validate.OneOf(WHEN_UNKNOWN))
    indicators = fields.Dict(
        fields.Str(), fields.Str(validate=validate.OneOf(INDICATORS)), load_default=dict
    )


class _Reason(Schema):
    system = fields.Url(required=True, schemes={"http", "https"})
    code = fields.Str(required=True, validate=validate.Length(min=1))
    display = fields.Str(required=True, validate=validate.Length(min=1))


class _Restricted(Schema):
    use = fields.Str(load_default=USES[0], validate=validate.OneOf(USES))
    say = fields.Bool(load_default=False, truthy={True}, falsy={False})
    prefetch = fields.Bool(load_default=False, truthy={True}, falsy={False})
    organisations = fields.List(
        fields.Str(validate=validate.Regexp(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}\Z")),
        load_default=list,
    )


class _Tumour(Schema):
    structured = fields.Bool(load_default=False, truthy={True}, falsy={False})


class _File(Schema):
    most_cards = fields.Int(
        load_default=Knowledge.most_cards, strict=True, validate=validate.Range(min=0)
    )
    country = fields.Str(load_default="", validate=validate.Regexp(r"([A-Z]{2})?\Z"))
    drafts = fields.Bool(load_default=False, truthy={True}, falsy={False})
    pre_test = fields.Str(load_default=PRE_TEST[0], validate=validate.OneOf(PRE_TEST))
    groups = fields.Dict(fields.Str(), fields.Bool(truthy={True}, falsy={False}), load_default=dict)
    tumour = fields.Nested(_Tumour, load_default={"structured": False})
    never_off = fields.List(fields.Str(), load_default=list)
    show = fields.Dict(
        fields.Str(validate=validate.OneOf(HOOKS)),
        fields.Str(validate=validate.OneOf(INDICATORS)),
        load_default=dict,
    )
    rules = fields.Dict(fields.Str(), fields.Nested(_Rule), load_default=dict)
    override_reason = fields.List(fields.Nested(_Reason), load_default=list)
    restricted = fields.Nested(_Restricted, load_default=dict)
    repeats = fields.Nested(RepeatsTable, load_default=Repeats)
    mute = fields.Nested(MutesTable, load_default=Mutes)


def read_policy(file: Traversable) -> Policy:
    """The policy in *file*; KnowledgeError tells every fault of its shape."""
    try:
        table = _File().load(tomllib.loads(file.read_text("utf-8")))
    except ValidationError as error:
        raise KnowledgeError([f"{file.name}: {line}" for line in _told(error)]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KnowledgeError([f"{file.name}: {error}"]) from error
    return Policy(
        rules={name: RulePolicy(**rule) for name, rule in table["rules"].items()},
        show=table["show"],
        pre_test=table["pre_test"],
        drafts=table["drafts"],
        most_cards=table["most_cards"],
        groups=table["groups"],
        structured_tumours=table["tumour"]["structured"],
        never_off=tuple(table["never_off"]),
        override_reasons=tuple(Coding(**reason) for reason in table["override_reason"]),
        restricted=_restrictions(**table["restricted"]),
        repeats=table["repeats"],
        mutes=table["mute"],
        country=table["country"],
    )


def _restrictions(organisations: Iterable[str] = (), **told: Any) -> Restrictions:
    return Restrictions(organisations=tuple(organisations), **told)


def with_policy(knowledge: Knowledge, policy: Policy) -> Knowledge:
    """*knowledge* as *policy* wants it; KnowledgeError names every rule or branch that is not."""
    if problems := list(_problems(knowledge, policy)):
        raise KnowledgeError([f"policy: {problem}" for problem in problems])
    changed = knowledge.with_drafts() if policy.drafts else knowledge
    return replace(
        changed,
        guidelines=tuple(_changed(rule, policy) for rule in changed.guidelines),
        biomarkers=tuple(_rule(rule, changed, policy) for rule in changed.biomarkers),
        override_reasons=policy.override_reasons or knowledge.override_reasons,
        least=policy.show,
        most_cards=policy.most_cards,
        restrictions=policy.restricted,
        repeats=policy.repeats,
        mutes=policy.mutes,
        country=policy.country,
    )


def effective(knowledge: Knowledge, policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Every setting as (name, value, where it comes from): `default`, `rule` or `policy`."""
    for hook in HOOKS:
        yield f"show.{hook}", policy.show.get(hook, INDICATORS[0]), _origin(hook in policy.show)
    yield "pre_test", policy.pre_test, _origin(policy.pre_test != PRE_TEST[0])
    for name, default in asdict(Restrictions()).items():
        value = getattr(policy.restricted, name)
        yield f"restricted.{name}", _said(value), _origin(value != default)
    yield "country", policy.country or "not set", _origin(bool(policy.country))
    yield "most_cards", str(policy.most_cards), _origin(policy.most_cards != Knowledge.most_cards)
    yield "drafts", "on" if policy.drafts else OFF, _origin(policy.drafts)
    structured = policy.structured_tumours
    yield "tumour.structured", _said(structured), _origin(structured)
    yield (
        "override_reasons",
        str(len(with_policy(knowledge, policy).override_reasons)),
        _origin(bool(policy.override_reasons)),
    )
    for name, value, shipped in repeating.settings(policy.repeats, policy.mutes):
        yield name, value, _origin(value != shipped)
    for name, on in policy.groups.items():
        yield f"groups.{name}", "on" if on else OFF, _origin(True)
    for before, after in zip(knowledge.rules, with_policy(knowledge, policy).rules, strict=True):
        yield from _of_rule(before, after, policy)


def _of_rule(before: Guideline, after: Guideline, policy: Policy) -> Iterator[tuple[str, str, str]]:
    own = policy.rules.get(before.id, RulePolicy())
    locked = ", may not be switched off" if before.id in policy.never_off else ""
    reason = f": {own.reason}" if own.reason else ""
    yield before.id, after.status + locked, _origin(after.status != before.status) + reason
    unknown, shipped = _unknown(after), _unknown(before)
    yield f"{before.id}.when_unknown", unknown, _origin(unknown != shipped, "rule")
    for branch, changed in zip(before.branches, after.branches, strict=True):
        if changed.indicator != branch.indicator:
            yield (
                f"{before.id}/{branch.id}",
                changed.indicator,
                f"policy (rule: {branch.indicator})",
            )


def _unknown(rule: Guideline) -> str:
    return rule.missing if isinstance(rule, BiomarkerRule) else rule.when_unknown


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(value) or "none"
    return str(value).lower()


def _origin(changed: bool, otherwise: str = "default") -> str:
    return "policy" if changed else otherwise


def _changed(rule: R, policy: Policy) -> R:
    own = policy.rules.get(rule.id, RulePolicy())
    return replace(
        rule,
        status=_status(rule, own, policy),
        when_unknown=own.when_unknown or _pre_test(rule, policy),
        branches=tuple(_shown(branch, own.indicators) for branch in rule.branches),
    )


def _status(rule: Guideline, own: RulePolicy, policy: Policy) -> str:
    group = rule.group if isinstance(rule, BiomarkerRule) else ""
    on = policy.groups.get(group) if own.on is None else own.on
    if on is None or rule.status == RETIRED:
        return rule.status
    if own.on is None and on and rule.status == OFF:
        return OFF  # a group's word does not reach what is off for a reason
    locked = own.on is None and rule.id in policy.never_off
    return "active" if on else rule.status if locked else OFF


def _rule(rule: BiomarkerRule, knowledge: Knowledge, policy: Policy) -> BiomarkerRule:
    changed = _asked_less(_changed(rule, policy), policy)
    if policy.structured_tumours:
        return replace(changed, hushed=frozenset())
    return knowledge.with_tumours_hushed(changed)


def _asked_less(rule: BiomarkerRule, policy: Policy) -> BiomarkerRule:
    """*rule*, silent on a test that is missing where the site wants no such cards."""
    hushed = policy.pre_test == "never" and rule.missing in {"info", "order"}
    return replace(rule, missing="silent") if hushed else rule


def _pre_test(rule: Guideline, policy: Policy) -> str:
    if policy.pre_test == "never":
        return "stay-silent"
    if policy.pre_test == "always" and rule.when_unknown == "stay-silent":
        return "suggest-test"
    return rule.when_unknown


def _shown(branch: Branch, indicators: Mapping[str, str]) -> Branch:
    return replace(branch, indicator=indicators.get(branch.id, branch.indicator))


def _problems(knowledge: Knowledge, policy: Policy) -> Iterator[str]:
    rules = {rule.id: rule for rule in knowledge.rules}
    known = {rule.group for rule in knowledge.biomarkers if rule.group}
    for name in sorted(policy.groups.keys() - known):
        yield f"there is no group {name!r} in the catalogue"
    for name in sorted({*policy.rules, *policy.never_off} - rules.keys()):
        yield f"there is no rule {name!r}"
    for name in policy.never_off:
        if policy.rules.get(name, RulePolicy()).on is False:
            yield f"{name} is switched off and may not be"
    for name, own in policy.rules.items():
        yield from _unknown_branches(name, own, rules.get(name))
    reasons = [each.code for each in policy.override_reasons or knowledge.override_reasons]
    yield from repeating.problems(policy.repeats, policy.mutes, rules, reasons)


def _unknown_branches(name: str, own: RulePolicy, rule: Guideline | None) -> Iterator[str]:
    shown = {branch.id for branch in rule.branches if branch.indicator} if rule else own.indicators
    for branch in own.indicators.keys() - shown:
        yield f"{name} has no branch {branch!r} that shows a card"


def _told(error: ValidationError) -> Iterable[str]:
    messages = error.messages if isinstance(error.messages, dict) else {"": error.messages}
    return (re.sub(r"\.(?:key|value)(?=[.:])", "", line) for line in lines(messages))
