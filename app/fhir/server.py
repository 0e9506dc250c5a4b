"""One EHR's FHIR server: bounded waits, and the token goes nowhere else.

What fails is never an empty answer: either `FhirUnavailable` is raised, or the answer carries a
remark. Reasons name no URL, no id and nothing of the patient.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

import orjson
import requests
import urllib3

from app.fhir.bundles import encoded, is_bundle, is_resource, joined, next_links, type_of
from app.fhir.deadline import Deadline
from app.fhir.session import was_stale
from hooks.reading.resources import Fetched, Resource

CHUNK = 65_536
LATE = "no answer in time"
ELSEWHERE = "the next page is on another server"
VISIBLE = re.compile(r"[!-~]+")
PORTS = {"http": 80, "https": 443}


class FhirUnavailable(Exception):
    """The server gave no answer to a query; the message says why, in a few words for a card."""


class NotThere(FhirUnavailable):
    """The server has no such resource (HTTP 404 or 410)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one query may go, whatever the deadline leaves."""

    connect_s: float = 0.5
    read_s: float = 5.0  # one answer, from its first byte to its last
    max_bytes: int = 20_000_000  # all pages together, decompressed
    max_pages: int = 40


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A server that may be asked until *deadline*; *token* is sent to nothing outside of *base*."""

    base: str
    token: str | None = field(repr=False)
    session: requests.Session
    deadline: Deadline
    limits: Limits = field(default_factory=Limits)
    trace: Mapping[str, str] = field(default_factory=dict)  # headers that name the call's trace

    @property
    def source(self) -> str:
        """The base URL without a trailing slash: how evidence names this server."""
        return self.base.rstrip("/")

    def search(self, query: str) -> Fetched:
        """All pages of *query* as one searchset; a remark if a later page is missing.

        Raises FhirUnavailable if the first page is.
        """
        url = self._url(query)
        first, size = self._page(url, self.limits.max_bytes)
        later, missing = self._later_pages(first, {url}, self.limits.max_bytes - size)
        return joined([first, *later], query, missing, self.source)

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
            raise FhirUnavailable("the answer is not a Bundle")
        return page, size

    def _json(self, url: str, room: int) -> tuple[Any, int]:
        """What stands at *url*, and its size in bytes."""
        with reasons(), self._sent(url) as response:
            refuse(response.status_code)
            body = self._body(response, room)
        try:
            return orjson.loads(body), len(body)
        except orjson.JSONDecodeError:
            raise FhirUnavailable("the answer is not JSON") from None  # it holds the whole body

    def _body(self, response: requests.Response, room: int) -> bytes:
        chunks = []
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            room -= len(chunk)
            if room < 0:
                raise FhirUnavailable(f"more than {self.limits.max_bytes / 1e6:g} MB")
            if self.deadline.over():
                raise FhirUnavailable(LATE)
            chunks.append(chunk)
        return b"".join(chunks)

    def _sent(self, url: str) -> requests.Response:
        try:
            return self._sent_once(url)
        except requests.ConnectionError as error:
            if not was_stale(error):
                raise
        return self._sent_once(url)

    def _sent_once(self, url: str) -> requests.Response:
        # The session's own `send` would keep cookies, and read the body of a redirect to its end.
        left = self.deadline.remaining()
        if not left:
            raise FhirUnavailable(LATE)
        request = requests.PreparedRequest()
        headers = {**self.session.headers, **self.trace, **self._authorization()}
        request.prepare("GET", url, headers=headers)
        return self.session.get_adapter(url).send(
            request,
            stream=True,
            timeout=urllib3.Timeout(left, self.limits.connect_s, self.limits.read_s),  # type: ignore[arg-type]
            verify=self.session.verify or True,
        )

    def _authorization(self) -> dict[str, str]:
        if self.token is None:
            return {}
        if not VISIBLE.fullmatch(self.token):
            raise FhirUnavailable("the access token is not one")
        return {"Authorization": f"Bearer {self.token}"}

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


def origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port; raises ValueError if the port is none."""
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def climbs(path: str) -> bool:
    """Whether a server might read *path* as a way out of its folder."""
    return "/.." in unquote(f"/{path}").replace("\\", "/")


def refuse(status: int) -> None:
    """Raise FhirUnavailable for every status but 200."""
    if status in (404, 410):
        raise NotThere(f"HTTP {status}")
    if 300 <= status < 400:
        raise FhirUnavailable("redirected to another place")
    if status != 200:
        raise FhirUnavailable(f"HTTP {status}")


@contextmanager
def reasons() -> Iterator[None]:
    """Give the libraries' errors as FhirUnavailable; without their cause, which holds the URL."""
    try:
        yield
    except (requests.Timeout, urllib3.exceptions.ReadTimeoutError):
        raise FhirUnavailable(LATE) from None
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        raise FhirUnavailable("no trusted TLS connection") from None
    except requests.ConnectionError:
        raise FhirUnavailable("no connection") from None
    except urllib3.exceptions.HTTPError:
        raise FhirUnavailable("the answer broke off") from None
    except requests.RequestException:
        raise FhirUnavailable("the request could not be made") from None
