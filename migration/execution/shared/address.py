"""The address of the runs' database: what of a URL is taken, and what is refused."""

from __future__ import annotations

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from migration.errors import MigrationError

_LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
# So that a connection whose other end is gone is noticed within a lease, not when the system gets round to it.
_WATCHED = {"connect_timeout": "5", "keepalives_idle": "3", "keepalives_interval": "2", "keepalives_count": "3", "tcp_user_timeout": "9000"}


def conninfo(url: str) -> URL:
    """The database's URL, with TLS that checks the server's name unless the server is this machine.

    Raises MigrationError naming every fault: another database, a password in the URL, TLS that does not check.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as wrong:
        raise MigrationError("[runs] database is not a URL that is understood. Write postgresql://user@host/database.") from wrong
    faults: list[str] = []
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        faults.append(f"[runs] database cannot be {parsed.get_backend_name()}: workers share runs in PostgreSQL only.")
    if parsed.password is not None:
        faults.append("[runs] database holds a password. Take it out, and out of the file's history; put it in ~/.pgpass or PGPASSWORD.")
    if not parsed.database:
        faults.append("[runs] database names no database. Write postgresql://user@host/database.")
    mode = parsed.query.get("sslmode", "")
    if _is_elsewhere(parsed) and mode not in ("", "verify-full"):
        faults.append(f"[runs] database asks for sslmode={mode}, which does not check who answers. Leave it out, or write verify-full.")
    if faults:
        raise MigrationError(*faults)
    safe = {"sslmode": "verify-full"} if _is_elsewhere(parsed) else {}
    return parsed.set(drivername="postgresql").update_query_dict(safe)


def options(url: URL) -> dict[str, str]:
    """What libpq is told beside the URL; settings that the URL has stand."""
    return {k: v for k, v in _WATCHED.items() if k not in url.query}


def _is_elsewhere(url: URL) -> bool:
    host = url.host or str(url.query.get("host", ""))
    return not host.startswith("/") and host not in _LOOPBACK
