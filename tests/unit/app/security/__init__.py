"""Clients that sign their calls: keys, key sets, tokens, and a file that names the clients."""

import hmac
import json
from base64 import urlsafe_b64encode
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Json = dict[str, Any]
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

ISSUER = "https://ehr.example"
BASE = "https://cds.example"
DISCOVERY = f"{BASE}/cds-services"
CALL = f"{DISCOVERY}/rxhooks-order-select"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
OTHER_EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
KID = "ec-1"
RSA_KID = "rsa-1"


def jwk(key: PrivateKey, kid: str, **members: object) -> Json:
    """The public JWK of *key*."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return algorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} | members  # type: ignore[operator,arg-type,no-any-return]


def key_set(*keys: Json) -> str:
    """A JWK Set; without *keys*, of our two."""
    return json.dumps({"keys": keys or [jwk(EC_KEY, KID), jwk(RSA_KEY, RSA_KID)]})


def claims(**others: object) -> Json:
    """Good claims of a token for order-select; one that is given as None is left out."""
    now = int(time())
    good = {"iss": ISSUER, "aud": CALL, "iat": now, "exp": now + 300, "jti": str(uuid4())}
    return {name: value for name, value in (good | others).items() if value is not None}


def token(
    body: object = None, key: Any = EC_KEY, algorithm: str = "ES384", **header: object
) -> str:
    """*body*, or good claims, truly signed with *key*, whatever they and *header* say.

    What *header* gives as None is left out.
    """
    whole = {"alg": algorithm, "typ": "JWT", "kid": KID} | header
    kept = {name: value for name, value in whole.items() if value is not None}
    signing = forged(kept, claims() if body is None else body).rpartition(".")[0]
    signature = jwt.get_algorithm_by_name(algorithm).sign(signing.encode(), key)
    return f"{signing}.{base64(signature)}"


def forged(header: object, body: object, signature: bytes = b"x") -> str:
    """A token of parts that no library would make."""
    parts = (json.dumps(header).encode(), json.dumps(body).encode(), signature)
    return ".".join(base64(part) for part in parts)


def hmac_signed(secret: bytes, algorithm: str = "HS384") -> str:
    """A token whose signature is a hash with *secret*, a public key say."""
    signing = forged({"alg": algorithm, "typ": "JWT", "kid": KID}, claims()).rpartition(".")[0]
    signature = hmac.digest(secret, signing.encode(), algorithm.replace("HS", "sha"))
    return f"{signing}.{base64(signature)}"


def base64(part: bytes) -> str:
    """As the parts of a token are written: for URLs, without padding."""
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def bearer(signed: str) -> dict[str, str]:
    """The header that carries *signed*."""
    return {"Authorization": f"Bearer {signed}"}


def clients_toml(folder: Path, *more: str, keys: str = "", backend: str = "") -> Path:
    """A file of one client, "hospital", and its key set; *more* are lines of its entry."""
    (folder / "jwks.json").write_text(keys or key_set())
    file = folder / "clients.toml"
    lines = ["[[client]]", 'name = "hospital"', f'issuer = "{ISSUER}"']
    if not any(line.startswith("jwks") for line in more):
        lines.append('jwks = "jwks.json"')
    file.write_text("\n".join([*lines, *more, backend, ""]))
    return file
