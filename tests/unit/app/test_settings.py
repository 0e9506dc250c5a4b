"""Settings: defaults, every fault told together, and what must not start."""

from importlib.resources import files
from pathlib import Path

import pytest
from certifi import where

from app import create_app
from app.settings import Settings, UnsafeSettings, from_environment
from hooks.knowledge import KnowledgeError
from tests.unit.app.security import clients_toml
from tests.unit.hooks.reading import KNOWLEDGE

SECRET = "not a secret of anybody, only long enough"  # noqa: S105
OPEN = {"RXHOOKS_OPEN": "1"}


def problems(**environ: str) -> list[str]:
    """What is wrong with *environ*, which says that it is open."""
    with pytest.raises(UnsafeSettings) as caught:
        from_environment(OPEN | environ)
    return caught.value.problems


def test_what_is_not_set_has_its_documented_default() -> None:
    assert from_environment(OPEN) == Settings(
        open=True,
        fhir_servers=(),
        base_url="http://127.0.0.1:8080",
        deadline_ms=1500,
        database_url="sqlite:///rxhooks.db",
        unchecked="412",
        cors_origins=(),
        require_review=False,
        knowledge=None,
        max_body_bytes=16_000_000,
        feedback_days=730,
        repeat_secret=b"",
    )


def test_each_variable_is_read(tmp_path: Path) -> None:
    environ = {
        "RXHOOKS_OPEN": "1",
        "RXHOOKS_FHIR_SERVERS": "https://ehr.example/fhir/, http://127.0.0.1:8081/fhir",
        "RXHOOKS_BASE_URL": "https://cds.example/",
        "RXHOOKS_DEADLINE_MS": "700",
        "RXHOOKS_DATABASE_URL": "sqlite:///other.db",
        "RXHOOKS_UNCHECKED": "card",
        "RXHOOKS_CORS_ORIGINS": "https://a.example https://b.example",
        "RXHOOKS_REQUIRE_REVIEW": "1",
        "RXHOOKS_KNOWLEDGE": str(tmp_path),
        "RXHOOKS_MAX_BODY_BYTES": "1000",
        "RXHOOKS_FEEDBACK_DAYS": "400",
        "RXHOOKS_REPEAT_SECRET": SECRET,
    }

    assert from_environment(environ) == Settings(
        open=True,
        fhir_servers=("https://ehr.example/fhir", "http://127.0.0.1:8081/fhir"),
        base_url="https://cds.example",
        deadline_ms=700,
        database_url="sqlite:///other.db",
        unchecked="card",
        cors_origins=("https://a.example", "https://b.example"),
        require_review=True,
        knowledge=tmp_path,
        max_body_bytes=1000,
        replay_file=Path("other-jti.db"),
        feedback_days=400,
        repeat_secret=SECRET.encode(),
    )


@pytest.mark.parametrize(
    "origins",
    [
        *("*", "null", "https://a.example null", "https://a.example/", "https://A.example"),
        *("a.example", "http://a.example", "https://*.a.example", "https://a.example/path"),
    ],
)
def test_origins_are_such_as_browsers_send(origins: str) -> None:
    [problem] = problems(RXHOOKS_CORS_ORIGINS=origins)

    assert problem.startswith("RXHOOKS_CORS_ORIGINS: each must be an origin: ")
    assert problem.endswith("in open mode all may call while it is unset")


def test_origins_of_loopback_and_with_a_port_are_fine() -> None:
    listed = "http://localhost:3000,http://127.0.0.1:9 https://a.example:8443"

    assert from_environment(OPEN | {"RXHOOKS_CORS_ORIGINS": listed}).cors_origins == (
        "http://localhost:3000",
        "http://127.0.0.1:9",
        "https://a.example:8443",
    )


@pytest.mark.parametrize("short", ["", "hunter2", "x" * 31])
def test_a_secret_is_long_and_a_fault_does_not_show_it(short: str) -> None:
    assert problems(RXHOOKS_REPEAT_SECRET=short) == [
        "RXHOOKS_REPEAT_SECRET: must be at least 32 bytes"
    ]


def test_settings_do_not_show_secrets_and_passwords_when_printed() -> None:
    secrets = {
        "RXHOOKS_REPEAT_SECRET": SECRET,
        "RXHOOKS_DATABASE_URL": f"postgresql+psycopg://rxhooks:{SECRET}@database/rxhooks",
        "RXHOOKS_REDIS_URL": f"redis://:{SECRET}@redis:6379/0",
    }
    settings = from_environment(OPEN | secrets)

    assert settings.repeat_secret == SECRET.encode()
    assert SECRET in settings.database_url
    assert SECRET in settings.redis_url
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("days", ["0", "36501", "999999999", "forever"])
def test_feedback_is_kept_for_some_days(days: str) -> None:
    [problem] = problems(RXHOOKS_FEEDBACK_DAYS=days)

    assert problem.startswith("RXHOOKS_FEEDBACK_DAYS: ")


def test_all_faults_are_told_together() -> None:
    environ = {
        "RXHOOKS_OPEN": "yes",
        "RXHOOKS_FHIR_SERVERS": "http://ehr.example/fhir",
        "RXHOOKS_DEADLINE_MS": "soon",
        "RXHOOKS_UNCHECKED": "200",
        "RXHOOKS_REQUIRE_REVIEW": "true",
        "RXHOOKS_KNOWLEDGE": "/nowhere/at/all",
        "RXHOOKS_MAX_BODY_BYTES": "0",
        "RXHOOKS_POLICY": "policy.toml",
    }

    with pytest.raises(UnsafeSettings) as caught:
        from_environment(environ)

    named = {problem.partition(":")[0] for problem in caught.value.problems}
    assert named == set(environ)
    assert str(caught.value) == "\n".join(caught.value.problems)


def test_without_clients_and_without_open_nothing_starts() -> None:
    with pytest.raises(UnsafeSettings) as caught:
        from_environment({})

    assert caught.value.problems == [
        "RXHOOKS_OPEN: not set, nor is RXHOOKS_CLIENTS: name the file of the clients that may "
        "call, or say with RXHOOKS_OPEN=1 that anybody may, as in a sandbox."
    ]


def test_open_and_closed_at_once_is_refused(tmp_path: Path) -> None:
    file = clients_toml(tmp_path)

    [problem] = problems(RXHOOKS_CLIENTS=str(file))

    assert problem.startswith("RXHOOKS_CLIENTS: is set, and RXHOOKS_OPEN=1 as well")


def test_the_clients_are_read(tmp_path: Path) -> None:
    settings = from_environment({"RXHOOKS_CLIENTS": str(clients_toml(tmp_path))})

    assert [client.name for client in settings.clients] == ["hospital"]
    assert not settings.open


@pytest.mark.parametrize("value", ["", "nowhere.toml", "."])
def test_the_clients_are_in_a_file(value: str) -> None:
    with pytest.raises(UnsafeSettings) as caught:
        from_environment({"RXHOOKS_CLIENTS": value})

    assert caught.value.problems == ["RXHOOKS_CLIENTS: is not a file"]


@pytest.mark.parametrize("value", ["", "x", "http://redis:6379", "localhost:6379"])
def test_redis_has_an_address_of_its_own_kind(value: str) -> None:
    assert problems(RXHOOKS_REDIS_URL=value) == [
        "RXHOOKS_REDIS_URL: must be a redis, rediss or unix URL"
    ]


@pytest.mark.parametrize("value", ["redis://cache:6379/0", "rediss://:word@cache", "unix:///s"])
def test_redis_may_be_plain_encrypted_or_local(value: str) -> None:
    assert from_environment(OPEN | {"RXHOOKS_REDIS_URL": value}).redis_url == value


@pytest.mark.parametrize(
    ("environ", "file"),
    [
        ({}, "rxhooks-jti.db"),
        (
            {"RXHOOKS_DATABASE_URL": "sqlite:////data/feedback.db?timeout=5"},
            "/data/feedback-jti.db",
        ),
        ({"RXHOOKS_DATABASE_URL": "sqlite:///:memory:"}, "rxhooks-jti.db"),
        ({"RXHOOKS_DATABASE_URL": "sqlite://"}, "rxhooks-jti.db"),
        ({"RXHOOKS_DATABASE_URL": "postgresql://db/rxhooks"}, "rxhooks-jti.db"),
        ({"RXHOOKS_DATABASE_URL": ""}, "rxhooks-jti.db"),
        ({"RXHOOKS_REPLAY_FILE": "/run/used.db"}, "/run/used.db"),
    ],
)
def test_used_tokens_are_noted_beside_the_database(environ: dict[str, str], file: str) -> None:
    assert from_environment(OPEN | environ).replay_file == Path(file)


@pytest.mark.parametrize(("value", "faults"), [("60", 0), ("1", 0), ("61", 1), ("0", 1)])
def test_clocks_may_differ_by_a_minute_at_most(value: str, faults: int) -> None:
    environ = OPEN | {"RXHOOKS_JWT_LEEWAY_S": value}

    if not faults:
        assert from_environment(environ).jwt_leeway_s == int(value)
    else:
        assert len(problems(**environ)) == 1


@pytest.mark.parametrize("value", ["", "nowhere.toml", "."])
def test_a_policy_is_a_file(value: str) -> None:
    assert problems(RXHOOKS_POLICY=value) == ["RXHOOKS_POLICY: is not a file"]


def test_a_policy_that_does_not_fit_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[rules.no-such-rule]\non = false\n")

    with pytest.raises(KnowledgeError, match="there is no rule 'no-such-rule'"):
        create_app(Settings(open=True, policy=file))


@pytest.mark.parametrize("value", ["", "true", " 1", "01", "2", "on"])
def test_a_flag_is_0_or_1(value: str) -> None:
    assert problems(RXHOOKS_REQUIRE_REVIEW=value) == ["RXHOOKS_REQUIRE_REVIEW: must be 0 or 1"]


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "1e3", " 5", "\u0665", "\u00b2", "9" * 10])
@pytest.mark.parametrize("name", ["RXHOOKS_DEADLINE_MS", "RXHOOKS_MAX_BODY_BYTES"])
def test_a_number_is_a_whole_one_above_0(name: str, value: str) -> None:
    [problem] = problems(**{name: value})

    assert problem.startswith(f"{name}: must be a whole number above 0")


def test_a_number_of_5000_digits_is_a_fault_like_any_other() -> None:
    assert len(problems(RXHOOKS_DEADLINE_MS="9" * 5000)) == 1


@pytest.mark.parametrize("value", ["", "400", "CARD", "412 "])
def test_unchecked_is_one_of_two_words(value: str) -> None:
    assert problems(RXHOOKS_UNCHECKED=value) == ["RXHOOKS_UNCHECKED: must be 412 or card"]


@pytest.mark.parametrize("name", ["", "file", "nowhere"])
def test_a_knowledge_folder_has_to_be_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    path = str(tmp_path / name) if name else ""

    assert problems(RXHOOKS_KNOWLEDGE=path) == ["RXHOOKS_KNOWLEDGE: is not a folder"]


@pytest.mark.parametrize(
    "url",
    [
        "https://ehr.example/fhir",
        "https://ehr.example:8443/fhir",
        "http://localhost:8081/fhir",
        "http://127.0.0.1/fhir",
        "http://[::1]:8081/fhir",
        "HTTPS://EHR.example/fhir",
    ],
)
def test_a_fhir_server_is_https_or_on_loopback(url: str) -> None:
    assert from_environment(OPEN | {"RXHOOKS_FHIR_SERVERS": url}).fhir_servers == (url,)


@pytest.mark.parametrize(
    "url",
    [
        "http://ehr.example/fhir",
        "http://localhost.example/fhir",
        "http://127.0.0.1.example/fhir",
        "http://127.0.0.1@ehr.example/fhir",
        "https://user@ehr.example/fhir",
        "https://user:word@ehr.example/fhir",
        "https://ehr.example/fhir?x=1",
        "https://ehr.example/fhir#x",
        "https:///fhir",
        "ftp://ehr.example/fhir",
        "file:///etc/passwd",
        "ehr.example/fhir",
        "https://ehr.example:0/fhir",
        "https://@ehr.example/fhir",
        "https://[::1",
        "https://ehr.example:99999/fhir",
        "https://:word@ehr.example/fhir",
    ],
)
def test_an_unsafe_fhir_server_is_refused(url: str) -> None:
    assert problems(RXHOOKS_FHIR_SERVERS=url) == [
        "RXHOOKS_FHIR_SERVERS: each must be an https URL (plain http only on loopback)"
    ]


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://cds.example"])
def test_a_base_url_is_an_address(url: str) -> None:
    assert problems(RXHOOKS_BASE_URL=url)


def test_rules_that_nobody_signed_stop_the_start_where_review_is_required() -> None:
    with pytest.raises(UnsafeSettings, match="nobody has signed this rule"):
        create_app(Settings(open=True, require_review=True), KNOWLEDGE)


def test_a_site_s_rule_that_names_what_is_not_there_stops_the_start(tmp_path: Path) -> None:
    shipped = files("hooks.knowledge") / "guidelines" / "hla-b-abacavir.toml"
    text = shipped.read_text("utf-8").replace("hla-b-abacavir", "site-abacavir")
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "sources.toml").touch()
    file = tmp_path / "guidelines" / "site-abacavir.toml"
    file.write_text(text.replace('"cpic-abacavir"', '"nowhere"'), "utf-8")

    with pytest.raises(KnowledgeError, match="nowhere"):
        create_app(Settings(open=True, knowledge=tmp_path))


def test_a_site_folder_without_its_files_stops_the_start_in_words(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError):
        create_app(Settings(open=True, knowledge=tmp_path))


def test_the_threads_are_those_that_gunicorn_has() -> None:
    assert from_environment(OPEN | {"RXHOOKS_THREADS": "8"}).threads == 8


def test_certificates_of_the_site_are_a_file_in_pem(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("none")

    assert from_environment(OPEN | {"RXHOOKS_CA_FILE": where()}).ca_file == Path(where())
    for value in (str(empty), str(tmp_path), str(tmp_path / "none.pem"), ""):
        assert problems(RXHOOKS_CA_FILE=value) == [
            "RXHOOKS_CA_FILE: is not a file of certificates in PEM"
        ]
