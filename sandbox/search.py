"""FHIR search: which resources match, and in what order. Pure.

Values of one parameter are alternatives (a comma list); a repeated parameter narrows further.
Parameters that are not known to the resource type are ignored, as most servers do.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sandbox.parameters import RESOURCE_TYPES, Kind, SearchParameter, elements
from sandbox.records import Resource

Asked = tuple[tuple[str, str], ...]  # the parameters of a call, in order, with repetitions

COMMA = re.compile(r"(?<!\\),")
BAR = re.compile(r"(?<!\\)\|")
ANY_SYSTEM = "(the one system that the element allows)"  # of plain codes, such as a status


class UnsupportedSearch(ValueError):
    """A known parameter is asked in a way that this server does not understand."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One parameter of a call with its alternative values."""

    parameter: SearchParameter
    values: tuple[str, ...]

    def accepts(self, resource: Resource) -> bool:
        """Whether any element at the parameter's paths has any of the values."""
        matches = MATCHERS[self.parameter.kind]
        return any(
            matches(element, value)
            for path in self.parameter.paths
            for element in elements(resource, path)
            for value in self.values
        )


def search(resources: Iterable[Resource], resource_type: str, asked: Asked) -> list[Resource]:
    """The *resources* that meet all that was asked; raises UnsupportedSearch."""
    criteria = _criteria(resource_type, asked)
    found = [
        resource
        for resource in resources
        if all(criterion.accepts(resource) for criterion in criteria)
    ]
    return _sorted(found, resource_type, dict(asked).get("_sort", ""))


def _criteria(resource_type: str, asked: Asked) -> list[Criterion]:
    known = RESOURCE_TYPES[resource_type].parameters
    found = []
    for name, text in asked:
        plain = re.split(r"[:.]", name)[0]
        if plain not in known:
            continue
        if name != plain and name not in ("patient:Patient", "subject:Patient"):
            raise UnsupportedSearch(f"{name}: no modifier or chain of {plain} is supported")
        values = tuple(value for value in COMMA.split(text) if value)
        if not values:
            raise UnsupportedSearch(f"{name} has no value")
        found.append(Criterion(known[plain], values))
    return found


def _token_matches(element: object, value: str) -> bool:
    """`code`, `system|code`, `|code` (no system) and `system|` (any code)."""
    system, bar, code = _split_token(value)
    return any(
        (not bar or its_system is ANY_SYSTEM or its_system == system)
        and (its_code == code or (not code and bool(system)))
        for its_system, its_code in _codings(element)
    )


def _split_token(value: str) -> tuple[str, str, str]:
    parts = BAR.split(value, maxsplit=1)
    plain = [re.sub(r"\\(.)", r"\1", part) for part in parts]
    return (plain[0], "|", plain[1]) if len(plain) == 2 else ("", "", plain[0])


def _codings(element: object) -> Iterable[tuple[str, str]]:
    """System and code of a CodeableConcept, Coding, Identifier or plain code."""
    if isinstance(element, str):
        return [(ANY_SYSTEM, element)]
    if not isinstance(element, dict):
        return []
    codings = element.get("coding", [element])
    return [
        (coding.get("system", ""), coding.get("code", coding.get("value", "")))
        for coding in codings
    ]


def _reference_matches(element: object, value: str) -> bool:
    """`p1`, `Patient/p1` and an absolute URL all mean Patient/p1; types differ, no match."""
    if not isinstance(element, dict) or not isinstance(element.get("reference"), str):
        return False
    stored = element["reference"].split("/")[-2:]
    wanted = value.split("/")[-2:]
    return bool(stored[-len(wanted) :] == wanted)


MATCHERS: Mapping[Kind, Callable[[object, str], bool]] = {
    Kind.TOKEN: _token_matches,
    Kind.REFERENCE: _reference_matches,
}


def _sorted(found: list[Resource], resource_type: str, order: str) -> list[Resource]:
    """By date if `_sort` asks for it; with the newest first, those without a date come last."""
    if order.removeprefix("-") != "date":
        return found
    dates = RESOURCE_TYPES[resource_type].dates
    return sorted(found, key=lambda resource: _date(resource, dates), reverse=order.startswith("-"))


def _date(resource: Resource, names: tuple[str, ...]) -> str:
    return next((resource[name] for name in names if name in resource), "")
