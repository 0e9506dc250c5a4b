"""JWK Sets: which of their keys may verify what."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm

from app.security.keys import NotAKeySet, parse_keys
from tests.unit.app.security import EC_KEY, KID, RSA_KEY, RSA_KID, Json, jwk, key_set

GOOD = jwk(EC_KEY, KID)
GOOD_RSA = jwk(RSA_KEY, RSA_KID)


def names(*keys: object) -> set[tuple[str, str]]:
    """The names of those of *keys*, and of one that is good, that can be used."""
    document = {"keys": [*keys, jwk(EC_KEY, "last")]}
    return set(parse_keys(json.dumps(document).encode())) - {("last", "ES384")}


def test_keys_have_the_algorithm_of_their_type() -> None:
    assert set(parse_keys(key_set().encode())) == {(KID, "ES384"), (RSA_KID, "RS384")}


@pytest.mark.parametrize(
    "members",
    [
        {"alg": "ES384"},
        {"use": "sig"},
        {"key_ops": ["verify"]},
        {"key_ops": ["sign", "verify"]},
        {"x5c": ["MIIB"], "unknown": 1},
    ],
)
def test_what_a_key_says_of_itself_may_agree(members: Json) -> None:
    assert names(GOOD | members) == {(KID, "ES384")}


@pytest.mark.parametrize(
    "key",
    [
        None,
        "text",
        [],
        {},
        {"kty": "oct", "k": "c2VjcmV0", "kid": KID, "alg": "ES384"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": KID},
        GOOD | {"kid": 1},
        {name: value for name, value in GOOD.items() if name != "kid"},
        GOOD | {"use": "enc"},
        GOOD | {"key_ops": ["sign"]},
        GOOD | {"key_ops": "verify"},
        GOOD | {"alg": "ES256"},
        GOOD | {"alg": "RS384"},
        GOOD | {"alg": None},
        GOOD | {"crv": "P-256"},
        GOOD | {"crv": ["P-384"]},
        GOOD | {"x": 1},
        GOOD | {"x": None},
        GOOD | {"x": "!"},
        GOOD | {"x": "\u00e4"},
        GOOD | {"x": GOOD["x"][:-4]},
        GOOD | {"x": GOOD["y"], "y": GOOD["x"]},
        GOOD | {"kty": "RSA"},
        GOOD_RSA | {"n": "AQAB"},
        GOOD_RSA | {"n": ""},
        GOOD_RSA | {"e": "AA"},
        GOOD_RSA | {"alg": "RS256"},
        jwk(ec.generate_private_key(ec.SECP256R1()), KID),
        jwk(rsa.generate_private_key(65537, 1024), KID),  # noqa: S505
    ],
)
def test_a_key_that_is_malformed_or_of_another_kind_is_passed_over(key: object) -> None:
    assert names(key) == set()


def test_of_a_private_key_only_the_public_part_is_kept() -> None:
    private = ECAlgorithm.to_jwk(EC_KEY, as_dict=True) | {"kid": KID}

    [key, _] = parse_keys(json.dumps({"keys": [private, jwk(EC_KEY, "last")]}).encode()).values()

    assert isinstance(key.key, ec.EllipticCurvePublicKey)


def test_one_kid_may_name_a_key_of_each_type() -> None:
    assert names(GOOD, GOOD_RSA | {"kid": KID}) == {(KID, "ES384"), (KID, "RS384")}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"text",
        b"[]",
        b"null",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": []}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_a_document_without_keys_is_no_key_set(document: bytes) -> None:
    with pytest.raises(NotAKeySet):
        parse_keys(document)


def test_work_is_bounded_by_the_number_of_keys() -> None:
    many = [GOOD | {"kid": str(number)} for number in range(150)]

    assert len(parse_keys(key_set(*many).encode())) == 100
