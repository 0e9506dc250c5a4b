"""The files for a site's set-up: they parse, name what is there, and keep what they promise."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
Json = dict[str, Any]
KUBERNETES = list(yaml.safe_load_all((ROOT / "deploy" / "kubernetes.yaml").read_text("utf-8")))
COMPOSE, DEMO = (
    yaml.safe_load((ROOT / "sandbox" / name).read_text("utf-8"))
    for name in ("compose.yaml", "compose.demo.yaml")
)
SERVED = {"/cds-services", "/openapi.json"}
SECRETS = {"RXHOOKS_DATABASE_URL", "RXHOOKS_REDIS_URL", "RXHOOKS_REPEAT_SECRET"}


def of_kind(kind: str) -> Json:
    [found] = [each for each in KUBERNETES if each["kind"] == kind]
    return found


POD = of_kind("Deployment")["spec"]["template"]["spec"]
[CONTAINER] = POD["containers"]
ENVIRONMENT = {each["name"]: each for each in CONTAINER["env"]}


def settings_named_in_the_code() -> set[str]:
    sources = [file.read_text("utf-8") for file in (ROOT / "app").rglob("*.py")]
    return set(re.findall(r"RXHOOKS_[A-Z_]+", "".join(sources)))


def test_every_object_says_what_it_is() -> None:
    assert all(each["apiVersion"] and each["metadata"]["name"] for each in KUBERNETES)
    names = [(each["kind"], each["metadata"]["name"]) for each in KUBERNETES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "names",
    [set(ENVIRONMENT), set(COMPOSE["services"]["service"]["environment"])],
    ids=["kubernetes", "compose"],
)
def test_every_setting_is_one_that_the_service_reads(names: set[str]) -> None:
    assert names <= settings_named_in_the_code()
    assert {"RXHOOKS_CLIENTS", "RXHOOKS_BASE_URL", *SECRETS} <= names
    assert "RXHOOKS_OPEN" not in names


def test_there_are_two_replicas_that_are_replaced_one_by_one() -> None:
    deployment = of_kind("Deployment")["spec"]

    assert deployment["replicas"] == 2
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert of_kind("PodDisruptionBudget")["spec"]["minAvailable"] == 1
    assert COMPOSE["services"]["service"]["deploy"]["replicas"] == 2


def test_labels_and_ports_meet() -> None:
    labels = of_kind("Deployment")["spec"]["template"]["metadata"]["labels"].items()
    selectors = [
        of_kind("Deployment")["spec"]["selector"]["matchLabels"],
        of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        of_kind("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        of_kind("Service")["spec"]["selector"],
    ]
    assert all(selector.items() <= labels for selector in selectors)
    [port] = CONTAINER["ports"]
    [outer] = of_kind("Service")["spec"]["ports"]
    assert outer["targetPort"] == port["name"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert CONTAINER[probe]["httpGet"]["port"] == port["name"]


def test_probes_ask_the_places_that_are_there() -> None:
    health = (ROOT / "app" / "health.py").read_text("utf-8")

    for probe, place in (
        ("startupProbe", "/live"),
        ("readinessProbe", "/ready"),
        ("livenessProbe", "/live"),
    ):
        assert CONTAINER[probe]["httpGet"]["path"] == f"/health{place}"
        assert f'@bp.get("{place}")' in health


def test_nothing_runs_as_root_or_writes_to_its_image() -> None:
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["runAsUser"] > 0
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert POD["automountServiceAccountToken"] is False
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    user = re.search(r"^USER (\d+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert user is not None
    assert int(user[1]) == POD["securityContext"]["runAsUser"]


@pytest.mark.parametrize(
    ("file", "name"),
    [(file, name) for file in (0, 1) for name in (COMPOSE, DEMO)[file]["services"]],
)
def test_no_container_runs_as_root_or_writes_to_its_image(file: int, name: str) -> None:
    container = (COMPOSE, DEMO)[file]["services"][name]

    assert container["user"].split(":")[0] not in {"0", "root"}
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert not [port for port in container.get("ports", []) if not port.startswith("127.0.0.1:")]


def test_resources_are_bounded() -> None:
    assert CONTAINER["resources"]["requests"].keys() == {"cpu", "memory"}
    assert CONTAINER["resources"]["limits"].keys() == {"cpu", "memory"}
    assert all("sizeLimit" in v["emptyDir"] for v in POD["volumes"] if "emptyDir" in v)
    assert COMPOSE["services"]["service"]["deploy"]["resources"]["limits"].keys() == {
        "cpus",
        "memory",
    }


def test_a_stop_leaves_time_for_the_calls_that_run() -> None:
    pause = int(CONTAINER["lifecycle"]["preStop"]["exec"]["command"][1])
    config = (ROOT / "app" / "gunicorn.conf.py").read_text("utf-8")
    graceful = re.search(r"^graceful_timeout = (\d+)", config, re.MULTILINE)

    needed = pause + (int(graceful[1]) if graceful else 20)
    assert POD["terminationGracePeriodSeconds"] > needed


def test_secrets_stand_in_no_file() -> None:
    for name in SECRETS:
        assert ENVIRONMENT[name].keys() == {"name", "valueFrom"}
        assert ENVIRONMENT[name]["valueFrom"]["secretKeyRef"]["name"] == "rxhooks"
    assert "Secret" not in {each["kind"] for each in KUBERNETES}
    for container in COMPOSE["services"].values():
        for key, value in container.get("environment", {}).items():
            if key in SECRETS or "PASSWORD" in key:
                assert re.search(r"\$\{RXHOOKS_[A-Z_]+:\?\}", value), key


def test_the_clients_file_is_one() -> None:
    data = of_kind("ConfigMap")["data"]
    mounts = {mount["name"]: mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    [client] = tomllib.loads(data["clients.toml"])["client"]

    assert ENVIRONMENT["RXHOOKS_CLIENTS"]["value"] == f"{mounts['clients']}/clients.toml"
    assert client["issuer"].startswith("https://")
    assert all(server.startswith("https://") for server in client["fhir_servers"])


@pytest.mark.proves("A2", "K8")
def test_tls_is_in_front_of_what_is_public_and_the_rest_is_not_public() -> None:
    ingress = of_kind("Ingress")["spec"]
    [rule] = ingress["rules"]

    annotations = of_kind("Ingress")["metadata"]["annotations"]
    assert annotations["nginx.ingress.kubernetes.io/ssl-redirect"] == "true"
    assert ingress["tls"] == [{"hosts": [rule["host"]], "secretName": "rxhooks-tls"}]
    assert {path["path"] for path in rule["http"]["paths"]} == SERVED
    assert ENVIRONMENT["RXHOOKS_BASE_URL"]["value"] == f"https://{rule['host']}"
    published = [name for name, each in COMPOSE["services"].items() if "ports" in each]
    assert published == ["proxy"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    caddy = (ROOT / "sandbox" / "Caddyfile").read_text("utf-8")
    sites = re.findall(r"^(\S+) \{$", caddy, re.MULTILINE)
    assert COMPOSE["services"]["service"]["environment"]["RXHOOKS_BASE_URL"] in sites
    assert all(site.startswith("https://") for site in sites)
    assert "auto_https disable_redirects" in caddy
    assert COMPOSE["services"]["proxy"]["ports"] == ["127.0.0.1:8443:8443"]
    assert set(re.findall(r"/[\w./-]+", caddy)) >= SERVED
    assert "/metrics" not in caddy
