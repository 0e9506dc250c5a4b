"""`python -m sandbox --bind 127.0.0.1:8081`"""

import argparse
import os
import socket
import sys

from gunicorn.app.base import BaseApplication

from sandbox.server import create_app

DEFAULT = "127.0.0.1:8081"
THREADS = 64  # slow and dripping answers keep one each
USAGE = 2  # the exit code of a command that cannot start


class AddressTaken(OSError):
    """The address cannot be listened on; the message is a sentence for people."""


class Gunicorn(BaseApplication):  # type: ignore[misc]
    """One gunicorn worker on a socket that is already bound.

    One, because the switch for the behaviour is a value in its memory.
    """

    def __init__(self, listener: socket.socket) -> None:
        self.url = f"http://{_address(listener)}"
        self.fd = listener.detach()
        super().__init__()

    def load_config(self) -> None:
        """Settings in code: no configuration file or environment has a say."""
        settings = {
            "bind": [f"fd://{self.fd}"],
            "worker_class": "gthread",
            "threads": THREADS,
            "preload_app": True,
            "keepalive": 75,
            "graceful_timeout": 1,
            "control_socket_disable": True,
            "loglevel": "warning",
            "when_ready": self._announce,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        """The WSGI application."""
        return create_app()

    def _announce(self, _arbiter: object) -> None:
        print(f"The sandbox FHIR server is at {self.url}/fhir; Ctrl-C stops it.", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal; gives the exit code if it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--bind", metavar="HOST:PORT", default=DEFAULT, type=_host_and_port)
    host, port = parser.parse_args(arguments).bind
    try:
        listener = _listen(host, port)
    except AddressTaken as error:
        print(error, file=sys.stderr)
        return USAGE
    Gunicorn(listener).run()
    return 0


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise argparse.ArgumentTypeError(f"{text} is not of the form HOST:PORT")
    return host.strip("[]"), int(port)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else "no such host"
        raise AddressTaken(f"The sandbox cannot listen on {host}:{port}: {reason}.") from error


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


if __name__ == "__main__":
    sys.exit(main())
