"""Can the clients' keys be had, and are they of a kind that verifies? Can our own be used?"""

from collections.abc import Iterator
from pathlib import Path

import orjson
import requests
import urllib3

from app.doctor.checks import Check, ok, warning, wrong
from app.fhir.private_keys import LEAST_RSA_BITS, private_key
from app.fhir.reasons import FhirUnavailable, reason
from app.fhir.session import was_not_allowed
from app.security.clients import BackendToken, CdsClient
from app.security.key_sets import fetched
from app.security.keys import NotAKeySet, parse_keys

KINDS = "ES384 (elliptic curve P-384) or RS384 (RSA of 2048 bits or more)"
PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})
INSIDE = "if it is a server of yours, set internal = true for this client."
UNTRUSTED = "name the authority that signed its certificate in RXHOOKS_CA_FILE."


def client_keys(client: CdsClient, session: requests.Session) -> Iterator[Check]:
    """The JWK Set of *client*: readable, of the right kind, and without anything private."""
    about = f"keys of {client.name}"
    try:
        document = _document(client.jwks, session)
        keys = parse_keys(document)
    except NotAKeySet as error:
        yield wrong(about, f"what stands there {error}.", f"the set needs keys for {KINDS}.")
    except (OSError, urllib3.exceptions.HTTPError) as error:  # requests' are OSErrors
        yield wrong(about, f"{_told(error)}.", _mend(error))
    else:
        names = ", ".join(f"{algorithm} {kid}" for kid, algorithm in keys)
        yield from _careless(about, document, len(keys))
        yield ok(about, f"{len(keys)} can be used ({names}).")


def own_key(client: CdsClient, config: BackendToken) -> Iterator[Check]:
    """Our private key for the token server of *client*."""
    about = f"own key for {client.name}"
    try:
        _, algorithm = private_key(config.key)
    except FhirUnavailable:
        told = f"{config.key} is no private key that we use."
        bits = f"{LEAST_RSA_BITS} bits or more"
        mend = (
            f"write an RSA key of {bits}, or one of P-384, in PEM without a passphrase or as JWK."
        )
        yield wrong(about, told, mend)
        return
    if config.key.stat().st_mode & 0o007:
        told = f"everybody on this machine can read {config.key}."
        yield warning(about, told, f"chmod o-rwx {config.key}")
    yield ok(about, f"{config.key} signs with {algorithm}.")


def _document(jwks: str, session: requests.Session) -> bytes:
    return fetched(jwks, session) if "://" in jwks else Path(jwks).read_bytes()


def _careless(about: str, document: bytes, usable: int) -> Iterator[Check]:
    entries = [jwk for jwk in orjson.loads(document)["keys"] if isinstance(jwk, dict)]
    if any(PRIVATE_PARTS & jwk.keys() for jwk in entries):
        mend = "make a new pair, and publish its public part only."
        yield wrong(about, "the set holds a private key, which is no secret any more.", mend)
    if len(entries) > usable:
        told = f"{len(entries) - usable} of {len(entries)} cannot be used and are passed over."
        yield warning(about, told, f"each key needs a kid, and to be for {KINDS}.")


def _told(error: Exception) -> str:
    """What went wrong, without the address."""
    if isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError):
        return f"they cannot be fetched: {reason(error)}"
    return f"they cannot be read: {getattr(error, 'strerror', None) or type(error).__name__}"


def _mend(error: Exception) -> str:
    if isinstance(error, requests.exceptions.SSLError):
        return UNTRUSTED
    if isinstance(error, requests.ConnectionError) and was_not_allowed(error):
        return INSIDE
    return "check the address in jwks, and that it can be reached from here."
