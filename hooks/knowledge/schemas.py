"""The shape of the knowledge files; unknown keys are errors."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from hooks.clinical.genes import METHODS, UNASSIGNED
from hooks.clinical.guidelines import ACTIONS, INDICATORS
from hooks.clinical.scores import Score
from hooks.knowledge.equations import DosingTable

WHEN_UNKNOWN = ("stay-silent", "suggest-test", "warn")
STATUSES = ("draft", "active", "retired")
FUNCTIONS = (
    "normal",
    "increased",
    "decreased",
    "none",
    "uncertain",
    "unknown",
    "unassigned",
    "class I",
    "class II",
    "class III",
    "class IV",
    "risk",
    "malignant hyperthermia",
    "responsive",
    "non-responsive",
    "increased risk",
    "uncertain risk",
    "normal risk",
    "higher sensitivity",
    "normal sensitivity",
    "favorable response",
    "unfavorable response",
)
BY_FUNCTION = ("function-pair", "hemizygous", "carrier", "mitochondrial", "diplotype")
VALUE_WORDS = {"activity-score": UNASSIGNED, "hla": "risk"}  # beside activity values
TISSUES = ("liver", "blood", "muscle", "ear")
ID = validate.Regexp(r"[a-z0-9][a-z0-9.-]*\Z")
FINGERPRINT = validate.Regexp(r"(sha256:[0-9a-f]{64})?\Z")
STRENGTHS = ("strong", "moderate", "optional", "no recommendation", "n/a")
NO_STRENGTH = ""  # the source has no word for it, as the FDA table has none


class Reviewed(Schema):
    """Provenance, demanded of every knowledge file; `reviewed_by` is empty until a person signs."""

    source = fields.Str(required=True)
    reviewed_by = fields.List(fields.Str(), load_default=list)


class CodeTable(Schema):
    """A code never stands without its display."""

    code = fields.Str(required=True, validate=validate.Regexp(r"[a-z0-9-]+:\S+\Z"))
    display = fields.Str(required=True, validate=validate.Length(min=1))
    source = fields.Str(required=True)


class ReportedAsTable(CodeTable):
    holds = fields.Str(
        required=True, validate=validate.OneOf(["genotype", "phenotype", "typing", "status"])
    )
    allele = fields.Str(load_default="")  # what a "status" code tests for


class GeneFile(Reviewed):
    """genes/<SYMBOL>.toml"""

    symbol = fields.Str(required=True)
    hgnc = fields.Str(required=True, validate=validate.Regexp(r"(HGNC:\d+)?\Z"))
    method = fields.Str(required=True, validate=validate.OneOf([*METHODS, "hla"]))
    reference = fields.Str(load_default="")
    acts_in = fields.List(fields.Str(validate=validate.OneOf(TISSUES)), load_default=list)
    note = fields.Str(load_default="")
    reported_as = fields.List(fields.Nested(ReportedAsTable), load_default=list)
    test = fields.Nested(CodeTable)
    activity_test = fields.Nested(CodeTable)
    alleles = fields.Dict(fields.Str(), fields.Str(), required=True)
    reported = fields.List(fields.Str(), load_default=list)  # phenotypes of method "reported"
    aliases = fields.Dict(fields.Str(), fields.Str(), load_default=dict)
    phenotypes = fields.Dict(fields.Str(), fields.Str(), load_default=dict)
    precedence = fields.List(fields.Str(), load_default=list)
    scores = fields.Dict(fields.Str(), fields.Str(), load_default=dict)

    @validates_schema
    def alleles_or_phenotypes(self, data: dict[str, Any], **_: object) -> None:
        """A gene has alleles; one that is only reported has phenotypes instead."""
        reported = data["method"] == "reported"
        if reported == bool(data["alleles"]) or reported != bool(data["reported"]):
            problem = 'with method "reported" the phenotypes are listed, else the alleles'
            raise ValidationError(problem, "alleles")

    @validates_schema
    def known_values(self, data: dict[str, Any], **_: object) -> None:
        """Alleles have functions, or activity values, that we know."""
        values = set(data["alleles"].values())
        if data["method"] in BY_FUNCTION:
            odd = values - set(FUNCTIONS)
        else:
            odd = {v for v in values - {VALUE_WORDS.get(data["method"], "")} if not _is_score(v)}
        if odd:
            raise ValidationError(f"unknown function or value {', '.join(sorted(odd))}", "alleles")


def _is_score(text: str) -> bool:
    try:
        Score.parse(text)
    except ValueError:
        return False
    return True


class CapTable(Schema):
    value = fields.Decimal(required=True)
    unit = fields.Str(required=True)
    below = fields.Bool(load_default=False)


class AlternativeTable(Schema):
    drug = fields.Str(required=True)
    product = fields.Str(load_default="")
    not_if = fields.List(fields.Str(), load_default=list)


class ActionTable(Schema):
    do = fields.Str(required=True, validate=validate.OneOf(ACTIONS))
    factor_min = fields.Decimal(load_default=None)
    factor_max = fields.Decimal(load_default=None)
    basis = fields.Str(load_default="")
    schedule = fields.Str(load_default="")
    cap = fields.Nested(CapTable, load_default=None)
    replace_with = fields.List(fields.Nested(AlternativeTable), load_default=list)

    @validates_schema
    def both_ends(self, data: dict[str, Any], **_: object) -> None:
        """Both ends of a factor are given, in order."""
        low, high = data["factor_min"], data["factor_max"]
        if (low is None) != (high is None) or (low is not None and low > high):
            raise ValidationError("factor_min and factor_max go together, the smaller first")

    @validates_schema
    def a_factor_does_what_is_done(self, data: dict[str, Any], **_: object) -> None:
        """A factor is above 0; it lowers a dose that is reduced and raises one that is not."""
        low, high = data["factor_min"], data["factor_max"]
        if low is None or high is None:
            return
        wrong = {"reduce-dose": high >= 1, "increase-dose": low <= 1}
        if low <= 0 or wrong.get(data["do"], False):
            raise ValidationError(f"a factor of {low} to {high} does not {data['do']}")


class BranchTable(Schema):
    """What every branch has; `reads` is empty only where no CPIC row stands behind it."""

    id = fields.Str(required=True, validate=ID)
    when = fields.Dict(fields.Str(), fields.List(fields.Str()), required=True)
    populations = fields.List(fields.Str(), load_default=list)
    strength = fields.Str(
        required=True,
        validate=validate.OneOf(
            [*STRENGTHS, NO_STRENGTH], error=f"Must be one of: {', '.join(STRENGTHS)}, or empty."
        ),
    )
    action = fields.Nested(ActionTable, required=True)
    indicator = fields.Str(load_default="", validate=validate.OneOf(["", *INDICATORS]))
    summary = fields.Str(load_default="", validate=validate.Length(max=139))
    advice = fields.Str(load_default="")
    rationale = fields.Str(load_default="")
    reads = fields.Str(load_default="", validate=FINGERPRINT)

    @validates_schema
    def a_card_is_whole(self, data: dict[str, Any], **_: object) -> None:
        """What shows has a summary, what to do and why; what is silent has none."""
        texts = [bool(data.get(key)) for key in ("indicator", "summary", "advice", "rationale")]
        if any(texts) and not all(texts):
            raise ValidationError("indicator, summary, advice and rationale go together")


class RecommendationTable(BranchTable):
    indicator = fields.Str(required=True, validate=validate.OneOf(INDICATORS))


class SilentTable(BranchTable):
    indicator = fields.Str(load_default="", validate=validate.Equal(""))


class InhibitedTable(RecommendationTable):
    """What to do beside an inhibitor of these strengths, whatever the genotype."""

    when = fields.Dict(load_default=dict, validate=validate.Equal({}))
    gene = fields.Str(required=True)
    strengths = fields.List(fields.Str(), required=True, validate=validate.Length(min=1))


class SpanTable(Schema):
    """`from` and `up_to` count, `over` and `below` do not; numbers that matter are quoted."""

    from_ = fields.Decimal(data_key="from")
    over = fields.Decimal()
    up_to = fields.Decimal()
    below = fields.Decimal()

    @validates_schema
    def one_each(self, data: dict[str, Any], **_: object) -> None:
        """At most one lower and one upper end, and at least one of them."""
        if not data or {"from_", "over"} <= data.keys() or {"up_to", "below"} <= data.keys():
            raise ValidationError("one of from and over, one of up_to and below, or both")


class PopulationTable(Schema):
    id = fields.Str(required=True, validate=ID)
    text = fields.Str(required=True)
    source_name = fields.Str(required=True)
    conditions = fields.List(fields.Str(), load_default=list)
    taken_for_days = fields.Int(load_default=0, strict=True)
    otherwise = fields.Bool(load_default=False)
    never = fields.Str(load_default="")
    age = fields.Nested(SpanTable)  # full years
    weight = fields.Nested(SpanTable)  # kg
    dose = fields.Nested(SpanTable)  # mg a day


class GuidelineFile(Reviewed):
    """guidelines/<id>.toml"""

    id = fields.Str(required=True, validate=ID)
    title = fields.Str(required=True)
    status = fields.Str(required=True, validate=validate.OneOf(STATUSES))
    genes = fields.List(fields.Str(), required=True, validate=validate.Length(min=1))
    drugs = fields.List(fields.Str(), required=True, validate=validate.Length(min=1))
    when_unknown = fields.Str(required=True, validate=validate.OneOf(WHEN_UNKNOWN))
    question = fields.Str(required=True)
    known_limits = fields.Str(required=True, validate=validate.Length(min=1))
    catalogue = fields.Str(load_default="")
    population = fields.List(fields.Nested(PopulationTable), load_default=list)
    dosing = fields.Nested(DosingTable, load_default=None)
    recommendation = fields.List(fields.Nested(RecommendationTable), load_default=list)
    no_action = fields.List(fields.Nested(SilentTable), load_default=list)
    cannot_tell = fields.List(fields.Nested(BranchTable), load_default=list)
    adjusts = fields.List(fields.Str(), load_default=list)  # scores that inhibitors change
    inhibited = fields.List(fields.Nested(InhibitedTable), load_default=list)
    test_first = fields.List(fields.Str(), load_default=list)  # populations; all if empty


class SourceTable(Schema):
    """sources.toml: what, by whom, when, under which licence, and when it was read."""

    title = fields.Str(required=True)
    label = fields.Str(required=True)
    licence = fields.Str(required=True)
    url = fields.Url(schemes={"https"})
    pmid = fields.Str(validate=validate.Regexp(r"\d{7,8}\Z"))
    year = fields.Int(strict=True)
    version = fields.Str()
    read = fields.Str(required=True)
    note = fields.Str()


def keys_of(schema: Schema) -> set[str]:
    """Every key that *schema*, or a table in it, has."""
    keys = {field.data_key or name for name, field in schema.fields.items()}
    inner = (getattr(field, "inner", field) for field in schema.fields.values())
    nested = (field.schema for field in inner if isinstance(field, fields.Nested))
    return keys.union(*(keys_of(each) for each in nested if isinstance(each, Schema)))


def lines(messages: Mapping[Any, Any] | list[Any], path: str = "") -> list[str]:
    """Marshmallow's nested messages, flat: `path: message`."""
    if isinstance(messages, list):
        return [f"{path}: {message}" for message in messages]
    return [
        line
        for key, below in messages.items()
        for line in lines(below, f"{path}.{key}" if path else str(key))
    ]
