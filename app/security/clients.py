"""The clients that may call, from the file that RXHOOKS_CLIENTS names (TOML).

[[client]]
name = "hospital"                      # our own word for it, in logs and stored rows
issuer = "https://ehr.example"         # the `iss` of its tokens, compared exactly
jwks = "https://ehr.example/jwks.json" # or a file; relative to this file
fhir_servers = ["https://ehr.example/fhir"]
internal = false                       # its FHIR servers may have private addresses
cors_origins = ["https://ehr.example"]
tenants = []                           # if any are named, a token has to name one of them
policy = "hospital-policy.toml"

[client.backend]                       # SMART Backend Services, where a call brings no token
token_url = "https://ehr.example/token"
client_id = "rxhooks"
key = "rxhooks-private.pem"
kid = "2026"
scopes = ["system/*.rs"]
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.security.keys import NotAKeySet, parse_keys
from app.security.urls import is_origin, is_secure

NAME = "RXHOOKS_CLIENTS"
OPEN = "open"  # the name of everybody, where clients are not authenticated
UNAUTHENTICATED = "unauthenticated"  # the name of whoever was not let in
TEXT = validate.Regexp(r"[^\x00-\x1f\x7f]{1,200}\Z", error="Must be a line of text.")


@dataclass(frozen=True, slots=True)
class BackendToken:
    """How we get a token of our own from a client's authorization server; *key* signs for it."""

    token_url: str
    client_id: str
    key: Path
    scopes: tuple[str, ...] = ()
    kid: str = ""


@dataclass(frozen=True, slots=True)
class CdsClient:
    """Who called. *issuer* is empty where clients are not authenticated."""

    name: str
    issuer: str = ""
    fhir_servers: tuple[str, ...] = ()
    internal: bool = False
    cors_origins: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    policy: Path | None = None
    token: BackendToken | None = None
    jwks: str = ""  # an address, or the path of a file


def clients_file(environ: Mapping[str, str], problems: list[str]) -> tuple[CdsClient, ...]:
    """The clients of the file that *environ* names; its faults go to *problems*, in words."""
    if NAME not in environ:
        return ()
    file = Path(environ[NAME])
    if not environ[NAME] or not file.is_file():
        problems.append(f"{NAME}: is not a file")
        return ()
    try:
        listed = _File().load(tomllib.loads(file.read_text("utf-8")))["client"]
    except ValidationError as error:
        problems += [f"{NAME}: {line}" for line in _told(error.messages)]
    except (OSError, ValueError) as error:  # not TOML, not UTF-8
        told = error.strerror if isinstance(error, OSError) else f"is not TOML: {error}"
        problems.append(f"{NAME}: {told}")
    else:
        clients = tuple(_client(entry, file.parent) for entry in listed)
        problems += [f"{NAME}: {fault}" for fault in _faults(clients)]
        return clients
    return ()


class _Address(fields.Str):
    """An https URL, or http on loopback; without a trailing slash."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        url = str(super()._deserialize(*args, **kwargs))
        if not is_secure(url):
            raise ValidationError("Must be an https URL (plain http only on loopback).")
        return url.rstrip("/")


class _Origin(_Address):
    """What a browser sends as Origin: scheme, host and port."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        origin = super()._deserialize(*args, **kwargs)
        if not is_origin(origin):
            raise ValidationError("Must be an origin: scheme, host and port, in lower case.")
        return origin


class _Backend(Schema):
    token_url = _Address(load_default="")
    client_id = fields.Str(required=True, validate=TEXT)
    key = fields.Str(required=True, validate=TEXT)
    kid = fields.Str(load_default="", validate=TEXT)
    scopes = fields.List(fields.Str(validate=TEXT), load_default=list)


class _Client(Schema):
    name = fields.Str(required=True, validate=[TEXT, validate.NoneOf([OPEN, UNAUTHENTICATED])])
    issuer = fields.Str(required=True, validate=TEXT)
    jwks = fields.Str(required=True, validate=TEXT)
    fhir_servers = fields.List(_Address(), load_default=list)
    internal = fields.Bool(load_default=False, truthy={True}, falsy={False})
    cors_origins = fields.List(_Origin(), load_default=list)
    tenants = fields.List(fields.Str(validate=TEXT), load_default=list)
    policy = fields.Str(load_default="", validate=TEXT)
    backend = fields.Nested(_Backend)


class _File(Schema):
    client = fields.List(
        fields.Nested(_Client), required=True, validate=validate.Length(1, error="Names nobody.")
    )


def _client(entry: Mapping[str, Any], folder: Path) -> CdsClient:
    backend = entry.get("backend")
    return CdsClient(
        name=entry["name"],
        issuer=entry["issuer"],
        fhir_servers=tuple(entry["fhir_servers"]),
        internal=entry["internal"],
        cors_origins=tuple(entry["cors_origins"]),
        tenants=tuple(entry["tenants"]),
        policy=folder / entry["policy"] if entry["policy"] else None,
        token=_backend(backend, folder) if backend else None,
        jwks=entry["jwks"] if "://" in entry["jwks"] else str(folder / entry["jwks"]),
    )


def _backend(entry: Mapping[str, Any], folder: Path) -> BackendToken:
    return BackendToken(
        token_url=entry["token_url"],
        client_id=entry["client_id"],
        key=folder / entry["key"],
        scopes=tuple(entry["scopes"]),
        kid=entry["kid"],
    )


def _faults(clients: tuple[CdsClient, ...]) -> Iterator[str]:
    """What is wrong although each entry by itself can be read."""
    for what in ("name", "issuer"):
        for value, count in Counter(getattr(client, what) for client in clients).items():
            if count > 1:
                yield f"{what} {value!r}: {count} clients have it"
    for client in clients:
        yield from (f"{client.name}: {fault}" for fault in _missing_files(client))
        yield from (f"{client.name}: jwks: {fault}" for fault in _key_faults(client.jwks))


def _missing_files(client: CdsClient) -> Iterator[str]:
    if client.policy is not None and not client.policy.is_file():
        yield f"policy: {client.policy} is not a file"
    if client.token is not None and not client.token.key.is_file():
        yield f"backend.key: {client.token.key} is not a file"


def _key_faults(jwks: str) -> Iterator[str]:
    if "://" in jwks:
        if not is_secure(jwks):
            yield "must be a file, or an https URL (plain http only on loopback)"
        return
    try:
        parse_keys(Path(jwks).read_bytes())
    except OSError as error:
        yield f"{jwks}: {error.strerror}"
    except NotAKeySet as error:
        yield f"{jwks} {error}"


def _told(messages: Any, path: str = "") -> Iterator[str]:
    """Marshmallow's nested messages, flat; clients are counted from 1, as people do."""
    if isinstance(messages, dict):
        for key, below in messages.items():
            name = f" {key + 1}" if isinstance(key, int) else f": {key}" if path else key
            yield from _told(below, f"{path}{name}")
    else:
        yield from (f"{path}: {re.sub('^Unknown field', 'Unknown key', text)}" for text in messages)
