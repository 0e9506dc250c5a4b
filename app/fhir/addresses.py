"""Which addresses a server may be at, and a connection to exactly the one that was checked.

A name is resolved once for each connection, all its addresses are judged, and the socket goes to
one of those: no second answer of a name server can lead it elsewhere. An address that the operator
wrote down as such, and `localhost`, is no name: it is contacted as written.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from app.fhir.deadline import Deadline

Address = IPv4Address | IPv6Address
Place = tuple[int, tuple[str, int] | tuple[str, int, int, int]]  # family, socket address
Resolve = Callable[[str, int], Sequence[Place]]
Options = Sequence[tuple[int, int, int | bytes]]

GLOBAL_UNICAST = IPv6Network("2000::/3")  # NAT64, mapped and compatible addresses are outside
TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))  # Teredo and 6to4 hold IPv4
LONGEST_CONNECT_S = 5.0  # where a caller forgot to give a timeout


class ForbiddenAddress(OSError):
    """The name leads to an address that its server may not be at."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How names are resolved, and which addresses they may have."""

    allows: Callable[[Address], bool]
    resolve: Resolve


def resolved(host: str, port: int) -> list[Place]:
    """Where *host* is, as the system resolves it; waits as long as the system does."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]  # type: ignore[misc]


def is_public(address: Address) -> bool:
    """Whether *address* is of the public internet, and written plainly.

    Not so: loopback, link-local, private, shared, reserved, multicast, unspecified, and every
    IPv6 address that holds an IPv4 one.
    """
    if isinstance(address, IPv6Address):
        plain = address in GLOBAL_UNICAST and not any(address in net for net in TUNNELS)
        return plain and address.is_global
    return address.is_global and not address.is_multicast


def is_of_one_host(address: Address) -> bool:
    """Whether *address* can be that of one server at all."""
    inner = getattr(address, "ipv4_mapped", None) or address
    return not (inner.is_multicast or inner.is_unspecified or inner == BROADCAST)


BROADCAST = IPv4Address("255.255.255.255")
PUBLIC = Reach(is_public, resolved)
INTERNAL = Reach(is_of_one_host, resolved)


def connected(
    host: str, port: int, timeout: float | None, options: Options | None, reach: Reach
) -> socket.socket:
    """A connection to *host*, in *timeout* seconds over all its addresses together.

    Raises ForbiddenAddress if any address of it is not allowed, and OSError where none answers.
    """
    deadline = Deadline.in_ms(1000 * (timeout or LONGEST_CONNECT_S))
    name = host.strip("[]")
    places = checked(name, reach.resolve(name, port), reach)
    failure: OSError = OSError("the name has no address")
    for nth, place in enumerate(places):
        try:
            return _opened(place, deadline.remaining() / (len(places) - nth), options)
        except OSError as error:
            failure = error
    raise failure


def checked(host: str, places: Sequence[Place], reach: Reach) -> Sequence[Place]:
    """*places*, each of which *host* may be at; raises ForbiddenAddress if one is not."""
    allows = is_of_one_host if _is_written_down(host) else reach.allows
    if all(allows(ip_address(address[0])) for _, address in places):
        return places
    raise ForbiddenAddress("the name leads to an address that is not allowed")


def _is_written_down(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.casefold() == "localhost"
    return True


def _opened(place: Place, seconds: float, options: Options | None) -> socket.socket:
    family, address = place
    if seconds <= 0:
        raise TimeoutError("no time is left to connect")
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        for option in options or ():
            opened.setsockopt(*option)
        opened.settimeout(seconds)
        opened.connect(address)
    except BaseException:
        opened.close()
        raise
    return opened
