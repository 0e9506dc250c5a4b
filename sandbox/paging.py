"""Searchset Bundles, a page at a time. A page's place travels in an opaque token: no state."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import orjson

from sandbox.records import Resource
from sandbox.search import Asked

DEFAULT_COUNT = 20
GREATEST_COUNT = 50  # whatever `_count` asks for: real servers have such a limit, too
TOKEN = "_page"  # noqa: S105 (a place in a list of results, no secret)


class BadPage(ValueError):
    """The page token or `_count` is not one that this server can use."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the results a page starts, and what was asked to begin with."""

    asked: Asked
    offset: int = 0

    def token(self) -> str:
        """The place as text for a URL; Place.from_token gives it back."""
        packed = orjson.dumps([self.offset, self.asked])
        return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")

    @classmethod
    def from_token(cls, text: str) -> "Place":
        """The place in *text*; raises BadPage."""
        try:
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            offset, asked = orjson.loads(packed)
            pairs = tuple((str(name), str(value)) for name, value in asked)
            return cls(pairs, max(int(offset), 0))
        except (binascii.Error, ValueError, TypeError) as error:
            raise BadPage("this page token is not one of ours") from error

    @classmethod
    def of(cls, asked: Asked) -> "Place":
        """The place a call asks for: its page token's, or the start of a new search."""
        token = dict(asked).get(TOKEN)
        return cls(asked) if token is None else cls.from_token(token)

    def count(self) -> int:
        """How many resources the page holds; raises BadPage."""
        text = dict(self.asked).get("_count", str(DEFAULT_COUNT))
        if not (text.isascii() and text.isdigit()):
            raise BadPage("_count is not a number")
        return min(int(text), GREATEST_COUNT)


def searchset(
    base: str, resource_type: str, asked: Asked, place: Place, found: Sequence[Resource]
) -> Resource:
    """The page of *found* at *place*; *asked* is the call as it came, for the self link."""
    end = place.offset + place.count()
    bundle: Resource = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(found),
        "link": [_link("self", base, resource_type, asked)],
    }
    if place.offset < end < len(found):
        following = replace(place, offset=end)
        bundle["link"].append(_link("next", base, resource_type, ((TOKEN, following.token()),)))
    page = [_entry(base, resource) for resource in found[place.offset : end]]
    return bundle | {"entry": page} if page else bundle


def _link(relation: str, base: str, resource_type: str, asked: Asked) -> dict[str, str]:
    query = f"?{urlencode(asked, safe=',/:')}" if asked else ""
    return {"relation": relation, "url": f"{base}/{resource_type}{query}"}


def _entry(base: str, resource: Resource) -> Resource:
    return {
        "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
        "resource": resource,
        "search": {"mode": "match"},
    }
