"""The kinds of step that move a PostgreSQL database. Their code, and the package psycopg, are read in when one of them runs."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from migration.steps.model import Kind, StepError
from migration.steps.postgresql.parameters import (
    CatchUpParameters,
    CheckParameters,
    FreezeParameters,
    MoveParameters,
    ReplicateParameters,
    VerifyParameters,
)


def _later(module: str, function: str) -> Callable[..., Any]:
    """The function of a module of this room, found when it is called. Raises StepError where psycopg is missing."""

    def act(*arguments: Any) -> Any:
        try:
            held = importlib.import_module(f"migration.steps.postgresql.{module}")
        except ImportError as wrong:
            raise StepError(
                f'PostgreSQL needs the package psycopg ({wrong}). Install it: pip install "cloud-unless[postgresql]"'
            ) from wrong
        return getattr(held, function)(*arguments)

    return act


POSTGRESQL_CHECK = Kind("postgresql-check", False, CheckParameters, _later("check", "check"), _later("check", "is_checked"))
POSTGRESQL_FREEZE = Kind(
    "postgresql-freeze",
    True,
    FreezeParameters,
    _later("freeze", "freeze"),
    _later("freeze", "is_frozen"),
    _later("freeze", "thaw"),
    _later("freeze", "is_thawed"),
)
POSTGRESQL_COPY = Kind(
    "postgresql-copy",
    True,
    MoveParameters,
    _later("copy", "copy"),
    _later("copy", "read_back"),
    _later("copy", "remove"),
    _later("copy", "read_back_removed"),
)
POSTGRESQL_REPLICATE = Kind(
    "postgresql-replicate",
    True,
    ReplicateParameters,
    _later("replicate", "replicate"),
    _later("replicate", "is_replicating"),
    _later("replicate", "remove"),
    _later("replicate", "is_removed"),
)
POSTGRESQL_CATCH_UP = Kind(
    "postgresql-catch-up", True, CatchUpParameters, _later("catch_up", "catch_up"), _later("catch_up", "is_caught_up")
)
POSTGRESQL_VERIFY = Kind("postgresql-verify", False, VerifyParameters, _later("verify", "certify"), _later("verify", "is_certified"))

lag_of = _later("replicate", "lag_of")
"""`migration.steps.postgresql.replicate.lag_of`."""
