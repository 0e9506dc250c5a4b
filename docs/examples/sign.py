"""How a CDS client signs its calls: a key pair with its JWK Set, and a token for each call.

python docs/examples/sign.py key          writes ehr-private.pem and ehr-jwks.json
python docs/examples/sign.py token URL    prints a token for one call of URL
"""

import json
import sys
import time
from pathlib import Path
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ISSUER = "https://ehr.example"  # as the clients file of RxHooks has it
KID = "2026"
PRIVATE, PUBLIC = Path("ehr-private.pem"), Path("ehr-jwks.json")


def make_key() -> None:
    """A key for ES384: the private part stays here, the JWK Set goes to RxHooks."""
    key = ec.generate_private_key(ec.SECP384R1())
    PRIVATE.touch(mode=0o600)
    PRIVATE.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    PUBLIC.write_text(json.dumps({"keys": [{**public, "kid": KID, "alg": "ES384", "use": "sig"}]}))


def token(url: str) -> str:
    """A token for one call of *url*, good for five minutes."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": url, "iat": now, "exp": now + 300, "jti": str(uuid4())}
    return jwt.encode(claims, PRIVATE.read_bytes(), "ES384", headers={"kid": KID, "typ": "JWT"})


if __name__ == "__main__":
    if sys.argv[1] == "key":
        make_key()
    else:
        print(token(sys.argv[2]))
