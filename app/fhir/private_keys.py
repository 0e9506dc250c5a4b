"""Our own private keys: RSA for RS384, or elliptic curve P-384 for ES384."""

from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from app.fhir.reasons import FhirUnavailable

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey
LEAST_RSA_BITS = 2048
NO_KEY = "our own private key cannot be used"


def private_key(file: Path) -> tuple[PrivateKey, str]:
    """The key in *file*, PEM or JWK, and its algorithm.

    Raises FhirUnavailable if there is none that we use.
    """
    try:
        content = file.read_bytes()
        key = PyJWK.from_json(content.decode()).key if _is_json(content) else _of_pem(content)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm, PyJWTError):
        raise FhirUnavailable(NO_KEY) from None
    if isinstance(key, RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS:
        return key, "RS384"
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP384R1):
        return key, "ES384"
    raise FhirUnavailable(NO_KEY)


def _is_json(content: bytes) -> bool:
    return content.lstrip().startswith(b"{")


def _of_pem(content: bytes) -> object:
    return load_pem_private_key(content, password=None)
