"""How the calls of one process reach FHIR servers: what is shared, by server and by client."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Protocol, TypeVar

import requests

from app.fhir.deadline import Deadline
from app.fhir.dialect import Dialect, version_of
from app.fhir.gate import Gate, places_of
from app.fhir.rest import Rest
from app.fhir.server import FhirServer
from app.fhir.session import internal_session, new_session
from app.fhir.tokens import BackendTokens, Registration
from hooks.clinical.facts import Missing, Why

FETCH_THREADS = 64  # for each server: those that it holds are missed by no other
LONGEST_TOKEN_S = 86_400

Key = TypeVar("Key")
Value = TypeVar("Value")


class Client(Protocol):
    """What of a client decides which servers are asked, and how."""

    @property
    def name(self) -> str: ...
    @property
    def fhir_servers(self) -> tuple[str, ...]: ...
    @property
    def internal(self) -> bool: ...
    @property
    def token(self) -> Registration | None: ...


@dataclass(frozen=True, slots=True)
class Lane:
    """What belongs to one server: its threads, its places, its version of FHIR, its rest."""

    pool: ThreadPoolExecutor
    gate: Gate
    dialect: Dialect
    rest: Rest


def open_access(threads: int, ca_file: Path | None) -> "FhirAccess":
    """The access of a process that answers calls in so many *threads*.

    *ca_file* takes the place of the public certificate authorities.
    """
    access = FhirAccess(places_of(threads))
    if ca_file is not None:
        access.public.verify = access.internal.verify = str(ca_file)
    return access


@dataclass(frozen=True, slots=True)
class FhirAccess:
    """The connections, lanes and tokens of a process; *places*: see `Gate`."""

    places: int
    public: requests.Session = field(default_factory=new_session)
    internal: requests.Session = field(default_factory=internal_session)
    _lanes: dict[str, Lane] = field(default_factory=dict)
    _tokens: dict[tuple[str, str, bool], BackendTokens] = field(default_factory=dict)
    _lock: Any = field(default_factory=Lock)

    def server(
        self, base: str, client: Client, hook: Mapping[str, Any], deadline: Deadline
    ) -> FhirServer | Missing:
        """The server at *base*, which *client* may name, or why the token of *hook* is of no use.

        Nothing is asked of it yet.
        """
        given: Mapping[str, Any] = hook.get("fhirAuthorization", {})
        if given and (fault := unusable(given, str(hook["context"]["patientId"]))):
            return Missing("fhirServer", Why.NOT_FETCHED, fault)
        lane, session = self.lane(base), self.internal if client.internal else self.public
        return FhirServer(
            base,
            given.get("access_token"),
            session,
            _while_valid(deadline, given),
            backend=None if given else self._backend(base, client, session),
            gate=lane.gate,
            dialect=lane.dialect,
            rest=lane.rest,
            version=version_of(hook["context"]),
        )

    def pool_for(self, server: FhirServer | Missing) -> ThreadPoolExecutor:
        """The threads that fetch from *server*; without one none of them ever starts."""
        return self.lane(server.base if isinstance(server, FhirServer) else "").pool

    def lane(self, base: str) -> Lane:
        """The lane of the server with this *base*."""
        return self._once(self._lanes, base, self._new_lane)

    def close(self) -> None:
        """Close connections; threads end with what they wait for."""
        for lane in self._lanes.values():
            lane.pool.shutdown(wait=False)
        self.public.close()
        self.internal.close()

    def _new_lane(self) -> Lane:
        return Lane(ThreadPoolExecutor(FETCH_THREADS, "fhir"), Gate(self.places), Dialect(), Rest())

    def _backend(
        self, base: str, client: Client, session: requests.Session
    ) -> BackendTokens | None:
        config = client.token
        if config is None:
            return None
        key = (client.name, base, client.internal)
        return self._once(self._tokens, key, lambda: BackendTokens(base, config, session))

    def _once(self, kept: dict[Key, Value], key: Key, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key not in kept:
                kept[key] = make()
            return kept[key]


def unusable(given: Mapping[str, Any], patient_id: str) -> str:
    """Why the token that the call brought is of no use, or an empty text."""
    if given["expires_in"] <= 0:
        return "the access token has expired"
    patient = (given.get("patient") or patient_id).removeprefix("Patient/")
    return "" if patient == patient_id else "the access token is for another patient"


def _while_valid(deadline: Deadline, given: Mapping[str, Any]) -> Deadline:
    """*deadline*, or the end of the token if that comes first."""
    seconds = min(given.get("expires_in", LONGEST_TOKEN_S), LONGEST_TOKEN_S)
    return min(deadline, Deadline.in_ms(1000 * seconds), key=lambda moment: moment.end)
