"""The sandbox's FHIR server: metadata, read and search, and the switch for its behaviour."""

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import HTTPException, UnsupportedMediaType
from werkzeug.wrappers import Response

from sandbox.answers import capability_statement, fhir, outcome, plain_json
from sandbox.behaviour import BASE, DESCRIPTIONS, Switch, misbehaving
from sandbox.faults import UnknownBehaviour, behaviour_named
from sandbox.paging import BadPage, Place, searchset
from sandbox.parameters import RESOURCE_TYPES
from sandbox.records import Records, Resource, UnknownResource, current
from sandbox.search import Asked, UnsupportedSearch, search

FORM = "application/x-www-form-urlencoded"
GREATEST_BODY = 1_000_000
ISSUES = {400: "invalid", 404: "not-found", 405: "not-supported", 413: "too-long", 415: "invalid"}

fhir_server = Blueprint("fhir", __name__, url_prefix=BASE)
people = Blueprint("people", __name__)


class UnknownType(LookupError):
    """This server keeps no resources of the type."""


def create_app(records: Records | None = None) -> Flask:
    """The sandbox over *records*, or over patients/*.json as of now."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = GREATEST_BODY
    app.extensions["records"] = current() if records is None else records
    app.extensions["switch"] = switch = Switch()
    app.register_blueprint(fhir_server)
    app.register_blueprint(people)
    app.register_error_handler(UnknownResource, _not_found)
    app.register_error_handler(UnknownType, _not_supported)
    app.register_error_handler(UnsupportedSearch, _invalid)
    app.register_error_handler(BadPage, _invalid)
    app.register_error_handler(HTTPException, _http_error)
    app.wsgi_app = misbehaving(app.wsgi_app, switch)  # type: ignore[method-assign, assignment]
    return app


@fhir_server.get("/metadata")
def metadata() -> Response:
    """FHIR's capabilities interaction."""
    return fhir(capability_statement(_base()))


@fhir_server.get("/<resource_type>/<resource_id>")
def read(resource_type: str, resource_id: str) -> Response:
    """FHIR's read interaction."""
    _check_type(resource_type)
    return fhir(_records().read(resource_type, resource_id))


@fhir_server.get("/<resource_type>")
def search_by_url(resource_type: str) -> Response:
    """FHIR's search-type interaction, by GET."""
    return _search(resource_type, tuple(request.args.items(multi=True)))


@fhir_server.post("/<resource_type>/_search")
def search_by_form(resource_type: str) -> Response:
    """FHIR's search-type interaction, by POST: the parameters of URL and body together."""
    if request.mimetype not in ("", FORM):
        raise UnsupportedMediaType(f"_search wants {FORM}")
    in_url, in_body = request.args.items(multi=True), request.form.items(multi=True)
    return _search(resource_type, (*in_url, *in_body))


def _search(resource_type: str, asked: Asked) -> Response:
    _check_type(resource_type)
    place = Place.of(asked)
    found = search(_records().of_type(resource_type), resource_type, place.asked)
    return fhir(searchset(_base(), resource_type, asked, place, found))


@people.get("/")
def overview() -> Response:
    """Who is on file, and what the server can be made to do."""
    origin = request.url_root.rstrip("/")
    patients = sorted(_records().of_type("Patient"), key=lambda patient: str(patient["id"]))
    return plain_json(
        {
            "fhir": origin + BASE,
            "behaviour": _switch().name,
            "patients": [_summary(patient) for patient in patients],
            "behaviours": [
                {
                    "name": name,
                    "does": does,
                    "base": f"{origin}/{name}{BASE}",
                }
                for name, does in DESCRIPTIONS
            ],
        }
    )


def _summary(patient: Resource) -> Resource:
    name = patient["name"][0]
    return {
        "id": patient["id"],
        "name": " ".join([*name["given"], name["family"]]),
        "gender": patient["gender"],
        "birthDate": patient["birthDate"],
        "read": f"{_base()}/Patient/{patient['id']}",
    }


@people.get("/behaviour")
def behaviour() -> Response:
    """What the plain `/fhir` does now."""
    return plain_json({"behaviour": _switch().name})


@people.put("/behaviour")
def change_behaviour() -> Response:
    """Make the plain `/fhir` do something else: `{"behaviour": "slow-3000"}`."""
    wanted = request.get_json(silent=True, force=True)
    name = wanted.get("behaviour") if isinstance(wanted, dict) else None
    try:
        behaviour_named(str(name))
    except UnknownBehaviour as error:
        return plain_json({"error": str(error)}, 400)
    _switch().name = str(name)
    return behaviour()


def _records() -> Records:
    records: Records = current_app.extensions["records"]
    return records


def _switch() -> Switch:
    switch: Switch = current_app.extensions["switch"]
    return switch


def _base() -> str:
    """The base URL that the caller used, with the prefix of its behaviour."""
    return request.url_root.rstrip("/") + BASE


def _check_type(resource_type: str) -> None:
    if resource_type not in RESOURCE_TYPES:
        raise UnknownType("this server keeps no resources of that type")


def _not_found(error: UnknownResource) -> Response:
    return outcome("not-found", str(error), 404)


def _not_supported(error: UnknownType) -> Response:
    return outcome("not-supported", str(error), 404)


def _invalid(error: UnsupportedSearch | BadPage) -> Response:
    return outcome("invalid", str(error), 400)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    return outcome(ISSUES.get(status, "exception"), error.name, status)
