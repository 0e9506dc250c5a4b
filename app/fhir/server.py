"""One EHR's FHIR server: bounded waits, and the token goes nowhere else.

What fails is never an empty answer: either `FhirUnavailable` is raised, or the answer carries a
remark. Reasons name no URL, no id and nothing of the patient.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urljoin, urlsplit

import requests

from app.fhir.bodies import body_of, parsed
from app.fhir.bundles import encoded, is_bundle, is_resource, joined, next_links, type_of
from app.fhir.deadline import Deadline
from app.fhir.dialect import ACCEPT, ANY, R4, Dialect, differs, spelled
from app.fhir.exchange import Limits, got, origin
from app.fhir.gate import Gate
from app.fhir.reasons import (
    FhirUnavailable,
    NotAuthorized,
    NotThere,
    NotUnderstood,
    refuse,
    told,
)
from app.fhir.rest import AskedToWait, Rest, heed
from hooks.reading.resources import Fetched, Resource

ELSEWHERE = "the next page is on another server"
VISIBLE = re.compile(r"[!-~]+")
MANY = 1_000


class TokenSource(Protocol):
    """Where a token comes from if the call brought none."""

    def token(self, deadline: Deadline) -> str:
        """A token, by *deadline*; raises FhirUnavailable if there is none."""

    def forget(self, token: str) -> None:
        """*token* was not accepted."""


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A server that may be asked until *deadline*; *token* is sent to nothing outside of *base*.

    *backend* gives a token if the call brought none. *version* is the one of the call's own
    resources, if they tell; what *dialect* has learned from the server goes before it.
    """

    base: str
    token: str | None = field(repr=False)
    session: requests.Session
    deadline: Deadline
    limits: Limits = field(default_factory=Limits)
    backend: TokenSource | None = None
    gate: Gate = field(default_factory=lambda: Gate(MANY))
    dialect: Dialect = field(default_factory=Dialect)
    rest: Rest = field(default_factory=Rest)
    version: str = R4
    trace: Mapping[str, str] = field(default_factory=dict)  # headers that name the call's trace

    @property
    def source(self) -> str:
        """The base URL without a trailing slash: how evidence names this server."""
        return self.base.rstrip("/")

    def search(self, query: str) -> Fetched:
        """All pages of *query* as one searchset; a remark if a later page is missing.

        Raises FhirUnavailable if the first page is.
        """
        if not differs(query):
            return self._search(query)
        asked = spelled(query, self.dialect.likely(self.version))
        try:
            return self._search(asked)
        except NotUnderstood as error:
            other = spelled(query, self._stated_version(error))
            if other == asked:
                raise
        return self._search(other)

    def rest_of(self, page: Resource, query: str) -> Fetched:
        """*page*, which the prefetch held, and all pages after it; a remark if one is missing."""
        later, missing = self._later_pages(page, set(), self.limits.max_bytes)
        return joined([page, *later], query, missing, self.source if later else "prefetch")

    def read(self, query: str) -> Fetched:
        """The resource at `Type/id`; None in its place if the server says that there is none.

        Raises FhirUnavailable for every other failure.
        """
        try:
            resource, _ = self._json(self._url(query), self.limits.max_bytes)
        except NotThere:
            return Fetched(None, self.source)
        if not is_resource(resource, type_of(query)):
            raise FhirUnavailable(f"the answer is not a {type_of(query)}")
        return Fetched(resource, self.source)

    def statement(self) -> object:
        """What the server says of itself (`/metadata`); raises FhirUnavailable."""
        told, _ = self._json(f"{self.source}/metadata", self.limits.max_bytes, ANY)
        return told

    def _search(self, query: str) -> Fetched:
        url = self._url(query)
        first, size = self._page(url, self.limits.max_bytes)
        later, missing = self._later_pages(first, {url}, self.limits.max_bytes - size)
        return joined([first, *later], query, missing, self.source)

    def _stated_version(self, otherwise: FhirUnavailable) -> str:
        """The server's own word on its version; raises *otherwise* if it gives none."""
        try:
            return self.dialect.known(self.statement, self.deadline)
        except FhirUnavailable:
            raise otherwise from None

    def _later_pages(
        self, page: Resource, asked: set[str], room: int
    ) -> tuple[list[Resource], str]:
        """The pages after *page*, and why the last of them is not here, if so."""
        pages: list[Resource] = []
        try:
            while links := next_links(page):
                self._check_count(len(pages) + 1)
                url = self._unasked(links[0], asked)
                asked.add(url)
                page, size = self._page(url, room)
                room -= size
                pages.append(page)
        except FhirUnavailable as error:
            return pages, str(error)
        return pages, ""

    def _check_count(self, pages: int) -> None:
        if pages >= self.limits.max_pages:
            raise FhirUnavailable(f"more than {self.limits.max_pages} pages")

    def _unasked(self, link: str, asked: set[str]) -> str:
        if not link:
            raise FhirUnavailable("the next page has no address")
        url = self._own_url(link)
        if url in asked:
            raise FhirUnavailable("the pages lead round in a circle")
        return url

    def _page(self, url: str, room: int) -> tuple[Resource, int]:
        page, size = self._json(url, room)
        if not is_bundle(page):
            raise NotUnderstood("the answer is not a Bundle")
        return page, size

    def _json(self, url: str, room: int, accept: str = "") -> tuple[Any, int]:
        """What stands at *url*, and its size in bytes; with a new token if one of ours is old."""
        self.rest.wait(self.deadline)
        token = self._token()
        try:
            body = self._body(url, room, self._headers(token, accept))
        except NotAuthorized:
            if self.backend is None or token is None:
                raise
            self.backend.forget(token)
            body = self._body(url, room, self._headers(self._token(), accept))
        return parsed(body), len(body)

    def _body(self, url: str, room: int, headers: dict[str, str]) -> bytes:
        """What stands at *url*; asked for once more after a rest that the server wanted."""

        def fetched() -> bytes:
            with got(self.session, url, headers, self.deadline, self.limits) as response:
                heed(response)
                refuse(response.status_code)
                return body_of(response, room, self.limits.max_bytes, self.deadline)

        try:
            return told(fetched)
        except AskedToWait as asked:
            self.rest.begin(asked)
        self.rest.wait(self.deadline)
        try:
            return told(fetched)
        except AskedToWait as asked:
            self.rest.begin(asked)
            raise

    def _token(self) -> str | None:
        if self.backend is not None:
            return self.backend.token(self.deadline)
        return self.token

    def _headers(self, token: str | None, accept: str) -> dict[str, str]:
        wanted = accept or ACCEPT.get(self.dialect.likely(self.version), "")
        headers = {**self.trace, **({"Accept": wanted} if wanted else {})}
        if token is None:
            return headers
        if not VISIBLE.fullmatch(token):
            raise FhirUnavailable("the access token is not one")
        return {**headers, "Authorization": f"Bearer {token}"}

    def _url(self, query: str) -> str:
        relative = encoded(query)
        if climbs(relative.partition("?")[0]):
            raise FhirUnavailable("the query leads out of the server's base")
        return f"{self.source}/{relative}"

    def _own_url(self, link: str) -> str:
        """*link* as an address of this server; raises FhirUnavailable if it leads elsewhere."""
        try:
            own = urlsplit(f"{self.source}/")
            parts = urlsplit(urljoin(own.geturl(), link))
            ours = origin(parts) == origin(own) and f"{parts.path}/".startswith(own.path)
        except ValueError:
            raise FhirUnavailable(ELSEWHERE) from None
        if not ours or "@" in parts.netloc or climbs(parts.path):
            raise FhirUnavailable(ELSEWHERE)
        # Our own spelling of the origin: no second parser can find another host in it.
        return parts._replace(netloc=own.netloc, fragment="").geturl()


def climbs(path: str) -> bool:
    """Whether a server might read *path* as a way out of its folder."""
    return "/.." in unquote(f"/{path}").replace("\\", "/")
