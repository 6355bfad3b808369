"""Where a PostgreSQL database is. A password is named (a variable, a passfile), never given."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from migration.steps.endpoints import HostName
from migration.steps.model import Parameters

# NAMEDATALEN less its end (postgresql.org, "Identifiers and Key Words", PostgreSQL 15, read 2026-11-25): the server cuts what is longer.
NAME_BYTES = 63
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _name(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError("it is empty, or holds a character that no name can")
    if len(text.encode("utf-8", "surrogatepass")) > NAME_BYTES:
        raise ValueError(f"{text} is longer than {NAME_BYTES} bytes, where PostgreSQL would cut it")
    return text


DatabaseName = Annotated[str, AfterValidator(_name)]
VariableName = Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")]


class PostgresPlace(Parameters):
    """A database on a server, who signs in, and how the server is known.

    `tls` is `verify-full` (the server's certificate is of `host`, signed by one of `ca_file`), `verify-ca` (signed by one of them)
    or `none`, which goes to this machine only. The password is in the variable `password_env` or in libpq's file `passfile`.
    """

    host: HostName
    port: int = Field(default=5432, ge=1, le=65535)
    database: DatabaseName
    user: DatabaseName
    password_env: VariableName = ""
    passfile: str = ""
    tls: Literal["verify-full", "verify-ca", "none"] = "verify-full"
    ca_file: str = ""

    @model_validator(mode="after")
    def _is_safe(self) -> PostgresPlace:
        if bool(self.password_env) == bool(self.passfile):
            raise ValueError("give password_env (the name of a variable) or passfile (the path of a file), one of them")
        if self.tls == "none" and self.host not in _LOOPBACK:
            raise ValueError("tls may be none to this machine only, or anybody on the way could read the data and the password")
        if self.tls != "none" and not self.ca_file:
            raise ValueError("give ca_file, the certificates of those who may sign the server's, so that an impostor is noticed")
        return self

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.database} on {self.server}"

    @property
    def server(self) -> str:
        """The server alone, as people write it."""
        return f"{self.host}:{self.port}"


class PostgresTarget(PostgresPlace):
    """The database that a move makes; `maintenance` is one that is there already, from which others are made."""

    maintenance: DatabaseName = "postgres"


class PostgresLink(Parameters):
    """How the target's server reaches the source, where it is by another way than this machine: for replication only.

    `ca_file` is a path on the target's server, or `system` there from PostgreSQL 16 on. The server keeps the password in its catalogue,
    where superusers can read it, until the move is caught up: give the link a role of its own.
    """

    host: HostName
    port: int = Field(default=5432, ge=1, le=65535)
    user: DatabaseName
    password_env: VariableName = Field(min_length=1)
    tls: Literal["verify-full", "verify-ca", "none"] = "verify-full"
    ca_file: str = ""

    @model_validator(mode="after")
    def _is_safe(self) -> PostgresLink:
        if self.tls == "none" and self.host not in _LOOPBACK:
            raise ValueError("tls may be none only where both servers are on one machine")
        if self.tls != "none" and not self.ca_file:
            raise ValueError("give ca_file, a path on the target's server, so that it notices an impostor")
        return self
