"""What schedules the steps: DBOS over an SQLite file of the run, behind a port of one method.

DBOS runs a step at least once; that it is done only once is the business of the interpreter and its journal. DBOS checks
that a replay asks for the same steps in the same order. Its telemetry is off and nothing of it opens a connection.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from migration.errors import MigrationError

# The interpreter's contract with runs under way. Change it only when old runs must not be resumed by the new program.
CONTRACT = "interpreter-1"
DATABASE = "engine.sqlite"


class Engine(Protocol):
    """Walks steps in order, each once per walk, and takes up a walk whose process died where it was."""

    def walk(self, folder: Path, walk_id: str, step_ids: Sequence[str], carry_out: Callable[[str], str]) -> str:
        """Call `carry_out` for each id until one answers something else than `done`; returns the last answer."""
        ...


class DbosEngine:
    """The embedded engine."""

    def walk(self, folder: Path, walk_id: str, step_ids: Sequence[str], carry_out: Callable[[str], str]) -> str:
        """See the port. Raises MigrationError when what DBOS remembers of this walk is of other steps, or its database cannot be used."""
        from sqlalchemy.exc import DBAPIError

        try:
            return self._walk(folder, walk_id, step_ids, carry_out)
        except DBAPIError as wrong:
            raise MigrationError(
                f"{folder / DATABASE}: the engine could not use its database: {wrong.orig}. See that the disk has room and that the folder "
                "can be written, then resume."
            ) from wrong

    def _walk(self, folder: Path, walk_id: str, step_ids: Sequence[str], carry_out: Callable[[str], str]) -> str:
        from dbos import DBOS, DBOSConfig, SetWorkflowID, error

        _silence()
        config: DBOSConfig = {
            "name": "cloud-unless",
            "system_database_url": f"sqlite:///{(folder / DATABASE).resolve().as_posix()}",
            "application_version": CONTRACT,
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
            while (known := DBOS.get_workflow_status(walk_id)) is not None and known.status == "ERROR":
                walk_id += "+"
            if known is not None and known.status in ("PENDING", "ENQUEUED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "CANCELLED"):
                return str(DBOS.resume_workflow(walk_id).get_result(polling_interval_sec=0.05))
            with SetWorkflowID(walk_id):
                return workflow()
        except error.DBOSUnexpectedStepError as wrong:
            raise MigrationError(f"{walk_id}: the engine remembers other steps than the runbook has. Start a new run.") from wrong
        finally:
            DBOS.destroy(destroy_registry=True)


def _silence() -> None:
    logger = logging.getLogger("dbos")
    logger.setLevel(logging.CRITICAL)
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
