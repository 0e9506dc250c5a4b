"""The HTTP sessions that all requests of a worker share: for public servers, and for the site's.

Their rule: they keep connections and nothing else. No cookie, token or setting of one request may
reach another, so tokens travel in the headers of a single request only. Connections are made to
the address that was checked (`addresses.py`), and a server has a pool of its own.
"""

import http.client
import io
import logging
from http.cookiejar import DefaultCookiePolicy
from socket import gaierror, socket
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProtocolError

from app.fhir.addresses import INTERNAL, PUBLIC, ForbiddenAddress, Reach, connected

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SERVERS = 64  # pools that are kept; the one used longest ago is closed first
POOL_SIZE = 64  # idle connections to one server that are kept
HEADERS = {
    "Accept": "application/fhir+json",
    "Accept-Encoding": "gzip",  # the one that `bodies.py` unpacks
    "User-Agent": "rxhooks",
}
LONGEST_ANSWER_S = 30.0  # where a caller forgot to give a timeout


class StaleConnection(ConnectionResetError):
    """The server had closed a pooled connection; the request got no answer."""


class NotAllowedThere(NewConnectionError):
    """The name of the server leads to an address that it may not have."""


class _OneAnswer(io.RawIOBase):
    """The bytes of one answer. The socket's timeout holds for all of them together, not for each
    wait, or a server that sends a byte now and then would keep a thread for hours."""

    def __init__(self, stream: io.RawIOBase, connection: socket) -> None:
        self._stream = stream
        self._connection = connection
        self._end = monotonic() + (connection.gettimeout() or LONGEST_ANSWER_S)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        self._connection.settimeout(left)
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_OneAnswer(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    """A connection that tells whether it broke on its first request or while it lay in the pool."""

    response_class = _TimedResponse
    reach: ClassVar[Reach] = PUBLIC
    _has_answered = False

    def _new_conn(self) -> socket:
        """As urllib3 has it, but to a checked address; TLS and Host still name the server."""
        try:
            return connected(
                self._dns_host, self.port or 0, self.timeout, self.socket_options, self.reach
            )
        except ForbiddenAddress:
            raise NotAllowedThere(self, "not allowed") from None
        except TimeoutError:
            raise ConnectTimeoutError(self, "timed out") from None
        except (gaierror, UnicodeError):
            raise NewConnectionError(self, "the name cannot be resolved") from None
        except OSError:
            raise NewConnectionError(self, "nobody answers") from None

    def connect(self) -> None:
        self._has_answered = False
        super().connect()

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        try:
            response = super().getresponse()
        except ConnectionError as error:
            if self._has_answered:
                raise StaleConnection("closed while it lay in the pool") from error
            raise
        self._has_answered = True
        return response


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _InternalConnection(_Connection):
    reach = INTERNAL


class _InternalTlsConnection(_TlsConnection):
    reach = INTERNAL


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _InternalPool(HTTPConnectionPool):
    ConnectionCls = _InternalConnection


class _InternalTlsPool(HTTPSConnectionPool):
    ConnectionCls = _InternalTlsConnection


class _Adapter(HTTPAdapter):
    pools: ClassVar[dict[str, type[HTTPConnectionPool]]] = {"http": _Pool, "https": _TlsPool}

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools


class _InternalAdapter(_Adapter):
    pools = {"http": _InternalPool, "https": _InternalTlsPool}


def new_session() -> requests.Session:
    """A pooled session that verifies TLS, retries nothing and remembers nothing.

    It contacts no name that leads to an address inside: use `internal_session` for those. The
    read timeout of a request bounds its whole answer, head and body.
    """
    return _session(_Adapter)


def internal_session() -> requests.Session:
    """The same for servers that the operator says are his own: names may lead inside."""
    return _session(_InternalAdapter)


def _session(adapter_class: type[_Adapter]) -> requests.Session:
    # urllib3 logs whole URLs, which name patients: on debug, and for odd headers on warning.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(HEADERS)
    adapter = adapter_class(pool_connections=SERVERS, pool_maxsize=POOL_SIZE, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def was_stale(error: requests.ConnectionError) -> bool:
    """Whether a pooled connection turned out to be closed: a GET may then be repeated."""
    broken = error.args[0] if error.args else None
    return isinstance(broken, ProtocolError) and isinstance(broken.args[-1], StaleConnection)


def was_not_allowed(error: requests.ConnectionError) -> bool:
    """Whether no connection was made because of where the server's name leads."""
    failed = error.args[0] if error.args else None
    return isinstance(getattr(failed, "reason", None), NotAllowedThere)
