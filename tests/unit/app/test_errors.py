"""Every error as JSON with an OperationOutcome: fields are named, values never repeated."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import ValidationError
from werkzeug import exceptions

from app import errors
from app.cds.schemas import NotJson

SECRET = "Erika Mustermann 1970"  # noqa: S105
Raise = Callable[[Exception], FlaskClient]


@pytest.fixture
def raising() -> Raise:
    """A client of an app whose one view raises."""

    def make(error: Exception) -> FlaskClient:
        app = Flask(__name__)
        errors.init_app(app)

        @app.get("/")
        def view() -> NoReturn:
            raise error

        return app.test_client()

    return make


def issues(client: FlaskClient, status: int) -> list[dict[str, Any]]:
    """The issues of the answer, which has *status* and is an OperationOutcome."""
    answer = client.get("/")
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert answer.json is not None
    assert answer.json["resourceType"] == "OperationOutcome"
    found: list[dict[str, Any]] = answer.json["issue"]
    assert found
    return found


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotJson(SECRET), 400, "invalid"),
        (errors.UnknownService(SECRET), 404, "not-found"),
        (errors.NotJsonType(SECRET), 415, "not-supported"),
        (errors.NotKept(SECRET), 503, "transient"),
        (errors.NotAuthenticated("signature", SECRET), 401, "login"),
        (errors.ReplayUnavailable(SECRET), 503, "transient"),
        (errors.ForeignFhirServer(SECRET), 403, "forbidden"),
        (exceptions.BadRequest(SECRET), 400, "invalid"),
        (exceptions.NotFound(SECRET), 404, "not-found"),
        (exceptions.RequestEntityTooLarge(SECRET), 413, "too-long"),
        (exceptions.ImATeapot(SECRET), 418, "exception"),
        (exceptions.InternalServerError(SECRET), 500, "exception"),
        (RuntimeError(SECRET), 500, "exception"),
        (KeyError(SECRET), 500, "exception"),
        (RecursionError(SECRET), 500, "exception"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_error_has_its_status_and_tells_nothing_of_what_it_holds(
    raising: Raise, error: Exception, status: int, code: str
) -> None:
    [issue] = issues(raising(error), status)

    assert (issue["severity"], issue["code"]) == ("error", code)
    assert issue["diagnostics"]
    assert "Erika" not in str(issue)
    assert "Error" not in issue["diagnostics"]


def test_nothing_fetched_is_412_with_a_reason_each(raising: Raise) -> None:
    found = issues(raising(errors.NothingFetched(["CYP2C19: no answer", "sex: no answer"])), 412)

    assert [issue["diagnostics"] for issue in found] == ["CYP2C19: no answer", "sex: no answer"]
    assert {issue["code"] for issue in found} == {"incomplete"}


def test_nothing_fetched_for_no_reason_still_says_something(raising: Raise) -> None:
    [issue] = issues(raising(errors.NothingFetched([])), 412)

    assert "neither from prefetch nor from a FHIR server" in issue["diagnostics"]


def test_an_invalid_request_names_each_field_by_its_path(raising: Raise) -> None:
    messages = {
        "hook": ["Missing."],
        "context": {"selections": {1: ["Not a string."]}, "patientId": ["Wrong."]},
        "_schema": ["Not an object."],
    }

    found = issues(raising(ValidationError(messages)), 400)

    assert {issue["expression"][0]: issue["diagnostics"] for issue in found} == {
        "hook": "hook: Missing.",
        "context.selections[1]": "context.selections[1]: Not a string.",
        "context.patientId": "context.patientId: Wrong.",
        "body": "body: Not an object.",
    }


def test_a_fault_of_the_whole_body_is_told_as_such(raising: Raise) -> None:
    [issue] = issues(raising(ValidationError("Not an object.")), 400)

    assert issue["diagnostics"] == "body: Not an object."


def test_a_fault_of_a_whole_object_is_told_under_its_name(raising: Raise) -> None:
    [issue] = issues(raising(ValidationError({"context": {"_schema": ["Invalid."]}})), 400)

    assert issue["expression"] == ["context"]


def test_a_405_keeps_its_allow(raising: Raise) -> None:
    answer = raising(RuntimeError()).post("/")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert answer.json is not None
    assert answer.json["issue"][0]["code"] == "not-supported"


def test_a_retry_after_is_kept(raising: Raise) -> None:
    answer = raising(exceptions.ServiceUnavailable(retry_after=7)).get("/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")


def test_an_unknown_place_is_404_in_json(raising: Raise) -> None:
    answer = raising(RuntimeError()).get("/<script>")

    assert answer.status_code == 404
    assert answer.mimetype == "application/json"
    assert "script" not in answer.text
