"""biomarkers/<topic>.toml: the rules of one topic, in the rule language, with their texts."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from hooks.clinical.biomarkers import MISSING, PLACES, BiomarkerRule, Condition
from hooks.clinical.elements import Vocabulary
from hooks.clinical.guidelines import INDICATORS, Branch
from hooks.clinical.logic import Truth
from hooks.knowledge.build import action
from hooks.knowledge.expressions import ExpressionError, meant, parse
from hooks.knowledge.schemas import ID, ActionTable, Reviewed

STATUSES = ("active", "draft", "off", "retired")
CHECKS = ("verified", "partly verified", "from memory")
CATALOGUE = validate.Regexp(r"((DEV|GER|LAB|LIF|PHE|PRE|TUM)-\d{3})?\Z")
ROUTES = (
    *("oral", "sublingual", "buccal", "rectal", "vaginal", "intravenous", "intramuscular"),
    *("subcutaneous", "intradermal", "intrathecal", "epidural", "intraarticular", "topical"),
    *("transdermal", "cutaneous", "inhalation", "nasal", "ophthalmic", "ocular", "otic"),
)  # a rule names one, or how it begins
SHORT = validate.Length(min=1, max=139)  # CDS Hooks: a summary has fewer than 140 characters
TEXT = validate.Length(min=1)
DAYS = fields.Integer(strict=True, validate=validate.Range(min=1))


def _route(name: str) -> None:
    if not name or not any(route.startswith(name) for route in ROUTES):
        raise ValidationError(f"unknown route {name}{meant(name, ROUTES)}")


class MissingTable(Schema):
    """What happens where the data do not tell; `silent` says nothing, so it has no texts."""

    policy = fields.Str(required=True, validate=validate.OneOf(MISSING))
    indicator = fields.Str(load_default="", validate=validate.OneOf(["", *INDICATORS]))
    summary = fields.Str(load_default="", validate=validate.Length(max=139))
    advice = fields.Str(load_default="")

    @validates_schema
    def whole_or_silent(self, data: dict[str, Any], **_: object) -> None:
        """A policy that speaks has indicator, summary and advice; `silent` has none."""
        texts = {bool(data[key]) for key in ("indicator", "summary", "advice")}
        if texts != {data["policy"] != "silent"}:
            raise ValidationError("indicator, summary and advice go with a policy that speaks")


class RuleTable(Schema):
    """One [[rule]]; what it leaves out of drugs, family and known_limits the file says."""

    id = fields.Str(required=True, validate=ID)
    catalogue = fields.Str(required=True, validate=CATALOGUE)
    title = fields.Str(required=True, validate=TEXT)
    status = fields.Str(required=True, validate=validate.OneOf(STATUSES))
    off_reason = fields.Str(load_default="")
    at = fields.Str(load_default=PLACES[0], validate=validate.OneOf(PLACES))
    drugs = fields.List(fields.Str(), load_default=None)
    routes = fields.List(fields.Str(validate=_route), load_default=list)
    family = fields.Str(load_default="")
    beside = fields.Str(load_default="")  # why the family overlaps, or leaves a gap, here
    gate = fields.Str(load_default="")
    when = fields.Str(required=True, validate=TEXT)
    missing = fields.Nested(MissingTable, required=True)
    indicator = fields.Str(required=True, validate=validate.OneOf(INDICATORS))
    action = fields.Nested(ActionTable, required=True)
    summary = fields.Str(required=True, validate=SHORT)
    advice = fields.Str(required=True, validate=TEXT)
    rationale = fields.Str(required=True, validate=TEXT)
    tests = fields.List(fields.Str(), load_default=list)
    max_age_days = fields.Dict(fields.Str(), DAYS, load_default=dict)  # of an analyte, here
    cites = fields.Str(required=True, validate=TEXT)
    source_check = fields.Str(required=True, validate=validate.OneOf(CHECKS))
    harm = fields.Str(required=True, validate=validate.OneOf(["moderate", "high"]))
    known_limits = fields.Str(load_default="")

    @validates_schema
    def off_has_a_reason(self, data: dict[str, Any], **_: object) -> None:
        """A rule that is off says why; one from memory is no more than a draft."""
        if (data["status"] == "off") != bool(data["off_reason"]):
            raise ValidationError('off_reason goes with status "off"', "off_reason")
        if data["status"] == "active" and data["source_check"] != "verified":
            raise ValidationError("a statement that was not verified is a draft", "status")


class BiomarkerFile(Reviewed):
    """biomarkers/<topic>.toml: `units` says in which unit each number is compared."""

    title = fields.Str(required=True, validate=TEXT)
    drugs = fields.List(fields.Str(), load_default=list)
    known_limits = fields.Str(required=True, validate=TEXT)
    units = fields.Dict(fields.Str(), fields.Str(), load_default=dict)
    rule = fields.List(fields.Nested(RuleTable), required=True, validate=validate.Length(min=1))


Classes = Mapping[str, frozenset[str]]


def rules(table: Mapping[str, Any], words: Vocabulary, classes: Classes) -> list[BiomarkerRule]:
    """The rules of a loaded BiomarkerFile; ValueError where conditions or a unit are wrong.

    *classes*: drugs by the name of their class, which may stand for them.
    """
    if wrong := [problem for each in table["rule"] for problem in _unread(each, words)]:
        raise ExpressionError("\n".join(wrong))
    found = [_rule(each, table, words, classes) for each in table["rule"]]
    used = {term.name for rule in found for term in rule.terms}
    numbers = {n: words.elements[n].unit for n in used if words.elements[n].kind == "number"}
    known = {name for rule in found for name in _compared(rule, numbers)}
    for name in sorted({*table["units"], *known}):
        stated, unit = table["units"].get(name), numbers.get(name)
        if unit is None:
            raise ValueError(f"units.{name}: no rule of the file compares it")
        if stated is None:
            raise ValueError(f"units.{name}: is not there; {name} is measured in {unit}")
        if stated != unit:
            raise ValueError(f"units.{name}: {name} is measured in {unit}")
    return found


def _compared(rule: BiomarkerRule, numbers: Mapping[str, str]) -> set[str]:
    return {term.name for term in rule.terms if numbers.get(term.name)}


def _rule(
    table: Mapping[str, Any], file: Mapping[str, Any], words: Vocabulary, classes: Classes
) -> BiomarkerRule:
    listed = file["drugs"] if table["drugs"] is None else table["drugs"]
    drugs = (drug for each in listed for drug in sorted(classes.get(each, {each})))
    gap = table["missing"]
    limits = (file["known_limits"].strip(), table["known_limits"].strip())
    return BiomarkerRule(
        id=table["id"],
        title=table["title"],
        source=file["source"],
        drugs=tuple(dict.fromkeys(drugs)) if table["at"] == "order" else (),
        genes=(),
        branches=(_advice(table), _nothing(), _unknown(gap, table["rationale"])),
        when_unknown="stay-silent",
        known_limits=" ".join(filter(None, limits)),
        question=table["title"],
        status=table["status"],
        catalogue=table["catalogue"],
        reviewed_by=tuple(file["reviewed_by"]),
        when=parse(table["when"], words),
        gate=_condition(table["gate"], words),
        file=file.get("file", ""),
        missing=gap["policy"],
        at=table["at"],
        routes=tuple(table["routes"]),
        family=table["family"],
        beside=table["beside"],
        ages=table["max_age_days"],
        tests=tuple(table["tests"]),
        cites=table["cites"],
        source_check=table["source_check"],
        off_reason=table["off_reason"],
        harm=table["harm"],
    )


def _unread(table: Mapping[str, Any], words: Vocabulary) -> Iterator[str]:
    """The conditions of a rule that cannot be read, and why."""
    for part in ("gate", "when"):
        try:
            _condition(table[part], words)
        except ExpressionError as error:
            yield f"{table['id']}: {part}: {error}"


def _condition(text: str, words: Vocabulary) -> Condition | None:
    return parse(text, words) if text else None


def _advice(table: Mapping[str, Any]) -> Branch:
    return Branch(
        id="advise",
        applies=Truth.YES,
        when={},
        action=action(table["action"]),
        strength="",
        indicator=table["indicator"],
        summary=table["summary"].strip(),
        advice=table["advice"].strip(),
        rationale=table["rationale"].strip(),
    )


def _nothing() -> Branch:
    usual = action(ActionTable().load({"do": "standard-dose"}))
    return Branch("no-action", Truth.NO, {}, usual, "")


def _unknown(table: Mapping[str, str], rationale: str) -> Branch:
    return Branch(
        id="cannot-tell",
        applies=Truth.UNKNOWN,
        when={},
        action=action(ActionTable().load({"do": "order-test"})),
        strength="",
        indicator=table["indicator"],
        summary=table["summary"].strip(),
        advice=table["advice"].strip(),
        rationale=rationale.strip() if table["summary"] else "",
    )
