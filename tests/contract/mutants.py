"""Good requests with something wrong in them: any node, any byte, any header."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import orjson

from tests.unit.app.cds import GOOD, INSTANCE, POOR, complete, draft, order_select
from tests.unit.hooks.reading import bundle, observation

ROOT = Path(__file__).parents[2]
SAMPLES = (ROOT / "sandbox" / "requests", ROOT / "tests" / "e2e" / "public_sandbox")
JSON = "application/json"
NESTED: Any = {"extension": [{"extension": [{"extension": [{"valueString": "x"}]}]}]}
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**18, 10**400, 0.1, -0.0, 1e308, "", " ", "0", "\x00"),
    *("a" * 5_000, "é漢👩🏽", "\u202e", "<script>", "[x](javascript:x)", "../..", "%00", "1e999"),
    *("Patient/p1", "Observation/o1", "http://127.0.0.1:9/", "2026-02-30", "*1/*1", "*2/*2"),
    "{{context.patientId}}",
    *([], {}, [[]], [None], {"": None}, [{}], NESTED, POOR, {"resourceType": "Bundle"}),
    {"reference": "Patient/p2"},
    {"coding": [{"system": "http://loinc.org", "code": "84413-4"}]},
    {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]},
)  # fmt: skip
RAW = (b"NaN", b"-Infinity", b"1e999", b"9" * 5_000, b'"\\ud800"', b"[" * 3_000, b'{"a":' * 2_000)
TYPES = (JSON, JSON, JSON, f"{JSON};charset=utf-16", "text/plain", "", "application/fhir+json")
ENCODINGS = ("", "", "", "gzip", "identity", "chunked")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One request: where it goes, and what it holds."""

    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def originals() -> list[tuple[str, Any]]:
    """Good requests, by the path they go to."""
    found = [(f"/cds-services/rxhooks-{hook}", make()) for hook, make in GOOD.items()]
    rich = draft(
        authoredOn="2026-01-02",
        dosageInstruction=[
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 75, "unit": "mg", "code": "mg"}}],
            }
        ],
        reasonCode=[{"coding": [{"system": "http://snomed.info/sct", "code": "22298006"}]}],
        medicationReference={"reference": "Medication/m"},
    )
    haplotypes = [observation("84414-2", name, id=name[1:]) for name in ("*1", "*2")]
    taken = bundle(draft(status="active", medicationCodeableConcept={"text": "paroxetine"}))
    prefetch = complete(POOR, *haplotypes) | {"medications": taken}
    found.append((found[0][0], order_select(rich, prefetch=prefetch)))
    for folder in SAMPLES:
        for file in sorted(folder.glob("*.json")):
            body = orjson.loads(file.read_bytes())
            if isinstance(body, dict) and body.get("hook") in GOOD:
                body.pop("fhirServer", None)
                body.pop("fhirAuthorization", None)
                found.append((f"/cds-services/rxhooks-{body['hook']}", body))
    entry = {
        "card": INSTANCE,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": INSTANCE}],
        "overrideReason": {"reason": {"code": "x", "system": "y"}, "userComment": "z"},
        "outcomeTimestamp": "2026-11-21T10:00:00Z",
    }
    entries = [entry, entry | {"outcome": "overridden"}]
    return [*found, (f"{found[0][0]}/feedback", {"feedback": entries})]


def mutants(seed: int, count: int) -> Iterator[Mutant]:
    """*count* mutants; the same for the same *seed*."""
    dice, known = Random(seed), originals()
    for _ in range(count):
        path, body = dice.choice(known)
        changed = deepcopy(body)
        for _ in range(dice.choice((1, 1, 2, 3, 5))):
            changed = dice.choice(TREES)(changed, dice)
        sent = orjson.dumps(changed, option=orjson.OPT_PASSTHROUGH_SUBCLASS, default=str)
        if dice.random() < 0.25:
            sent = dice.choice(BYTES)(sent, dice)
        yield Mutant(path, sent, _headers(dice))


def _headers(dice: Random) -> dict[str, str]:
    if dice.random() < 0.9:
        return {"Content-Type": JSON}
    headers = {"Content-Type": dice.choice(TYPES)}
    if encoding := dice.choice(ENCODINGS):
        name = "Transfer-Encoding" if encoding == "chunked" else "Content-Encoding"
        headers[name] = encoding
    return headers


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, inner in items:
        yield from _places(inner, (*path, key))


def _parent(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value


def _replace(value: Any, dice: Random) -> Any:
    """Something odd in one place."""
    path = dice.choice(list(_places(value)))
    new = deepcopy(_plain(dice.choice(ODD)))
    if not path:
        return new
    _parent(value, path)[path[-1]] = new
    return value


def _remove(value: Any, dice: Random) -> Any:
    """One member less."""
    path = dice.choice(list(_places(value)))
    if path:
        del _parent(value, path)[path[-1]]
    return value


def _repeat(value: Any, dice: Random) -> Any:
    """The items of one list many times."""
    lists = [path for path in _places(value) if isinstance(_at(value, path), list)]
    if lists:
        found = _at(value, dice.choice(lists))
        found += deepcopy(found) * dice.choice((1, 2, 20 // (len(found) or 1)))
    return value


def _graft(value: Any, dice: Random) -> Any:
    """A copy of one part in the place of another."""
    places = list(_places(value))
    source, target = deepcopy(_at(value, dice.choice(places))), dice.choice(places)
    if target:
        _parent(value, target)[target[-1]] = source
    return value


def _rename(value: Any, dice: Random) -> Any:
    """One member under another name."""
    path = dice.choice(list(_places(value)))
    parent = _parent(value, path) if path else None
    if isinstance(parent, dict):
        parent[dice.choice(("id", "code", "resourceType", "value", "", "\x00"))] = parent.pop(
            path[-1]
        )
    return value


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _plain(value: Any) -> Any:
    """*value* as orjson can write it: a number that it cannot hold becomes its digits."""
    return float(10**300) if isinstance(value, int) and abs(value) > 2**63 else value


def _flip(body: bytes, dice: Random) -> bytes:
    place = dice.randrange(len(body) or 1)
    return body[:place] + bytes([dice.randrange(256)]) + body[place + 1 :]


def _cut(body: bytes, dice: Random) -> bytes:
    return body[: dice.randrange(len(body) + 1)]


def _splice(body: bytes, dice: Random) -> bytes:
    one, two = sorted((dice.randrange(len(body) + 1), dice.randrange(len(body) + 1)))
    return body[:two] + body[one:]


def _insert(body: bytes, dice: Random) -> bytes:
    """Something that is no JSON, or hardly, in the place of a value."""
    parts = body.split(b":")
    place = dice.randrange(len(parts))
    return b":".join([*parts[:place], dice.choice(RAW), *parts[place + 1 :]])


TREES: tuple[Callable[[Any, Random], Any], ...] = (
    _replace,
    _replace,
    _replace,
    _remove,
    _repeat,
    _graft,
    _rename,
)
BYTES: tuple[Callable[[bytes, Random], bytes], ...] = (_flip, _cut, _splice, _insert)
