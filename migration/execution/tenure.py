"""One process's time with a run: the lock of its folder here and, where runs are shared, the lease in the database."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from migration.errors import MigrationError
from migration.execution import lock
from migration.execution.interpreter import Hands
from migration.execution.shared import Lease
from migration.journal import Journal, Record


@dataclass(frozen=True, slots=True)
class Tenure:
    """What holding a run allows: to write its journal."""

    folder: Path
    hands: Hands
    lease: Lease | None = None

    def journal(self, observe: Callable[[Record], None]) -> Journal:
        """The run's journal, whose records go to the database first where the run is shared."""
        file, lease = self.folder / "journal.jsonl", self.lease
        if lease is None:
            return Journal(file, self.hands.now, observe)
        return Journal(file, self.hands.now, observe, lambda number, line: lease.record(self.folder, number, line))


@contextmanager
def tenure(folder: Path, hands: Hands, *, is_new: bool = False) -> Generator[Tenure]:
    """Hold a run for the block, alone of all processes. Raises MigrationError saying who else holds it.

    A shared run is left to the workers afterwards where the hands leave it, or are a worker's that was told to end.
    """
    if hands.leaves and hands.shared is None:
        raise MigrationError("Nothing can be left to workers: the workspace's settings name no [runs] database (docs/guides/workers.md).")
    folder.mkdir(parents=True, exist_ok=True)
    with lock.held(folder, hands.now()):
        if hands.shared is None:
            yield Tenure(folder, hands)
            return
        lease = hands.shared.claim(folder.name, is_new=is_new)
        try:
            if not is_new:
                hands.shared.fetch(folder.name, folder)
            with lease.renewed(folder, hands.stop.set):
                yield Tenure(folder, hands, lease)
        finally:
            is_ended = hands.is_worker and hands.stop.is_set()
            lease.release(folder, is_wanted=(hands.leaves or is_ended) and not lease.is_stopped)
