"""Can the database, the list of used tokens and the audit be written?

No file is made and no schema migrated. Messages of drivers are not repeated,
since they may quote an address with its password.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from app.doctor.checks import Check, ok, warning, wrong
from app.feedback.database import new_engine, noting, reading, reason
from app.feedback.migrations import NEWEST, NewerSchema, newest
from app.feedback.work import write_nothing
from app.security.replay import ReplayUnavailable, SqliteReplay
from app.settings import Settings, UnsafeSettings

DATABASE = "database"
TOKENS = "used tokens"
SQLITE = {
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_NOTADB": "it is no SQLite database",
    "SQLITE_CORRUPT": "it is damaged",
    "SQLITE_BUSY": "another process holds it locked",
    "SQLITE_CANTOPEN": "it cannot be opened",
}
REACH = "check host, port, name, user and password in RXHOOKS_DATABASE_URL, and that it runs."
RESTORE = "check its owner and rights; if it is damaged, put the backup back."


def database(settings: Settings) -> Iterator[Check]:
    """Where cards shown and feedback are kept."""
    try:
        engine = new_engine(settings.database_url)
    except UnsafeSettings as error:
        yield wrong(DATABASE, error.problems[0].partition(": ")[2] + ".")
        return
    file = _file(settings.database_url)
    if file is not None and not file.exists():
        yield _not_there(DATABASE, file)
        return
    if engine.dialect.name == "sqlite" and file is None:
        told = "it is in memory, and lost at each restart."
        yield warning(DATABASE, told, "name a file, or PostgreSQL, in RXHOOKS_DATABASE_URL.")
        return
    try:
        yield _examined(engine, _place(settings.database_url))
    finally:
        engine.dispose()


def used_tokens(settings: Settings) -> Iterator[Check]:
    """Where tokens are noted, so that each is used once; nothing in open mode."""
    if settings.open:
        return
    if settings.redis_url:
        yield from _redis(settings.redis_url)
        return
    file = settings.replay_file
    if not file.exists():
        yield _not_there(TOKENS, file)
        return
    try:
        SqliteReplay(file).prepare()
    except ReplayUnavailable:
        mend = "give the service the right to write it, or name another in RXHOOKS_REPLAY_FILE."
        yield wrong(TOKENS, f"{file} cannot be written.", mend)
    else:
        yield ok(TOKENS, f"{file} can be written; with several replicas, Redis is needed.")


def audit_file(settings: Settings) -> Iterator[Check]:
    """The file of audit events; the settings have checked that it can be written."""
    audit = settings.audit
    if audit.file is not None:
        yield ok("audit", f"to {audit.file}.")
    if audit.token_file is not None and not _is_token(audit.token_file):
        told = f"{audit.token_file} holds no token."
        yield wrong("audit", told, "write the token alone into that file.")
    if audit.file is None and not audit.server:
        yield ok("audit", "off.")


def _examined(engine: Engine, place: str) -> Check:
    try:
        with reading(engine) as connection:
            there = inspect(connection).has_table("schema_steps")
            found = newest(connection) if there else 0
        if found > NEWEST:
            return wrong(DATABASE, f"{place}: {NewerSchema(found)}.")
        with noting(engine) as connection:
            write_nothing(connection) if found == NEWEST else _make_nothing(connection)
    except (SQLAlchemyError, OSError) as error:
        kind = reason(error)
        told = SQLITE.get(kind, f"it cannot be used ({kind})")
        sqlite = engine.dialect.name == "sqlite"
        return wrong(DATABASE, f"{place}: {told}.", RESTORE if sqlite else REACH)
    if found == NEWEST:
        return ok(DATABASE, f"{place}, schema {found}, can be written.")
    told = f"{place} has schema {found or 'none'}; the next start makes it {NEWEST}."
    return warning(DATABASE, told, "back it up first.") if found else ok(DATABASE, told)


def _make_nothing(connection: Connection) -> None:
    """Fails if tables cannot be made."""
    attempt = connection.begin_nested()
    connection.execute(text("CREATE TABLE rxhooks_doctor (id INTEGER)"))
    attempt.rollback()


def _file(url: str) -> Path | None:
    """The file of a SQLite *url*."""
    parsed = make_url(url)
    if not parsed.drivername.startswith("sqlite") or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def _place(url: str) -> str:
    """Where *url* leads, without user, password and options."""
    parsed = make_url(url)
    host = f"{parsed.host or 'the local server'}{f':{parsed.port}' if parsed.port else ''}"
    return str(_file(url) or f"PostgreSQL {parsed.database} at {host}")


def _not_there(about: str, file: Path) -> Check:
    if os.access(file.parent, os.W_OK | os.X_OK):
        return ok(about, f"{file} is not there yet; the service makes it.")
    mend = f"make the folder {file.parent}, and give the service the right to write there."
    return wrong(about, f"{file} is not there, and cannot be made.", mend)


def _redis(url: str) -> Iterator[Check]:
    """Redis answers, and forgets nothing by itself."""
    from redis.exceptions import AuthenticationError, RedisError, ResponseError

    from app.security.redis_replay import RedisReplay

    parts = urlsplit(url)
    place = f"Redis at {parts.hostname or parts.path}"
    try:
        redis = RedisReplay.at(url).redis
        redis.ping()
        evicts = redis.info("memory").get("maxmemory_policy", "unknown")
    except ValueError:
        yield wrong(TOKENS, "RXHOOKS_REDIS_URL cannot be read.")
    except AuthenticationError:
        yield wrong(TOKENS, f"{place} refuses the password.", "correct it in RXHOOKS_REDIS_URL.")
    except ResponseError as error:
        told = f"{place} does not tell its settings ({type(error).__name__})."
        yield warning(TOKENS, told, "its maxmemory-policy must be noeviction.")
    except RedisError as error:
        told = f"{place} does not answer ({type(error).__name__})."
        yield wrong(TOKENS, told, "check host and port, and that it runs: calls are refused now.")
    else:
        yield _kept(place, evicts)


def _kept(place: str, evicts: str) -> Check:
    if evicts == "noeviction":
        return ok(TOKENS, f"{place} answers, and forgets nothing by itself.")
    told = f"{place} may forget used tokens (maxmemory-policy {evicts})."
    return warning(TOKENS, told, "set maxmemory-policy to noeviction.")


def _is_token(file: Path) -> bool:
    try:
        return bool(file.read_text("ascii").strip())
    except (OSError, ValueError):
        return False
