"""A FHIR server with a token server, on loopback: it verifies every assertion that it gets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.contract.loopback import Call, Loopback, bundle, http, observation

CLIENT_ID = "rxhooks-at-the-hospital"
KID = "2026"
FORM = "application/x-www-form-urlencoded"

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Registered:
    """How we are known there, as the clients file tells it."""

    key: Path
    token_url: str = ""
    client_id: str = CLIENT_ID
    kid: str = KID
    scopes: tuple[str, ...] = ("system/Observation.rs", "system/Patient.rs")


def pem(folder: Path, key: PrivateKey) -> Path:
    """*key* in a file of *folder*."""
    file = folder / "private.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return file


@dataclass(slots=True)
class TokenServer:
    """What it does, as a behaviour of `loopback`; *answer* takes the place of the tokens' answer.

    Tokens are `issued-1`, `issued-2`, ...; only those in *good* open the FHIR server.
    """

    public: object
    lifetime: object = 300
    answer: Callable[[Call], None] | None = None
    endpoint: str = "{base}/token"
    forms: list[dict[str, str]] = field(default_factory=list)
    claims: list[dict[str, object]] = field(default_factory=list)
    headers: list[dict[str, object]] = field(default_factory=list)
    good: set[str] = field(default_factory=set)

    def __call__(self, call: Call) -> None:
        base = f"http://{call.header('Host')}/fhir"
        if call.target == "/fhir/.well-known/smart-configuration":
            call.send(http({"token_endpoint": self.endpoint.format(base=base)}))
        elif call.head.startswith("POST "):
            self._issue(call, f"http://{call.header('Host')}{call.target}")
        elif call.header("Authorization").removeprefix("Bearer ") in self.good:
            call.send(http(bundle(observation("o1"))))
        else:
            call.send(http(b"", "401 Unauthorized"))

    def _issue(self, call: Call, url: str) -> None:
        form = {key: values[0] for key, values in parse_qs(call.body.decode()).items()}
        self.forms.append(form)
        assertion = form["client_assertion"]
        self.headers.append(jwt.get_unverified_header(assertion))
        try:
            claims = jwt.decode(
                assertion,
                self.public,  # type: ignore[arg-type]
                algorithms=["ES384", "RS384"],
                audience=url,
                issuer=CLIENT_ID,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "jti"]},
            )
        except jwt.PyJWTError:
            call.send(http({"error": "invalid_client"}, "401 Unauthorized"))
            return
        self.claims.append(claims)
        if self.answer is not None:
            self.answer(call)
            return
        token = f"issued-{len(self.claims)}"
        self.good.add(token)
        told = {"access_token": token, "token_type": "bearer", "expires_in": self.lifetime}
        call.send(http(orjson.dumps(told)))


def asked_for_tokens(server: Loopback) -> int:
    """How often *server* was asked for a token."""
    return sum(call.head.startswith("POST ") for call in server.calls)
