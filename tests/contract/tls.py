"""A TLS server on loopback, with a certificate of its own; it answers one request."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest

from tests.contract.asking import WITHIN_S
from tests.contract.loopback import bundle, http


@dataclass(frozen=True, slots=True)
class TlsServer:
    """Answers one request, over TLS.

    *asked* is that request, empty if none came through; *sni* are the names that were asked for.
    """

    base: str
    certificate: Path
    asked: Future[bytes]
    sni: list[str | None]


@contextmanager
def serving_tls(folder: Path, name: str, pool: Executor) -> Iterator[TlsServer]:
    """Serve as *name* (a host name, or 127.0.0.1); skips the test where there is no openssl."""
    if not which("openssl"):
        pytest.skip("needs openssl to make a certificate")
    context, sni = _certificate(folder, name), list[str | None]()
    context.sni_callback = lambda _socket, asked, _context: sni.append(asked)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked = pool.submit(_answer, listener, context)
        base = f"https://127.0.0.1:{listener.getsockname()[1]}/fhir"
        yield TlsServer(base, folder / "certificate.pem", asked, sni)


def _certificate(folder: Path, host: str) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    kind = "IP" if host[0].isdigit() else "DNS"
    name = f"-subj /CN={host} -addext subjectAltName={kind}:{host}"
    command = [*make.split(), *name.split(), "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=WITHIN_S)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _answer(listener: socket.socket, context: ssl.SSLContext) -> bytes:
    """The request that the client sent; nothing if it did not like the certificate."""
    listener.settimeout(WITHIN_S)
    connection, _ = listener.accept()
    with connection:
        try:
            with context.wrap_socket(connection, server_side=True) as tls:
                asked = tls.recv(10_000)
                tls.sendall(http(bundle()))
                return asked
        except OSError:
            return b""
