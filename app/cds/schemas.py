"""CDS Hooks JSON: requests in, checked; discovery and cards out. Messages never echo values."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import orjson
from marshmallow import (
    EXCLUDE,
    Schema,
    ValidationError,
    fields,
    pre_load,
    validate,
    validates_schema,
)

from hooks.cards import Card
from hooks.knowledge import Knowledge
from hooks.service import HookService
from hooks.suggestions import Action, Suggestion

UUID_FORM = re.compile(
    r"(?:urn:uuid:)?\{?[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}\}?"
)
PATIENT_ID = validate.Regexp(r"[A-Za-z0-9.-]{1,64}\Z", error="Not a FHIR id.")
HOOK_VERSION = "1.0"
SPECIFICATION = "3.0.0"  # of CDS Hooks; what 2.0 clients do not know, they ignore
USAGE = (
    "FHIR R4. Without prefetch and without access to a FHIR server nothing can be checked: the "
    "answer is then 412, or a card that says so."
)


class NotJson(ValueError):
    """The body is not a JSON object in UTF-8; the caller gets a 400."""


class Lenient(Schema):
    """What a later version of the specification adds is ignored."""

    class Meta:
        unknown = EXCLUDE


def is_bundle(value: Mapping[str, Any]) -> None:
    """A FHIR Bundle by its type; its contents are read with care, not validated."""
    if value.get("resourceType") != "Bundle":
        raise ValidationError("Not a Bundle.")


class PatientViewContext(Lenient):
    userId = fields.Str(required=True, validate=validate.Length(min=1))
    patientId = fields.Str(required=True, validate=PATIENT_ID)
    encounterId = fields.Str()


class OrderSignContext(PatientViewContext):
    draftOrders = fields.Dict(required=True, validate=is_bundle)


class OrderSelectContext(OrderSignContext):
    selections = fields.List(fields.Str(), required=True)

    @pre_load
    def nothing_drafted(self, context: Any, **_: object) -> Any:
        """A call with neither drafts nor selections is a session without orders: some clients
        send it when a tab is opened again. One without the other is incomplete."""
        if isinstance(context, dict) and not {"draftOrders", "selections"} & context.keys():
            return {**context, "draftOrders": {"resourceType": "Bundle"}, "selections": []}
        return context

    @validates_schema(pass_original=True)
    def something_selected(self, _data: object, sent: Mapping[str, Any], **_: object) -> None:
        """A client that names selections names at least one."""
        if sent.get("selections") == []:
            raise ValidationError("Nothing is selected.", "selections")


class Authorization(Lenient):
    access_token = fields.Str(required=True, validate=validate.Length(min=1))
    token_type = fields.Str(required=True)
    expires_in = fields.Int(required=True, strict=True)
    scope = fields.Str(required=True)
    subject = fields.Str(required=True)
    patient = fields.Str()

    @validates_schema
    def bearer(self, data: Mapping[str, Any], **_: object) -> None:
        """SMART knows bearer tokens only."""
        if data["token_type"].casefold() != "bearer":
            raise ValidationError("Must be Bearer.", "token_type")


class Uuid(fields.UUID):
    """A UUID in a form of RFC 4122; Python alone takes other texts for one as well."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, str) or UUID_FORM.fullmatch(value) is None:
            raise self.make_error("invalid_uuid")
        return super()._deserialize(value, *args, **kwargs)


class HookRequest(Lenient):
    """A call of any hook; the context is checked by the hook's own schema."""

    hook = fields.Str(required=True)
    hookInstance = Uuid(required=True)
    context = fields.Dict(required=True)
    prefetch = fields.Dict(load_default=dict)
    fhirServer = fields.Url(schemes={"https", "http"}, require_tld=False)
    fhirAuthorization = fields.Nested(Authorization)

    @validates_schema
    def server_with_token(self, data: Mapping[str, Any], **_: object) -> None:
        """A token is for a server."""
        if "fhirAuthorization" in data and "fhirServer" not in data:
            raise ValidationError("Required with fhirAuthorization.", "fhirServer")


CONTEXTS: Mapping[str, Schema] = {
    "order-select": OrderSelectContext(),
    "order-sign": OrderSignContext(),
    "patient-view": PatientViewContext(),
}
REQUEST = HookRequest()
REQUEST.fields["fhirServer"].deserialize(
    "https://ehr.example"
)  # compiles its pattern before a call


def load_request(body: bytes, hook: str) -> dict[str, Any]:
    """The checked request for *hook*; each prefetch value stays raw until a rule needs it.

    Raises NotJson, or ValidationError with the fields that are wrong.
    """
    plain = _plain(body)
    request: dict[str, Any] = REQUEST.load(plain)
    if request["hook"] != hook:
        raise ValidationError({"hook": ["Not the hook of this service."]})
    try:
        request["context"] = CONTEXTS[hook].load(request["context"])
    except ValidationError as error:
        raise ValidationError({"context": error.messages}) from error
    return request


def load_json(body: bytes) -> Any:
    """*body* as JSON, for bodies without prefetch; raises NotJson."""
    return _parsed(body)


class _Envelope(msgspec.Struct):
    """A request with nothing in it parsed, read in one pass; a value that is not there is UNSET."""

    hook: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    hookInstance: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    context: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    fhirServer: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    fhirAuthorization: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    prefetch: dict[str, msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


ENVELOPE = msgspec.json.Decoder(_Envelope)
PLAIN_KEYS = ("hook", "hookInstance", "context", "fhirServer", "fhirAuthorization")


def _plain(body: bytes) -> dict[str, Any]:
    """The request's members as Python values, but for those of prefetch, which stay raw."""
    try:
        if not body.isascii():
            str(body, "utf-8")
        envelope = ENVELOPE.decode(body)
    except msgspec.ValidationError:
        return _of_wrong_types(body)
    except (UnicodeDecodeError, msgspec.MsgspecError, RecursionError) as error:
        raise NotJson from error
    members = {key: getattr(envelope, key) for key in PLAIN_KEYS}
    plain = {key: _parsed(raw) for key, raw in members.items() if raw is not msgspec.UNSET}
    if envelope.prefetch is not msgspec.UNSET:
        plain["prefetch"] = envelope.prefetch
    return plain


def _of_wrong_types(body: bytes) -> dict[str, Any]:
    """The whole of a request whose prefetch is no object, so that its fields can be named."""
    whole = _parsed(body)
    if not isinstance(whole, dict):
        raise NotJson
    return whole


def _parsed(raw: "msgspec.Raw | bytes") -> Any:
    try:
        return orjson.loads(memoryview(raw))
    except orjson.JSONDecodeError as error:
        raise NotJson from error


def dump_service(service: HookService, knowledge: Knowledge) -> dict[str, Any]:
    """A service as discovery tells it."""
    return {
        "id": service.id,
        "hook": service.hook,
        "hookVersion": HOOK_VERSION,
        "version": SPECIFICATION,
        "title": service.title,
        "description": service.description,
        "usageRequirements": USAGE,
        "prefetch": dict(service.queries(knowledge)),
    }


def dump_card(card: Card) -> dict[str, Any]:
    """A card on the wire; keys without a value are left out."""
    return _filled(
        uuid=card.uuid,
        summary=card.summary,
        indicator=card.indicator,
        detail=card.detail,
        source=_filled(label=card.source.label, url=card.source.url),
        suggestions=[_suggestion(suggestion) for suggestion in card.suggestions],
        selectionBehavior="at-most-one" if card.suggestions else "",
        links=[{"label": link.label, "url": link.url, "type": "absolute"} for link in card.links],
        overrideReasons=[
            {"system": reason.system, "code": reason.code, "display": reason.display}
            for reason in card.override_reasons
        ],
        extension=_finding_extension(card),
    )


def _finding_extension(card: Card) -> dict[str, Any]:
    """One finding as an object, merged ones as a list."""
    if not card.findings:
        return {}
    found = card.findings[0] if len(card.findings) == 1 else list(card.findings)
    return {"org.rxhooks.finding": found}


def _suggestion(suggestion: Suggestion) -> dict[str, Any]:
    return _filled(
        label=suggestion.label,
        uuid=suggestion.uuid,
        isRecommended=suggestion.recommended or None,
        actions=[_action(action) for action in suggestion.actions],
    )


def _action(action: Action) -> dict[str, Any]:
    return _filled(
        type=action.type,
        description=action.description,
        resource=action.resource,
        resourceId=action.resource_id,
    )


def _filled(**values: object) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in ("", None, [], {})}
