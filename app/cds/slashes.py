"""`/cds-services/`, `//id` and `/id/` mean what they do without the extra slash.

Clients join a typed base URL and an id; a redirect would break their preflight.
"""

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask

EXTRA = re.compile(r"/{2,}")
CALLED = "rxhooks.called"  # the path as the client called it


def init_app(app: Flask) -> None:
    """Read paths below /cds-services with single slashes and none at the end."""
    inner = app.wsgi_app

    def tolerant(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.lstrip("/").startswith("cds-services"):
            environ[CALLED] = path
            environ["PATH_INFO"] = EXTRA.sub("/", path).rstrip("/")
        return inner(environ, start_response)

    app.wsgi_app = tolerant  # type: ignore[method-assign]
