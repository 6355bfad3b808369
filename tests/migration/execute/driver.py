"""A process that carries out runs in children of its own, so that a test can kill one at a chosen moment.

Reads one JSON job a line: runs, run, runbook, verb (start, resume, undo), environment, and when to die: `after_records`
(this many new records), `before_records` (when the next after this many would be written), `after_put` (this many objects put,
before any record of them) or `after_seconds` in the copy; of several, whichever comes first.
Answers with one JSON line: how the child ended (negative: the signal), its answer and its faults.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Deaths:
    """Counts what happens and kills the process at the chosen moment."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job, self.records, self.puts = job, 0, 0

    def record(self, record: Any) -> None:
        self.records += 1
        if self.records == self.job.get("after_records"):
            _die()
        if self.job.get("after_seconds") is not None and record.kind == "intent" and record.step.startswith("copy-"):
            threading.Timer(self.job["after_seconds"], _die).start()

    def first(self, number: int, line: bytes) -> None:
        del number, line
        if self.records == self.job.get("before_records"):
            _die()

    def put(self) -> None:
        self.puts += 1
        if self.puts == self.job.get("after_put"):
            _die()


def _work(job: dict[str, Any]) -> dict[str, Any]:
    from migration import journal as journals
    from migration.errors import MigrationError
    from migration.execution import runs
    from migration.execution.interpreter import Hands
    from migration.runbooks import file
    from migration.steps.model import Reply
    from migration.steps.store_s3 import S3Store

    deaths = _Deaths(job)
    put = S3Store.put

    def counted(*args: Any, **named: Any) -> str:
        stamp = put(*args, **named)
        deaths.put()
        return stamp

    S3Store.put = counted  # type: ignore[method-assign]
    journals.Journal.__init__.__defaults__ = (deaths.first,)  # what is written elsewhere before a record is: here nothing, but for a death
    hands = Hands(lambda: datetime.now(UTC), job["environment"], lambda q: Reply(True, "tester", "--yes"), lambda line: None, workers=4)
    try:
        if job["verb"] == "start":
            out = runs.start(Path(job["runs"]), job["run"], file.read(Path(job["runbook"])), hands, observe=deaths.record)
        else:
            out = getattr(runs, job["verb"])(Path(job["runs"]), job["run"], hands, observe=deaths.record)
    except MigrationError as wrong:
        return {"answer": "refused", "faults": wrong.faults}
    return {"answer": out.answer, "faults": out.faults}


def _child(job: dict[str, Any], out: int) -> None:
    answer: dict[str, Any] = {}
    try:
        answer = _work(job)
    finally:
        os.write(out, json.dumps(answer).encode())
        os._exit(0 if answer else 1)


def main() -> None:
    """Load what children need once, then fork one for each job."""
    for module in ("dbos", "migration.execution.runs", "migration.steps.store_s3"):
        importlib.import_module(module)
    for line in sys.stdin:
        job = json.loads(line)
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(read)
            _child(job, write)
        os.close(write)
        with os.fdopen(read, "rb") as answer:
            said = answer.read()
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), **json.loads(said or b"{}")}), flush=True)


if __name__ == "__main__":
    main()
