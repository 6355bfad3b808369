"""What schedules the steps: DBOS over an SQLite file of the run, or over PostgreSQL where runs are shared; behind a port of one method.

DBOS runs a step at least once; that it is done only once is the business of the interpreter and its journal. DBOS checks
that a replay asks for the same steps in the same order. Its telemetry is off and nothing of it opens a connection.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from migration.errors import MigrationError, UnansweredError
from migration.execution.shared import conninfo

# The interpreter's contract with runs under way. Change it only when old runs must not be resumed by the new program.
CONTRACT = "interpreter-1"
DATABASE = "engine.sqlite"


class Engine(Protocol):
    """Walks steps in order, each once per walk, and takes up a walk whose process died where it was."""

    def walk(self, folder: Path, walk_id: str, step_ids: Sequence[str], carry_out: Callable[[str], str]) -> str:
        """Call `carry_out` for each id until one answers something else than `done`; returns the last answer."""
        ...


@dataclass(frozen=True, slots=True)
class DbosEngine:
    """The engine, in a file of the run or in the database of a `url`.

    A walk whose process died is cancelled, and another in its place asks for the same steps: what has its receipt in the journal is
    answered at once. It is not resumed, since a process that was only thought dead would go on writing in the same walk. The version
    that a walk belongs to names the run too, so that on one database no worker ever takes up the walk of a run that another holds.
    """

    url: str = ""

    def walk(self, folder: Path, walk_id: str, step_ids: Sequence[str], carry_out: Callable[[str], str]) -> str:
        """See the port. Raises MigrationError when what DBOS remembers of this walk is of other steps, or its database cannot be used."""
        from sqlalchemy.exc import DBAPIError

        try:
            return self._walk(folder, walk_id, step_ids, carry_out)
        except DBAPIError as wrong:
            where = "the database of the runs" if self.url else str(folder / DATABASE)
            raise UnansweredError(
                f"{where}: the engine could not use its database: {wrong.orig}. See that the disk has room and that it can be written, "
                "then resume."
            ) from wrong

    def _walk(self, folder: Path, walk_id: str, step_ids: Sequence[str], carry_out: Callable[[str], str]) -> str:
        from dbos import DBOS, DBOSConfig, SetWorkflowID, error

        _silence()
        version = f"{CONTRACT}.{folder.name}" if self.url else CONTRACT
        config: DBOSConfig = {
            "name": "cloud-unless",
            "system_database_url": _address(self.url) if self.url else f"sqlite:///{(folder / DATABASE).resolve().as_posix()}",
            "application_version": version,
            "executor_id": f"{walk_id}.{secrets.token_hex(8)}",
            "log_level": "CRITICAL",
            "enable_otlp": False,
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 0.1,
        }
        DBOS(config=config)

        def interpret() -> str:
            for step_id in step_ids:
                answer = DBOS.run_step({"name": step_id}, carry_out, step_id)
                if answer != "done":
                    return answer
            return "done"

        workflow = DBOS.workflow(name="interpret")(interpret)
        _silence()
        try:
            DBOS.launch()
            # A walk that ended in an error would only give that error again, whatever was mended since: another in its place.
            while (known := DBOS.get_workflow_status(walk_id)) is not None and known.status in ("ERROR", "CANCELLED"):
                walk_id += "+"
            if known is not None and known.app_version != version:
                raise MigrationError(
                    f"{folder.name} was begun by another version of this program ({known.app_version}). Go on with that one."
                )
            if known is not None and known.status != "SUCCESS":
                DBOS.cancel_workflow(walk_id)
                walk_id += "+"
            with SetWorkflowID(walk_id):
                return workflow()
        except error.DBOSUnexpectedStepError as wrong:
            raise MigrationError(f"{walk_id}: the engine remembers other steps than the runbook has. Start a new run.") from wrong
        finally:
            DBOS.destroy(destroy_registry=True)


def _address(url: str) -> str:
    """The database's address as DBOS takes it, with the same TLS as our own connections."""
    return conninfo(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _silence() -> None:
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.CRITICAL)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
