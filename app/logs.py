"""Logs: one line of JSON on standard error for each event, with keys from one list.

Its rule: a key that is not in ALLOWED is dropped, and so is every value that is not plain. What
libraries log goes the same way, without the strings they fill in: URLs and request lines may
hold patient data. Of an exception only its class and our own line are told, never its message.
"""

import json
import logging
import math
import os
import re
import sys
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import walk_tb
from typing import TextIO, cast
from uuid import UUID

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from app.metrics import count_dropped_log_keys

ALLOWED = (  # in the order in which a line has them
    *("timestamp", "level", "event", "service", "hook", "hook_instance", "status", "cards"),
    *("indicators", "rules", "missing", "duration_ms", "client", "knowledge", "reason"),
    *("error", "path_template", "count", "worker", "request_id", "trace_id"),
)
KNOWN = frozenset(ALLOWED)
LONGEST = 200  # characters of a string
LISTS = (list, tuple, set, frozenset)
MOST = 50  # items of a list
LARGEST = 2**63
TEXTS = (str, UUID, datetime)
OURS = ("app", "hooks")
QUOTED = re.compile(r"""['"`<{\[]""")
LIBRARIES = ("gunicorn.error", "gunicorn.access", "werkzeug")

context: ContextVar[dict[str, str]] = ContextVar("log")  # on every line of the request at hand
NO_CONTEXT: dict[str, str] = {}


class _Stderr:
    """Standard error as it is at the time of writing; a log that cannot be written is lost,
    because no answer may fail for it."""

    def write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            pass

    def flush(self) -> None:
        """Every line is flushed as it is written."""


class _Forward(logging.Handler):
    """Records of the standard library, logged as our own events."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(record.levelno // 10 * 10, logging.CRITICAL)
        error = record.exc_info[1] if record.exc_info else None
        get_logger().log(level, _said(record), exc_info=error)


def get_logger() -> FilteringBoundLogger:
    """The logger; what it writes is filtered whether or not `init_logging` has run."""
    return log


def init_logging() -> None:
    """Send the logs of all libraries, from WARNING on, the same way; may be called again."""
    structlog.configure(
        processors=[_line], wrapper_class=_FILTERING, logger_factory=lambda *_: _LINES
    )
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Forward)]:
        root.removeHandler(handler)
    root.addHandler(_Forward(logging.WARNING))
    root.setLevel(logging.WARNING)


def class_and_line(error: BaseException) -> str:
    """The class of *error*, and the last line of our own code that it passed; not its message."""
    places = [
        f" at {module}:{line}"
        for frame, line in walk_tb(error.__traceback__)
        if (module := str(frame.f_globals.get("__name__"))).partition(".")[0] in OURS
    ]
    return type(error).__name__ + (places[-1] if places else "")


def _said(record: logging.LogRecord) -> str:
    """What *record* says without the values that its author filled in; numbers stay."""
    if isinstance(record.msg, BaseException):
        return class_and_line(record.msg)
    text = str(record.msg)
    if not record.args:
        return QUOTED.split(text)[0]
    with suppress(TypeError, ValueError):
        return text % tuple(value if _is_number(value) else "..." for value in record.args)
    return text


def _line(_logger: WrappedLogger, method: str, event: EventDict) -> str:
    """The line of *event*. One step, not a chain of them: this runs once in every call."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event.setdefault("error", error)
    if not event.keys() <= KNOWN:
        count_dropped_log_keys(len(event.keys() - KNOWN))
    now = datetime.now(UTC).isoformat().removesuffix("+00:00")
    event.update(context.get(NO_CONTEXT), timestamp=f"{now}Z", level=method, worker=os.getpid())
    kept = {key: _plain(event[key]) for key in ALLOWED if key in event}
    line = orjson.dumps(kept)
    return line.decode() if line.isascii() else json.dumps(kept)


def _plain(value: object) -> object:
    """*value* as it can stand in a line; most are short plain texts or lists of them."""
    if type(value) is str and len(value) <= LONGEST and value.isascii():
        return value
    if isinstance(value, LISTS):
        return [_scalar(item) for item in list(value)[:MOST]]
    return _scalar(value)


def _scalar(value: object) -> object:
    """*value* if it can stand in a line, else the name of its type."""
    if value is None or isinstance(value, bool) or _is_number(value):
        return value
    if isinstance(value, TEXTS):
        text = str(value)[:LONGEST]
        return text if text.isascii() else text.encode("utf-8", "replace").decode()
    return class_and_line(value) if isinstance(value, BaseException) else type(value).__name__


def _is_number(value: object) -> bool:
    if isinstance(value, int):
        return abs(value) < LARGEST
    return isinstance(value, float) and math.isfinite(value)


_FILTERING = structlog.make_filtering_bound_logger(logging.INFO)
_LINES = structlog.WriteLogger(cast(TextIO, _Stderr()))

log: FilteringBoundLogger = structlog.wrap_logger(
    _LINES, processors=[_line], wrapper_class=_FILTERING
).bind()
