"""models/*.toml, and the `dosing` of a guideline: their shape, and the values made of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from hooks.clinical.dosing import Adjustment, Dosing, GeneInput
from hooks.clinical.models.model import KINDS, Bands, Input, Limit, Model
from hooks.clinical.models.points import limit_of
from hooks.clinical.models.registry import CALCULATIONS, FEATURES
from hooks.clinical.populations import Span

NAME = validate.Regexp(r"[a-z][A-Za-z0-9_]*\Z")
TEXT = validate.Length(min=1)


class RangeTable(Schema):
    """`from` and `up_to`, both of which count; numbers that matter are quoted."""

    from_ = fields.Decimal(data_key="from", load_default=None)
    up_to = fields.Decimal(load_default=None)


class InputTable(Schema):
    name = fields.Str(required=True, validate=NAME)
    kind = fields.Str(required=True, validate=validate.OneOf(KINDS))
    label = fields.Str(required=True, validate=TEXT)
    unit = fields.Str(load_default="")
    step = fields.Decimal(load_default=Decimal(0))
    span = fields.Nested(RangeTable, load_default=dict)
    default = fields.Str(load_default="")
    aliases = fields.Dict(fields.Str(), fields.Str(), load_default=dict)
    choices = fields.List(fields.Str(), load_default=list)
    counts = fields.Nested(RangeTable, load_default=dict)
    optional = fields.Bool(load_default=False)


class BandsTable(Schema):
    """Words for ranges of a result: each with the least value that it is for."""

    of = fields.Str(required=True)
    least = fields.Dict(fields.Str(), fields.Decimal(), required=True, validate=TEXT)


class LimitTable(Schema):
    """Results that are for a narrower range of an input than the others."""

    results = fields.List(fields.Str(), required=True, validate=TEXT)
    input = fields.Str(required=True)
    span = fields.Nested(RangeTable, required=True)


class ModelFile(Schema):
    """models/<name>.toml: a published equation, calculated by the module of its name."""

    name = fields.Str(required=True, validate=validate.OneOf(CALCULATIONS))
    title = fields.Str(required=True, validate=TEXT)
    unit = fields.Str(required=True, validate=TEXT)
    source = fields.Str(required=True)
    reviewed_by = fields.List(fields.Str(), load_default=list)
    known_limits = fields.Str(required=True, validate=TEXT)
    input = fields.List(fields.Nested(InputTable), required=True, validate=TEXT)
    results = fields.List(fields.Str(), required=True, validate=TEXT)
    coefficients = fields.Dict(
        fields.Str(), fields.Dict(fields.Str(), fields.Decimal()), load_default=dict
    )
    bands = fields.Dict(fields.Str(), fields.Nested(BandsTable), load_default=dict)
    limit = fields.List(fields.Nested(LimitTable), load_default=list)

    @validates_schema
    def terms_have_inputs(self, data: dict[str, Any], **_: object) -> None:
        """Every term but the intercept is an input, a choice or a limit of one, or a feature."""
        kinds = {each["name"]: each["kind"] for each in data["input"]}
        features = FEATURES.get(data["name"], frozenset())
        for equation, table in data["coefficients"].items():
            for term in table.keys() - {"intercept"}:
                if not _is_known(term, kinds, features):
                    raise ValidationError(f"{term} is of no input", f"coefficients.{equation}")

    @validates_schema
    def results_are_there(self, data: dict[str, Any], **_: object) -> None:
        """Bands and limits are of results, and limits of numbers that have to be given."""
        told = [*data["bands"], *(each["of"] for each in data["bands"].values())]
        told += [name for each in data["limit"] for name in each["results"]]
        numbers = {
            each["name"]
            for each in data["input"]
            if each["kind"] == "number" and not each["optional"]
        }
        for name in {*told} - {*data["results"]}:
            raise ValidationError(f"{name} is no result", "results")
        for name in {each["input"] for each in data["limit"]} - numbers:
            raise ValidationError(f"{name} is no number that is always given", "limit")


def _is_known(term: str, kinds: Mapping[str, str], features: frozenset[str]) -> bool:
    name, sign, _ = limit_of(term)
    if sign:
        return kinds.get(name) == "number"
    if features:
        weighable = {name for name, kind in kinds.items() if kind != "choice"} | features
        return weighable.issuperset(term.split(" * "))
    name, _, choice = term.partition(" ")
    return name in kinds and (kinds[name] == "choice") == bool(choice)


class GeneInputTable(Schema):
    input = fields.Str(required=True, validate=NAME)
    phenotypes = fields.Dict(fields.Str(), fields.Str(), load_default=dict)
    alleles = fields.Dict(fields.Str(), fields.Str(), load_default=dict)


class AdjustmentTable(Schema):
    """Factors on what the equation gives: for one of the alleles, and for two."""

    gene = fields.Str(required=True)
    alleles = fields.List(fields.Str(), required=True, validate=TEXT)
    once = fields.List(fields.Decimal(), required=True, validate=validate.Length(equal=2))
    twice = fields.List(fields.Decimal(), required=True, validate=validate.Length(equal=2))
    strength = fields.Str(required=True, validate=TEXT)
    text = fields.Str(required=True, validate=TEXT)


class DosingTable(Schema):
    """How a guideline doses by an equation; inputs by the equation's names."""

    model = fields.Str(required=True)
    result = fields.Str(required=True)
    without_genes = fields.Str(required=True)
    adults_from = fields.Decimal(required=True)
    tolerance = fields.Decimal(required=True)
    measures = fields.Dict(fields.Str(), fields.Str(), required=True)
    fixed = fields.Dict(fields.Str(), fields.Str(), load_default=dict)
    taking = fields.Dict(fields.Str(), fields.List(fields.Str()), load_default=dict)
    genes = fields.Dict(fields.Str(), fields.Nested(GeneInputTable), required=True)
    adjustment = fields.List(fields.Nested(AdjustmentTable), load_default=list)
    remarks = fields.List(fields.Str(), load_default=list)


def model(table: Mapping[str, Any]) -> Model:
    """The model of a loaded ModelFile."""
    return Model(
        table["name"],
        table["title"],
        table["unit"],
        table["source"],
        tuple(_input(each) for each in table["input"]),
        tuple(table["results"]),
        table["coefficients"],
        table["known_limits"].strip(),
        tuple(table["reviewed_by"]),
        {name: Bands(each["of"], each["least"]) for name, each in table["bands"].items()},
        tuple(_limit(each) for each in table["limit"]),
    )


def dosing(table: Mapping[str, Any] | None) -> Dosing | None:
    """The dosing of a loaded guideline, if it has one."""
    if table is None:
        return None
    genes = {
        symbol: GeneInput(each["input"], each["phenotypes"], each["alleles"])
        for symbol, each in table["genes"].items()
    }
    adjustments = tuple(_adjustment(each) for each in table["adjustment"])
    taking = {name: tuple(drugs) for name, drugs in table["taking"].items()}
    own: dict[str, Any] = {"genes": genes, "taking": taking, "remarks": tuple(table["remarks"])}
    plain = {key: value for key, value in table.items() if key not in {*own, "adjustment"}}
    return Dosing(**plain, **own, adjustments=adjustments)


def _input(table: Mapping[str, Any]) -> Input:
    own = {"span": _span(table["span"]), "counts": _span(table["counts"])}
    return Input(**{**table, **own, "choices": tuple(table["choices"])})


def _limit(table: Mapping[str, Any]) -> Limit:
    return Limit(frozenset(table["results"]), table["input"], _span(table["span"]))


def _span(table: Mapping[str, Any]) -> Span:
    return Span(table.get("from_"), table.get("up_to"))


def _adjustment(table: Mapping[str, Any]) -> Adjustment:
    once, twice = table["once"], table["twice"]
    pairs = {"once": (once[0], once[1]), "twice": (twice[0], twice[1])}
    return Adjustment(**{**table, **pairs, "alleles": frozenset(table["alleles"])})
