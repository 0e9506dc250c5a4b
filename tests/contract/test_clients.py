"""Section J of the checklist: who may call. The names of the tests say which item they prove."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.settings import from_environment
from tests.contract.loopback import Call, Loopback, Serve, http
from tests.unit.app.cds import Json, order_select, serving
from tests.unit.app.security import (
    BASE,
    CALL,
    DISCOVERY,
    EC_KEY,
    ISSUER,
    KID,
    OTHER_EC_KEY,
    RSA_KEY,
    RSA_KID,
    base64,
    bearer,
    claims,
    clients_toml,
    forged,
    hmac_signed,
    jwk,
    key_set,
    token,
)

FEEDBACK = f"{CALL}/feedback"
CARD = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
GIVEN = {"card": CARD, "outcome": "overridden", "outcomeTimestamp": "2026-11-21T10:00:00Z"}
FHIR = "https://ehr.example/fhir"
ORIGIN = "https://ehr.example"
Make = Callable[..., FlaskClient]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Start the service for one client; arguments are lines of its entry."""
    running = []

    def make(*more: str, keys: str = "") -> FlaskClient:
        file = clients_toml(tmp_path, *more, keys=keys)
        settings = from_environment({"RXHOOKS_CLIENTS": str(file), "RXHOOKS_BASE_URL": BASE})
        context = serving(
            tmp_path,
            open=False,
            base_url=BASE,
            clients=settings.clients,
            replay_file=tmp_path / "used.db",
        )
        running.append(context)
        app: Flask = context.__enter__()
        return app.test_client()

    yield make
    for context in running:
        context.__exit__(None, None, None)


@pytest.fixture
def service(make: Make) -> FlaskClient:
    return make()


def ask(
    service: FlaskClient, signed: str = "", url: str = CALL, headers: dict[str, str] | None = None
) -> TestResponse:
    """The answer to a call, discovery or feedback with *signed*, or with other *headers*."""
    path = url.removeprefix(BASE)
    sent = bearer(signed) if headers is None else headers
    if url == DISCOVERY:
        return service.get(path, headers=sent)
    body = {"feedback": [GIVEN]} if url == FEEDBACK else order_select()
    return service.post(path, json=body, headers=sent)


def accepted(answer: TestResponse) -> bool:
    """Whether the call was let in; what is refused is 401 and tells nothing.

    Feedback on a card that was never shown is let in, and 404.
    """
    if answer.status_code in {200, 404}:
        return True
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "login",
                "diagnostics": "This call is not authenticated.",
            }
        ],
    }
    return False


def timed(**offsets: float) -> Json:
    """Claims whose times are so many seconds from now."""
    now = int(time())
    return claims(**{name: now + offset for name, offset in offsets.items()})


# J1, J2: every call carries a token


@pytest.mark.parametrize("url", [DISCOVERY, CALL, FEEDBACK])
def test_j1_b17_i11_every_place_asks_for_a_token(service: FlaskClient, url: str) -> None:
    assert not accepted(ask(service, url=url, headers={}))
    assert accepted(ask(service, token(claims(aud=url)), url))


def test_j1_nothing_of_a_body_is_read_before_the_caller_is_known(service: FlaskClient) -> None:
    answer = service.post(CALL.removeprefix(BASE), data=b"{", content_type="text/plain")

    assert not accepted(answer)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_j2_the_scheme_is_read_in_any_case(service: FlaskClient, scheme: str) -> None:
    assert accepted(ask(service, headers={"Authorization": f"{scheme} {token()}"}))


@pytest.mark.parametrize("form", ["Basic {}", "{}", "Bearer", "Bearer {}, Bearer {}", "JWT {}"])
def test_j2_anything_but_one_bearer_token_is_refused(service: FlaskClient, form: str) -> None:
    header = form.format(token(), token())

    assert not accepted(ask(service, headers={"Authorization": header}))


def test_j2_a_token_elsewhere_is_no_token(service: FlaskClient) -> None:
    path = f"{CALL.removeprefix(BASE)}?access_token={token()}"

    assert not accepted(service.post(path, json=order_select()))


# J3: the header


@pytest.mark.parametrize("name", ["kid", "typ"])
def test_j3_kid_and_typ_are_needed(service: FlaskClient, name: str) -> None:
    assert not accepted(ask(service, token(**{name: None})))


def test_j3_alg_is_needed(service: FlaskClient) -> None:
    assert not accepted(ask(service, token(alg=None)))


@pytest.mark.parametrize("value", ["JOSE", "at+jwt", 1, ["JWT"], ""])
def test_j3_typ_is_jwt(service: FlaskClient, value: object) -> None:
    assert not accepted(ask(service, token(typ=value)))


@pytest.mark.parametrize("value", ["", 1, [KID], {"kid": KID}, "x" * 300])
def test_j3_kid_is_a_short_text(service: FlaskClient, value: object) -> None:
    assert not accepted(ask(service, token(kid=value)))


# J4: jku


def test_j4_with_keys_of_a_file_jku_is_not_looked_at(service: FlaskClient, serve: Serve) -> None:
    elsewhere = serve(keys_of(jwk(OTHER_EC_KEY, KID)))

    assert accepted(ask(service, token(jku=f"{elsewhere.base}/jwks.json")))
    assert not accepted(ask(service, token(key=OTHER_EC_KEY, jku=elsewhere.base)))
    assert elsewhere.calls == []


def test_j4_with_keys_at_an_address_jku_is_that_address(make: Make, serve: Serve) -> None:
    known, elsewhere = serve(keys_of(jwk(EC_KEY, KID))), serve(keys_of(jwk(EC_KEY, KID)))
    service = make(f'jwks = "{known.base}"')

    assert accepted(ask(service, token(jku=known.base)))
    assert accepted(ask(service, token()))
    for other in (elsewhere.base, f"{known.base}/", f"{known.base}?x", known.base.upper(), 1):
        assert not accepted(ask(service, token(jku=other)))
    assert elsewhere.calls == []


# J5 to J8: signature and algorithm


def test_j5_j8_es384_and_rs384_are_accepted(service: FlaskClient) -> None:
    assert accepted(ask(service, token()))
    assert accepted(ask(service, token(None, RSA_KEY, "RS384", kid=RSA_KID)))


def test_j5_another_key_under_the_same_kid_is_refused(service: FlaskClient) -> None:
    assert not accepted(ask(service, token(key=OTHER_EC_KEY)))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_j5_a_part_that_was_changed_is_refused(service: FlaskClient, place: int) -> None:
    parts = [token().split("."), token(claims(extra="x")).split(".")]
    parts[0][place] = parts[1][place] if place else forged({"alg": "ES384"}, {}).split(".")[0]

    assert not accepted(ask(service, ".".join(parts[0])))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
@pytest.mark.parametrize("signature", [b"", b"x"])
def test_j6_no_algorithm_is_refused(service: FlaskClient, name: str, signature: bytes) -> None:
    header = {"alg": name, "typ": "JWT", "kid": KID}

    assert not accepted(ask(service, forged(header, claims(), signature)))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY])
def test_j7_a_public_key_is_no_secret(service: FlaskClient, algorithm: str, key: object) -> None:
    assert isinstance(key, type(EC_KEY) | rsa.RSAPrivateKey)
    public = key.public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, pem.strip(), b"", json.dumps(jwk(key, KID)).encode()):
        assert not accepted(ask(service, hmac_signed(secret, algorithm)))


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS384"])
def test_j8_other_algorithms_of_a_known_key_are_refused(
    service: FlaskClient, algorithm: str
) -> None:
    assert not accepted(ask(service, token(None, RSA_KEY, algorithm, kid=RSA_KID)))


def test_j8_the_algorithm_is_bound_to_the_type_of_the_key(service: FlaskClient) -> None:
    assert not accepted(ask(service, token(None, RSA_KEY, "RS384", kid=KID)))
    assert not accepted(ask(service, token(kid=RSA_KID)))


# J9, J10: issuer and audience


@pytest.mark.parametrize(
    "issuer",
    [None, "", f"{ISSUER}/", f"{ISSUER}.evil.example", ISSUER.upper(), "https://e", 1, [ISSUER]],
)
def test_j9_the_issuer_is_compared_exactly(service: FlaskClient, issuer: object) -> None:
    body = claims()
    body["iss"] = issuer

    assert not accepted(ask(service, token(body)))


def test_j9_a_client_s_key_does_not_sign_for_another(make: Make, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(key_set(jwk(OTHER_EC_KEY, KID)))
    other = '[[client]]\nname = "other"\nissuer = "https://other.example"\njwks = "other.json"'
    service = make("", other)

    assert accepted(ask(service, token(claims(iss="https://other.example"), OTHER_EC_KEY)))
    assert not accepted(ask(service, token(claims(iss="https://other.example"))))
    assert not accepted(ask(service, token(key=OTHER_EC_KEY)))


@pytest.mark.parametrize(
    "audience",
    [
        None,
        "",
        BASE,
        DISCOVERY,
        FEEDBACK,
        f"{CALL}/",
        f"{CALL}?x=1",
        CALL.upper(),
        CALL.replace("https", "http"),
        CALL.replace("order-select", "order-sign"),
        CALL.replace("cds.example", "cds.example:443"),
        "http://localhost/cds-services/rxhooks-order-select",
        [],
        [DISCOVERY],
        [CALL, 1],
        [[CALL]],
        {CALL: CALL},
    ],
)
def test_j10_a_token_for_another_address_is_refused(service: FlaskClient, audience: object) -> None:
    assert not accepted(ask(service, token(claims(aud=audience))))


def test_j10_the_audience_may_be_one_of_several(service: FlaskClient) -> None:
    assert accepted(ask(service, token(claims(aud=["https://other.example", CALL]))))


def test_j10_the_host_header_has_no_say(service: FlaskClient) -> None:
    elsewhere = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    signed = token(claims(aud=CALL.replace("cds.example", "evil.example")))

    assert not accepted(ask(service, headers=bearer(signed) | elsewhere))
    assert accepted(ask(service, headers=bearer(token()) | elsewhere))


def test_j10_discovery_has_an_address_of_its_own(service: FlaskClient) -> None:
    assert not accepted(ask(service, token(claims(aud=CALL)), DISCOVERY))


def test_j10_an_address_that_was_typed_with_slashes_too_many_may_be_meant(
    service: FlaskClient,
) -> None:
    typed = f"{DISCOVERY}//rxhooks-order-select"

    assert accepted(ask(service, token(claims(aud=typed)), typed))
    assert accepted(ask(service, token(), typed))


def test_j10_i11_feedback_may_be_for_its_service(service: FlaskClient) -> None:
    assert accepted(ask(service, token(claims(aud=CALL)), FEEDBACK))
    assert not accepted(ask(service, token(claims(aud=DISCOVERY)), FEEDBACK))


# J11, J12: times


@pytest.mark.parametrize(
    "odd",
    [
        {"exp": None},
        {"iat": None},
        {"exp": "2100000000"},
        {"iat": True},
        {"exp": [2100000000]},
        {"exp": 1e300},
        {"iat": -1},
        {"nbf": "now"},
    ],
)
def test_j11_j12_a_time_is_a_number_of_seconds(service: FlaskClient, odd: Json) -> None:
    assert not accepted(ask(service, token(claims(**odd))))


@pytest.mark.parametrize(
    "offsets",
    [
        {"iat": -400, "exp": -100},
        {"iat": 0, "exp": 7200},
        {"iat": 0, "exp": 3601},
        {"iat": 300, "exp": 600},
        {"iat": 0, "exp": 0},
        {"iat": 10, "exp": 5},
        {"nbf": 300},
    ],
)
def test_j11_j12_times_that_do_not_hold_are_refused(
    service: FlaskClient, offsets: dict[str, float]
) -> None:
    assert not accepted(ask(service, token(timed(**offsets))))


def test_j11_milliseconds_are_no_seconds(service: FlaskClient) -> None:
    milliseconds = int(time() * 1000)

    assert not accepted(ask(service, token(claims(iat=milliseconds, exp=milliseconds + 300_000))))


@pytest.mark.parametrize(
    "offsets",
    [
        {"iat": 0, "exp": 3600},
        {"iat": 15, "exp": 315},
        {"iat": -300, "exp": -5},
        {"nbf": 15},
        {"nbf": -10},
        {"iat": 0.25, "exp": 300.75},
    ],
)
def test_j11_j12_clocks_may_differ_a_little(
    service: FlaskClient, offsets: dict[str, float]
) -> None:
    assert accepted(ask(service, token(timed(**offsets))))


# J13: each token once


def test_j13_a_token_is_accepted_once(service: FlaskClient) -> None:
    signed = token()

    assert accepted(ask(service, signed))
    assert not accepted(ask(service, signed))


def test_j13_the_jti_is_what_counts_at_any_place(service: FlaskClient) -> None:
    assert accepted(ask(service, token(claims(jti="one"))))
    assert not accepted(ask(service, token(claims(jti="one", aud=DISCOVERY)), DISCOVERY))


@pytest.mark.parametrize("jti", [None, "", 1, ["x"], "x" * 300])
def test_j13_a_jti_is_needed(service: FlaskClient, jti: object) -> None:
    body = claims()
    body["jti"] = jti

    assert not accepted(ask(service, token(body)))


def test_j13_a_token_that_was_refused_does_not_use_up_its_jti(service: FlaskClient) -> None:
    assert not accepted(ask(service, token(claims(jti="one"), OTHER_EC_KEY)))
    assert accepted(ask(service, token(claims(jti="one"))))


# J14: tenants


@pytest.mark.parametrize("tenant", ["b", None, "", "A", ["a"]])
def test_j14_with_tenants_a_token_names_one_of_them(make: Make, tenant: object) -> None:
    service = make('tenants = ["a", "c"]')

    assert not accepted(ask(service, token(claims(tenant=tenant))))
    assert accepted(ask(service, token(claims(tenant="a"))))


def test_j14_without_tenants_any_may_be_named(service: FlaskClient) -> None:
    assert accepted(ask(service, token(claims(tenant="anything"))))


# J15: keys by kid, and their rotation


def test_j15_an_unknown_kid_is_refused(service: FlaskClient) -> None:
    assert not accepted(ask(service, token(kid="another")))


def test_j15_keys_of_a_file_rotate_without_a_restart(make: Make, tmp_path: Path) -> None:
    service = make(keys=key_set(jwk(EC_KEY, "old")))
    assert accepted(ask(service, token(kid="old")))

    (tmp_path / "jwks.json").write_text(key_set(jwk(OTHER_EC_KEY, "new")))

    assert accepted(ask(service, token(key=OTHER_EC_KEY, kid="new")))
    assert not accepted(ask(service, token(kid="old")))


def test_j15_keys_at_an_address_rotate_without_a_restart(make: Make, serve: Serve) -> None:
    current = [jwk(EC_KEY, "old")]
    server = serve(lambda call: keys_of(*current)(call))
    service = make(f'jwks = "{server.base}"')
    assert accepted(ask(service, token(kid="old")))

    current[:] = [jwk(OTHER_EC_KEY, "new")]

    assert accepted(ask(service, token(key=OTHER_EC_KEY, kid="new")))
    assert not accepted(ask(service, token(kid="old")))


def test_j15_unknown_kids_do_not_have_the_keys_fetched_without_end(
    make: Make, serve: Serve
) -> None:
    server = serve(keys_of(jwk(EC_KEY, KID)))
    service = make(f'jwks = "{server.base}"')

    for number in range(20):
        assert not accepted(ask(service, token(kid=f"unknown-{number}")))

    assert len(server.calls) <= 3
    assert accepted(ask(service, token()))


@pytest.mark.parametrize("answer", ["500", "redirect", "html", "empty", "hang up", "huge"])
def test_j15_keys_that_cannot_be_had_let_nobody_in(make: Make, serve: Serve, answer: str) -> None:
    elsewhere = serve(keys_of(jwk(EC_KEY, KID)))
    server = serve(broken(answer, elsewhere))
    service = make(f'jwks = "{server.base}"')

    assert not accepted(ask(service, token()))
    assert elsewhere.calls == []


# J16, J17: what is told, and what is logged


@pytest.mark.proves("H6")
def test_j16_every_refusal_looks_the_same(service: FlaskClient) -> None:
    refusals = [
        "x",
        token(key=OTHER_EC_KEY),
        token(claims(iss="https://nobody.example")),
        token(timed(iat=-400, exp=-100)),
        token(claims(aud=BASE)),
    ]
    answers = [ask(service, signed) for signed in refusals]

    told = [[h for h in sorted(a.headers) if h[0] != "X-Request-ID"] for a in answers]
    assert len({(a.status_code, a.data, str(h)) for a, h in zip(answers, told, strict=True)}) == 1


def test_j17_a_refused_token_is_logged_as_one_word(
    service: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    signed = token(claims(aud=BASE))
    ask(service, signed)

    [line] = [line for line in capsys.readouterr().err.splitlines() if "refused" in line]
    told = json.loads(line)
    assert (told["reason"], told["client"], told["status"]) == ("audience", "hospital", 401)
    assert not any(part in line for part in signed.split("."))


# J18: what a token says of itself is not trusted


@pytest.mark.parametrize("name", ["jwk", "x5c", "x5u", "x5t"])
def test_j18_a_key_in_the_header_is_not_used(service: FlaskClient, serve: Serve, name: str) -> None:
    elsewhere = serve(keys_of(jwk(OTHER_EC_KEY, KID)))
    value = {"jwk": jwk(OTHER_EC_KEY, KID), "x5c": ["MIIB"], "x5u": elsewhere.base}.get(name, "x")

    assert not accepted(ask(service, token(key=OTHER_EC_KEY, **{name: value})))
    assert elsewhere.calls == []


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp"])
def test_j18_what_is_critical_is_not_understood(service: FlaskClient, crit: object) -> None:
    assert not accepted(ask(service, token(crit=crit, exp=1, b64=True)))


def test_j18_sub_is_not_needed_and_not_looked_at(service: FlaskClient) -> None:
    assert accepted(ask(service, token(claims(sub="somebody"))))
    assert "sub" not in claims()


# A client's own FHIR servers


@pytest.mark.parametrize(
    ("server", "status"),
    [
        (FHIR, 200),
        (f"{FHIR}/", 200),
        ("https://other.example/fhir", 403),
        (f"{FHIR}.evil.example", 403),
        ("http://ehr.example/fhir", 403),
        ("http://127.0.0.1:1/fhir", 403),
    ],
)
def test_f9_a_client_names_its_own_fhir_servers(make: Make, server: str, status: int) -> None:
    service = make(f'fhir_servers = ["{FHIR}"]')
    body = order_select(fhirServer=server)

    answer = service.post(CALL.removeprefix(BASE), json=body, headers=bearer(token()))

    assert answer.status_code == status
    if status == 403:
        assert answer.json is not None
        assert answer.json["issue"][0]["code"] == "forbidden"
        assert server not in answer.text


# CORS


PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}


@pytest.mark.parametrize("url", [DISCOVERY, CALL, FEEDBACK])
def test_k1_k3_k4_a_preflight_needs_no_token(make: Make, url: str) -> None:
    service = make(f'cors_origins = ["{ORIGIN}"]')
    answer = service.options(url.removeprefix(BASE), headers=PREFLIGHT)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "*", f"{ORIGIN}:8443"])
def test_k5_other_origins_get_no_permission(make: Make, origin: str) -> None:
    service = make(f'cors_origins = ["{ORIGIN}"]')

    for answer in (
        service.options(CALL.removeprefix(BASE), headers=PREFLIGHT | {"Origin": origin}),
        ask(service, headers=bearer(token()) | {"Origin": origin}),
        ask(service, headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Origin"


def test_k5_without_listed_origins_no_browser_may_call(service: FlaskClient) -> None:
    answer = service.options(CALL.removeprefix(BASE), headers=PREFLIGHT)

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_k5_an_origin_may_call_as_its_own_client_only(make: Make) -> None:
    other = '[[client]]\nname = "other"\nissuer = "https://other.example"\njwks = "jwks.json"'
    service = make("", other, 'cors_origins = ["https://other.example"]')
    headers = {"Origin": "https://other.example"}

    own = ask(service, headers=bearer(token(claims(iss="https://other.example"))) | headers)
    foreign = ask(service, headers=bearer(token()) | headers)

    assert own.headers["Access-Control-Allow-Origin"] == "https://other.example"
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_k6_a_refused_call_has_the_permission_as_well(make: Make) -> None:
    answer = ask(make(f'cors_origins = ["{ORIGIN}"]'), headers={"Origin": ORIGIN})

    assert not accepted(answer)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


# Hostile tokens


@pytest.mark.parametrize(
    "signed",
    [
        "..",
        "a.b",
        "a.b.c.d",
        "a" * 20_000 + ".b.c",
        "%00.%00.%00",
        "W10.W10.W10",
        "bnVsbA.bnVsbA.x",
        forged([], claims()),
        token("text"),
        token(alg=["ES384"]),
        token(alg={"a": 1}),
        token({"iss": ISSUER, "aud": None}),
        token({"iss": ISSUER, "aud": CALL}),
        token(b64=False),
        token(claims(extra="x" * 6_000)),
        token(kid="\ud800"),
        token(claims(jti="\ud800")),
        token(claims(exp=float("nan"))),
        token(claims(exp=float("inf"))),
    ],
)
def test_h8_a_hostile_token_is_401(service: FlaskClient, signed: str) -> None:
    assert not accepted(ask(service, signed))


@pytest.mark.parametrize("depth", [500, 980, 1_010, 1_020, 2_500])
def test_h8_a_deep_token_is_401(service: FlaskClient, depth: int) -> None:
    """Between 1,000 and 1,024 levels, one of two JSON readers gives up."""
    deep = b"[" * depth + b"]" * depth
    header = b'{"alg":"ES384","typ":"JWT","kid":"ec-1","x":%s}'
    good = json.dumps(claims()).encode()
    for parts in ((header % deep, good), (header % b"1", good[:-1] + b',"x":%s}' % deep)):
        assert not accepted(ask(service, ".".join(base64(part) for part in (*parts, b"x"))))


def keys_of(*keys: dict[str, object]) -> Callable[[Call], None]:
    """A server of a JWK Set."""
    return lambda call: call.send(http({"keys": keys}))


@dataclass(frozen=True, slots=True)
class broken:  # noqa: N801  reads as a function
    """A key server that does not give keys."""

    answer: str
    elsewhere: Loopback

    def __call__(self, call: Call) -> None:
        """Answer *call*."""
        if self.answer == "hang up":
            return call.hang_up()
        location = f"Location: {self.elsewhere.base}\r\n"
        good = {"keys": [jwk(EC_KEY, KID)]}
        return call.send(
            {
                "500": http(good, "500 Oops"),
                "redirect": http(good, "302 Found", location),
                "html": http(b"<html>"),
                "empty": http({"keys": []}),
                "huge": http(good | {"more": "x" * 300_000}),
            }[self.answer]
        )
