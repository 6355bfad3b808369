"""Parameters of the steps that move a PostgreSQL database."""

from __future__ import annotations

from typing import Literal

from migration.steps.model import Parameters
from migration.steps.postgresql.place import PostgresLink, PostgresPlace, PostgresTarget


class FreezeParameters(Parameters):
    """A database, by its id in the plan, that is to be read only."""

    database: str
    source: PostgresPlace


class MoveParameters(FreezeParameters):
    """A database and where it goes."""

    target: PostgresTarget


class CheckParameters(MoveParameters):
    """What must hold before a move; `way` is how the database is to be moved."""

    way: Literal["dump", "replicate"] = "dump"


class ReplicateParameters(MoveParameters):
    """`link` is how the target's server reaches the source; None: as this machine does."""

    link: PostgresLink | None = None


class CatchUpParameters(ReplicateParameters):
    """The steps that began the replication and that froze the source."""

    replicate_step: str
    freeze_step: str


class VerifyParameters(MoveParameters):
    """The step that moved the database, and which sides are read: once users write at the target, only the source can be held against
    the certificate, which `certificate_step` wrote.
    """

    move_step: str
    sides: Literal["both", "source"] = "both"
    certificate_step: str = ""
