"""The file of the clients: what it says, and every fault in words."""

from pathlib import Path

import pytest

from app.security.clients import BackendToken, CdsClient, clients_file
from tests.unit.app.security import ISSUER, clients_toml, key_set

BACKEND = """
[client.backend]
token_url = "https://ehr.example/token"
client_id = "rxhooks"
key = "key.pem"
"""


def read(file: Path) -> tuple[tuple[CdsClient, ...], list[str]]:
    """The clients of *file*, and its faults."""
    problems: list[str] = []
    return clients_file({"RXHOOKS_CLIENTS": str(file)}, problems), problems


def faults(file: Path) -> list[str]:
    """The faults of *file*, which names no client, without the name of the setting."""
    _, problems = read(file)
    assert all(problem.startswith("RXHOOKS_CLIENTS: ") for problem in problems)
    return [problem.partition(": ")[2] for problem in problems]


def test_an_entry_needs_a_name_an_issuer_and_keys(tmp_path: Path) -> None:
    assert read(clients_toml(tmp_path)) == (
        (CdsClient("hospital", ISSUER, jwks=str(tmp_path / "jwks.json")),),
        [],
    )


def test_an_entry_says_all_that_a_client_may_do(tmp_path: Path) -> None:
    for name in ("policy.toml", "key.pem"):
        (tmp_path / name).touch()
    file = clients_toml(
        tmp_path,
        'jwks = "https://ehr.example/jwks.json"',
        'fhir_servers = ["https://ehr.example/fhir/", "http://127.0.0.1:8081/fhir"]',
        "internal = true",
        'cors_origins = ["https://ehr.example", "http://localhost:3000/"]',
        'tenants = ["a", "b"]',
        'policy = "policy.toml"',
        backend=BACKEND + 'kid = "2026"\nscopes = ["system/*.rs"]',
    )

    assert read(file) == (
        (
            CdsClient(
                name="hospital",
                issuer=ISSUER,
                fhir_servers=("https://ehr.example/fhir", "http://127.0.0.1:8081/fhir"),
                internal=True,
                cors_origins=("https://ehr.example", "http://localhost:3000"),
                tenants=("a", "b"),
                policy=tmp_path / "policy.toml",
                token=BackendToken(
                    "https://ehr.example/token",
                    "rxhooks",
                    tmp_path / "key.pem",
                    ("system/*.rs",),
                    "2026",
                ),
                jwks="https://ehr.example/jwks.json",
            ),
        ),
        [],
    )


def test_without_the_setting_there_are_no_clients() -> None:
    problems: list[str] = []

    assert clients_file({}, problems) == ()
    assert problems == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('jwk = "x"', "client 1: jwk: Unknown key."),
        ("fhir_servers = ['http://ehr.example/fhir']", "client 1: fhir_servers 1: Must be an"),
        ("fhir_servers = 'https://ehr.example'", "client 1: fhir_servers: Not a valid list."),
        ("fhir_servers = ['https://u:p@ehr.example']", "client 1: fhir_servers 1: Must be an"),
        ("fhir_servers = ['https://ehr.example/?a']", "client 1: fhir_servers 1: Must be an"),
        ("internal = 'yes'", "client 1: internal: Not a valid boolean."),
        ("cors_origins = ['*']", "client 1: cors_origins 1: Must be an https URL"),
        ("cors_origins = ['null']", "client 1: cors_origins 1: Must be an https URL"),
        ("cors_origins = ['https://ehr.example/a']", "client 1: cors_origins 1: Must be an origin"),
        ("cors_origins = ['https://EHR.example']", "client 1: cors_origins 1: Must be an origin"),
        ("cors_origins = ['http://ehr.example']", "client 1: cors_origins 1: Must be an https"),
        ("tenants = [1]", "client 1: tenants 1: Not a valid string."),
        ("tenants = ['']", "client 1: tenants 1: Must be a line of text."),
        ("policy = 'nowhere.toml'", "hospital: policy: "),
        ("jwks = 'nowhere.json'", "hospital: jwks: "),
        ("jwks = '.'", "hospital: jwks: "),
        ("jwks = 'clients.toml'", "hospital: jwks: "),
        ("jwks = 'http://ehr.example/jwks.json'", "hospital: jwks: must be a file, or an https"),
        ("jwks = 'ftp://ehr.example/jwks.json'", "hospital: jwks: must be a file, or an https"),
        ("[client.backend]", "client 1: backend: client_id: Missing data"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, line: str, fault: str) -> None:
    found = faults(clients_toml(tmp_path, line))

    assert found
    assert found[0].startswith(fault)


def test_a_backend_key_has_to_be_there(tmp_path: Path) -> None:
    assert faults(clients_toml(tmp_path, backend=BACKEND)) == [
        f"hospital: backend.key: {tmp_path / 'key.pem'} is not a file"
    ]


@pytest.mark.parametrize(
    "name", ['""', '"a\\nb"', "1", '"open"', '"unauthenticated"', f'"{"x" * 300}"']
)
def test_a_name_is_a_line_of_text_and_not_open(tmp_path: Path, name: str) -> None:
    file = clients_toml(tmp_path)
    file.write_text(file.read_text().replace('"hospital"', name))

    assert faults(file)


def test_two_clients_share_neither_name_nor_issuer(tmp_path: Path) -> None:
    file = clients_toml(tmp_path)
    file.write_text(file.read_text() * 2)

    assert faults(file) == [
        "name 'hospital': 2 clients have it",
        f"issuer '{ISSUER}': 2 clients have it",
    ]


def test_all_faults_of_the_file_are_told_together(tmp_path: Path) -> None:
    file = clients_toml(tmp_path, "internal = 2")
    file.write_text(f'{file.read_text()}\n[[client]]\nname = "b"\nx = 1\n')

    assert [fault.partition(": ")[0] for fault in faults(file)] == ["client 1"] + ["client 2"] * 3


@pytest.mark.parametrize(
    "text",
    ["", "client = []", "[client]\n", "client = 1", "[[client]\n", "\x00", "[[clients]]\nname='a'"],
)
def test_a_file_that_names_nobody_is_a_fault(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clients.toml"
    file.write_text(text)

    assert faults(file)


def test_a_file_that_is_not_utf_8_is_a_fault(tmp_path: Path) -> None:
    file = tmp_path / "clients.toml"
    file.write_bytes(b"\xff\xfe")

    [fault] = faults(file)
    assert fault.startswith("is not TOML")


@pytest.mark.parametrize("keys", ["{}", "[]", '{"keys": []}', "text", '{"keys": [{"kty": "oct"}]}'])
def test_a_file_without_a_usable_key_is_a_fault(tmp_path: Path, keys: str) -> None:
    [fault] = faults(clients_toml(tmp_path, keys=keys))

    assert fault.startswith(f"hospital: jwks: {tmp_path / 'jwks.json'} ")


def test_the_keys_in_the_file_are_public(tmp_path: Path) -> None:
    assert '"d"' not in key_set()
    assert read(clients_toml(tmp_path))[1] == []
