"""A dump poured from one server straight into another: nothing of the data on this machine's disk, and no shell."""

from __future__ import annotations

import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from psycopg.conninfo import make_conninfo

from migration.steps.model import Bench, StepError
from migration.steps.postgresql.connect import variables
from migration.steps.postgresql.place import PostgresPlace
from migration.steps.postgresql.programs import Programs
from migration.steps.postgresql.told import told

# Not compressed: on one machine and in one network the pipe is faster than gzip. What is a place's own, or another server's, stays behind.
DUMP: Final = (
    "--format=custom",
    "--compress=0",
    "--no-tablespaces",
    "--no-publications",
    "--no-subscriptions",
    "--lock-wait-timeout=60000",
)
RESTORE: Final = ("--exit-on-error", "--no-tablespaces")
_LOOK_SECONDS: Final = 0.05
_SAY_SECONDS: Final = 15.0


def pour(
    bench: Bench,
    programs: Programs,
    source: PostgresPlace,
    target: PostgresPlace,
    working: str,
    *,
    options: Sequence[str] = (),
    size: Callable[[], str] = str,
) -> None:
    """Dump the source into the database `working` of the target's server. `size` says how much is there, for the screen.

    Raises StepError when either program fails, or when a person stops the run; both programs have ended then.
    """
    with tempfile.TemporaryFile() as from_words, tempfile.TemporaryFile() as to_words:
        dump = _start(
            [programs.dump, *DUMP, *options, "--dbname", name_alone(source.database)], variables(source, bench.environment), from_words
        )
        try:
            command = [programs.restore, *RESTORE, "--dbname", name_alone(working)]
            restore = _start(command, variables(target, bench.environment), to_words, dump.stdout)
        except BaseException:
            _end(dump)
            raise
        if dump.stdout:
            dump.stdout.close()  # the restore's end is the only reader, so that a dump ends when the restore does
        try:
            _wait(bench, dump, restore, size)
        finally:
            _end(restore)
            _end(dump)
        _judge((source, dump, from_words), (target, restore, to_words))


def _start(
    command: Sequence[str | Path], environment: Mapping[str, str], words: IO[bytes], content: IO[bytes] | None = None
) -> subprocess.Popen[bytes]:
    """The dump writes to a pipe, the restore reads `content` from it. Ctrl-C is for us, not for them: we end them."""
    out = subprocess.DEVNULL if content else subprocess.PIPE
    return subprocess.Popen(
        command, stdin=content or subprocess.DEVNULL, stdout=out, stderr=words, env=dict(environment), start_new_session=True
    )


def name_alone(database: str) -> str:
    """A database's name as libpq takes it where it would also take a whole address."""
    return make_conninfo(dbname=database)


def _wait(bench: Bench, dump: subprocess.Popen[bytes], restore: subprocess.Popen[bytes], size: Callable[[], str]) -> None:
    said = time.monotonic()
    while dump.poll() is None or restore.poll() is None:
        if restore.poll():
            return
        if bench.stop.wait(_LOOK_SECONDS):
            raise StepError("Stopped by hand in the middle of the database; resume begins it again.")
        if time.monotonic() - said > _SAY_SECONDS:
            said = time.monotonic()
            if words := size():
                bench.say(words)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


_Side = tuple[PostgresPlace, "subprocess.Popen[bytes]", IO[bytes]]


def _judge(source: _Side, target: _Side) -> None:
    """The dump's fault first, unless it only lost the restore that it wrote to."""
    is_alone = source[1].returncode not in (0, -signal.SIGTERM, -getattr(signal, "SIGPIPE", 13)) and "Broken pipe" not in _words(source)
    for (place, process, _), program, side in ((source, "pg_dump", source), (target, "pg_restore", target)):
        if process.returncode and (side is target or is_alone or not target[1].returncode):
            raise StepError(told(place, program, _words(side), process.returncode))


def _words(side: _Side) -> str:
    side[2].seek(0)
    return side[2].read(100_000).decode("utf-8", "replace")
