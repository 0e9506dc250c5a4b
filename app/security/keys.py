"""Public keys from a JWK Set (RFC 7517), each bound to the one algorithm that it may verify.

Its rule: what a key is for follows from its type alone, never from the token that names it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from jwt import PyJWK
from jwt.exceptions import PyJWTError

ALGORITHMS = ("ES384", "RS384")
CURVE = "P-384"
RSA_BITS = range(2048, 8193)
PUBLIC = {"ES384": ("kty", "crv", "x", "y"), "RS384": ("kty", "n", "e")}
MOST_KEYS = 100

KeyName = tuple[str, str]  # kid, algorithm
Keys = Mapping[KeyName, PyJWK]


class NotAKeySet(ValueError):
    """This is no JWK Set, or none of its keys can verify a call."""


def parse_keys(document: bytes) -> Keys:
    """The usable keys of a JWK Set by kid and algorithm; NotAKeySet if there is none.

    Keys that are malformed, of another kind or without a kid are passed over.
    """
    try:
        parsed = orjson.loads(document)
    except orjson.JSONDecodeError:
        raise NotAKeySet("is not JSON") from None
    listed = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(listed, list):
        raise NotAKeySet('is not a JWK Set: it has no list of "keys"')
    found = dict(usable for jwk in listed[:MOST_KEYS] for usable in _usable(jwk))
    if not found:
        raise NotAKeySet(f"holds no public key for {' or '.join(ALGORITHMS)} with a kid")
    return found


def _usable(jwk: object) -> Iterator[tuple[KeyName, PyJWK]]:
    """*jwk* under its name, if a signature can be verified with it; never its private part."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str) or not _for_signing(jwk):
        return
    algorithm = _algorithm(jwk)
    if jwk.get("alg", algorithm) != algorithm or algorithm not in ALGORITHMS:
        return
    public = {name: jwk.get(name) for name in PUBLIC[algorithm]}
    try:
        key = PyJWK.from_dict(public, algorithm)
    except (PyJWTError, ValueError, TypeError, AttributeError):
        return
    if algorithm != "RS384" or key.key.key_size in RSA_BITS:
        yield (jwk["kid"], algorithm), key


def _algorithm(jwk: dict[str, Any]) -> str:
    """The algorithm that a key of this type is for; empty if it is for none of ours."""
    if jwk.get("kty") == "RSA":
        return "RS384"
    return "ES384" if (jwk.get("kty"), jwk.get("crv")) == ("EC", CURVE) else ""


def _for_signing(jwk: dict[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    verifies = isinstance(operations, list) and "verify" in operations
    return verifies and jwk.get("use", "sig") == "sig"
