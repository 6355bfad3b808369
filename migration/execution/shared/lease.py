"""The lease on a shared run: while it lasts its holder alone writes the run's records and files.

It is fenced: each lease has a number, and the database takes a record only from the holder of the latest. So a holder who was
thought dead and wakes again can write nothing more; what it was doing has its token, and is read back by whoever came after.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration.errors import MigrationError, UnansweredError
from migration.execution.shared.folder import JOURNAL, kept

if TYPE_CHECKING:
    from migration.execution.shared.store import SharedRuns

_GROWS = ".jsonl"
_AGAIN_SECONDS = 0.3


class LeaseLostError(MigrationError):
    """Somebody else holds the run now."""


class Lease:
    """One holder's time with a run. `is_stopped`: whether somebody asked the run to stop, or the lease was lost."""

    def __init__(self, shared: SharedRuns, run: str, epoch: int) -> None:
        """For a lease that the database has given."""
        self.shared, self.run, self.epoch = shared, run, epoch
        self.is_stopped = False
        self._sent: dict[str, tuple[int, int]] = {}
        self._connection: Any = None
        self._lock = threading.Lock()

    @contextmanager
    def renewed(self, folder: Path, stop: Callable[[], None]) -> Generator[None]:
        """Keep the lease for the block, and call `stop` when it is lost or somebody asks the run to stop.

        What the folder holds already counts as sent, so this is entered once the folder is what the database says.
        """
        self._sent = {name: _mark(folder / name) for name in kept(folder)}
        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(folder, over, stop), daemon=True, name="lease")
        beat.start()
        try:
            yield
        finally:
            over.set()
            beat.join()

    def _beat(self, folder: Path, over: threading.Event, stop: Callable[[], None]) -> None:
        good, seconds = time.monotonic(), self.shared.lease_seconds
        while not over.wait(seconds / 5):
            try:
                if self._renewed(folder):
                    good = time.monotonic()
                    continue
            except MigrationError:
                self.is_stopped = True
            if self.is_stopped or time.monotonic() - good > seconds:
                self.is_stopped = True
                stop()
                return

    def _renewed(self, folder: Path) -> bool:
        """Whether the database answered and nobody asks the run to stop. Raises LeaseLostError."""
        from psycopg import Error

        try:
            with closing(self.shared.connect()) as c:
                self.is_stopped = self._renew(c)
            self.send(folder, only=_GROWS)
        except (Error, OSError):
            return False
        return not self.is_stopped

    def _renew(self, connection: Any) -> bool:
        row = connection.execute(
            "UPDATE unless_runs.run SET held_until = clock_timestamp() + make_interval(secs => %s)"
            " WHERE name = %s AND epoch = %s RETURNING is_to_stop",
            (self.shared.lease_seconds, self.run, self.epoch),
        ).fetchone()
        if row is None:
            raise LeaseLostError(self._lost())
        return bool(row[0])

    def _lost(self) -> str:
        return f"{self.run} was taken over by another worker: nothing more is done here. How it goes: unless runbook status {self.run}"

    def record(self, folder: Path, number: int, line: bytes) -> None:
        """Write a record of the journal, and before it every file that has changed: a record may name them.

        Raises LeaseLostError, or UnansweredError when the database was away for as long as a lease lasts.
        """
        self._patiently(lambda c: (self._send(c, folder, ""), self._add(c, number, line)))

    def send(self, folder: Path, only: str = "") -> None:
        """Write the files that have changed; `only` those whose name ends so."""
        if any(_mark(folder / n) != self._sent.get(n) for n in kept(folder) if n.endswith(only) and n != JOURNAL):
            self._patiently(lambda c: self._send(c, folder, only))

    def _add(self, connection: Any, number: int, line: bytes) -> None:
        """A record that is there already is the same one, when the answer to its first writing was lost."""
        connection.execute("INSERT INTO unless_runs.record VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", (self.run, number, line))
        there = connection.execute("SELECT line FROM unless_runs.record WHERE run = %s AND number = %s", (self.run, number)).fetchone()
        if bytes(there[0]) != line:
            raise LeaseLostError(self._lost())

    def _send(self, connection: Any, folder: Path, only: str) -> None:
        for name in kept(folder):
            mark, before = _mark(folder / name), self._sent.get(name)
            if name == JOURNAL or mark == before or not name.endswith(only):
                continue
            at = before[0] if before and name.endswith(_GROWS) and mark[0] >= before[0] else 0
            with (folder / name).open("rb") as file:
                file.seek(at)
                content = file.read(mark[0] - at)
            connection.execute("DELETE FROM unless_runs.part WHERE run = %s AND name = %s AND at >= %s", (self.run, name, at))
            connection.execute("INSERT INTO unless_runs.part VALUES (%s, %s, %s, %s)", (self.run, name, at, content))
            self._sent[name] = mark

    def _patiently(self, write: Callable[[Any], object]) -> None:
        """One transaction under the lease, tried again while the database is away, for as long as the lease lasts."""
        from psycopg import Error, OperationalError

        ends = time.monotonic() + self.shared.lease_seconds
        while True:
            try:
                with self._lock:
                    self._once(write)
                return
            except Error as wrong:
                if not isinstance(wrong, OperationalError) or time.monotonic() > ends:
                    raise UnansweredError(self.shared.sentence(wrong)) from wrong
                time.sleep(_AGAIN_SECONDS)

    def _once(self, write: Callable[[Any], object]) -> None:
        sent = dict(self._sent)
        try:
            self._transact(write)
        except BaseException:
            self._sent = sent
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            raise

    def _transact(self, write: Callable[[Any], object]) -> None:
        if self._connection is None:
            self._connection = self.shared.connect()
        with self._connection.transaction():
            mine = self._connection.execute(
                "UPDATE unless_runs.run SET version = version + 1 WHERE name = %s AND epoch = %s", (self.run, self.epoch)
            )
            if mine.rowcount != 1:
                raise LeaseLostError(self._lost())
            write(self._connection)

    def release(self, folder: Path, *, is_wanted: bool) -> None:
        """Write what has changed last, and give the lease back, for workers to go on with the run where that is wanted.

        A lease that was lost is not ours to give.
        """
        try:
            self.send(folder)
            with self.shared.asking() as c:
                c.execute(
                    "UPDATE unless_runs.run SET held_until = '-infinity', holder = '', is_wanted = %s WHERE name = %s AND epoch = %s",
                    (is_wanted, self.run, self.epoch),
                )
        except (LeaseLostError, UnansweredError):
            pass
        finally:
            if self._connection is not None:
                self._connection.close()


def _mark(file: Path) -> tuple[int, int]:
    """Size in bytes and time of the last change in nanoseconds; of a file that is gone, neither."""
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
