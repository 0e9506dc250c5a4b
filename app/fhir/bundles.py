"""FHIR queries and the Bundles that answer them, before anybody reads what they mean.

Pure. A Bundle that is not whole says so: a next link, an OperationOutcome among its entries.
"""

import re
from collections.abc import Sequence
from typing import Any, TypeGuard
from urllib.parse import quote

from hooks.clinical.facts import Missing, Why
from hooks.reading.resources import Fetched, Resource, as_list, as_text

HARMLESS = {"warning", "information", "success"}
BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def type_of(query: str) -> str:
    """The resource type that *query* asks for."""
    return re.split(r"[/?]", query, maxsplit=1)[0]


def is_read(query: str) -> bool:
    """Whether *query* reads one resource by its id; all others are searches."""
    _, _, name = query.partition("?")[0].partition("/")
    return bool(name) and "/" not in name and not name.startswith(("_", "$"))


def encoded(query: str) -> str:
    """*query*, percent-encoded; escapes that it already holds stay as they are."""
    path, mark, parameters = BARE_PERCENT.sub("%25", query).partition("?")
    return f"{quote(path, safe='/$%')}{mark}{quote(parameters, safe='/$%&=:,')}"


def is_resource(value: object, resource_type: str) -> TypeGuard[Resource]:
    """Whether *value* is an object that says it is a *resource_type*."""
    return isinstance(value, dict) and value.get("resourceType") == resource_type


def is_bundle(value: object) -> TypeGuard[Resource]:
    """Whether *value* is a Bundle without entries, or with entries that can be read."""
    return is_resource(value, "Bundle") and isinstance(value.get("entry"), list | dict | None)


def next_links(bundle: Resource) -> list[str]:
    """The addresses of the page after *bundle*: one, or none if *bundle* is the last."""
    links = as_list(bundle, "link")
    return [as_text(link, "url") for link in links if as_text(link, "relation") == "next"]


def joined(pages: Sequence[Resource], query: str, missing: str, source: str) -> Fetched:
    """*pages* as one searchset; *missing* is the reason why a page is not among them, or empty."""
    entries = [
        entry for page in pages for entry in as_list(page, "entry") if isinstance(entry, dict)
    ]
    failed = "the server reported an error in its answer" if any(map(_failed, entries)) else ""
    detail = "; ".join(filter(None, (missing, failed)))
    return Fetched(
        {"resourceType": "Bundle", "type": "searchset", "entry": entries},
        source,
        Missing(type_of(query), Why.NOT_FETCHED, detail) if detail else None,
    )


def _failed(entry: dict[str, Any]) -> bool:
    """Whether *entry* tells of an error instead of holding a result."""
    resource, search = entry.get("resource"), entry.get("search")
    kind = resource.get("resourceType") if isinstance(resource, dict) else ""
    mode = search.get("mode") if isinstance(search, dict) else ""
    if kind != "OperationOutcome" and mode != "outcome":
        return False
    severities = {as_text(issue, "severity") for issue in as_list(resource, "issue")}
    return not severities or not severities <= HARMLESS
