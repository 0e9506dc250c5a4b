"""What is on file: the resources of patients/*.json, by type and id."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

Resource = dict[str, Any]

PATIENTS = Path(__file__).parent / "patients"
WRITTEN_ON = date(2026, 11, 21)  # the day on which the patients' data are as old as they are meant
DAY = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)(?P<time>T\S+)?")


class UnknownResource(LookupError):
    """Nothing of this type and id is on file."""


class DuplicateResource(ValueError):
    """Two files, or one file twice, hold the same type and id."""


@dataclass(frozen=True, slots=True)
class Records:
    """Every resource on file; nothing changes it."""

    by_type: Mapping[str, Mapping[str, Resource]]

    def of_type(self, resource_type: str) -> Collection[Resource]:
        """All resources of one type, in the order of the files."""
        return self.by_type.get(resource_type, {}).values()

    def read(self, resource_type: str, resource_id: str) -> Resource:
        """One resource; raises UnknownResource."""
        try:
            return self.by_type[resource_type][resource_id]
        except KeyError as error:
            raise UnknownResource(f"no {resource_type} with this id is on file") from error


def load(folder: Path = PATIENTS) -> Records:
    """Read every Bundle of *folder*; raises DuplicateResource."""
    by_type: dict[str, dict[str, Resource]] = {}
    for path in sorted(folder.glob("*.json")):
        for entry in orjson.loads(path.read_bytes())["entry"]:
            resource: Resource = entry["resource"]
            same_type = by_type.setdefault(resource["resourceType"], {})
            if resource["id"] in same_type:
                raise DuplicateResource(f"{path.name}: {resource['resourceType']}/{resource['id']}")
            same_type[resource["id"]] = resource
    return Records(by_type)


def current() -> Records:
    """The sample patients as of now: no result of theirs gets too old."""
    return as_of(datetime.now(UTC).date(), load())


def as_of(today: date, records: Records) -> Records:
    """*records* with every day moved, dates of birth too: ages are those of WRITTEN_ON."""
    days = today - WRITTEN_ON
    return Records(
        {
            kind: {name: _moved(resource, days) for name, resource in same_type.items()}
            for kind, same_type in records.by_type.items()
        }
    )


def _moved(value: Any, days: timedelta) -> Any:
    """*value* with the texts in it that are a day, or a time, moved by *days*."""
    if isinstance(value, dict):
        return {key: _moved(inner, days) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, days) for inner in value]
    if isinstance(value, str) and (told := DAY.fullmatch(value)):
        return f"{date.fromisoformat(told['day']) + days}{told['time'] or ''}"
    return value
