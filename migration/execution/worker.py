"""A worker: carries out shared runs, one after the other, as they come, until it is told to end.

A worker that dies leaves a lease that ends by itself; the next worker takes the run, reads back the step that was in hand and goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from migration.errors import MigrationError, UnansweredError
from migration.execution import runs as all_runs
from migration.execution.interpreter import Hands
from migration.execution.runs import Outcome
from migration.execution.shared import SharedRuns

EVERY_SECONDS = 1.0


class _EitherStop(threading.Event):
    """Set when this run is to stop, or the whole worker."""

    def __init__(self, worker: threading.Event) -> None:
        super().__init__()
        self._worker = worker

    def is_set(self) -> bool:
        return super().is_set() or self._worker.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        ends = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = 0.2 if ends is None else min(0.2, ends - time.monotonic())
            if left <= 0:
                break
            super().wait(left)
        return self.is_set()


def work(
    shared: SharedRuns,
    folder: Path,
    hands: Hands,
    *,
    is_once: bool = False,
    tell: Callable[[Outcome], None],
    warn: Callable[[tuple[str, ...]], None],
) -> None:
    """Take runs that want a worker and carry each out in the folder `folder` as far as it goes; `is_once` ends when none is left.

    While the database is away it is asked again, and `warn` hears of it once.
    """
    said: tuple[str, ...] = ()
    while not hands.stop.is_set():
        try:
            wanted = shared.wanted()
            said = ()
        except MigrationError as wrong:
            wanted = []
            if wrong.faults != said:
                warn(wrong.faults)
            said = wrong.faults
        for run in wanted:
            _carry_out(shared, folder, run, hands, tell, warn)
        if is_once and not wanted and not said:
            return
        hands.stop.wait(0 if wanted else EVERY_SECONDS)


def _carry_out(
    shared: SharedRuns,
    folder: Path,
    run: str,
    hands: Hands,
    tell: Callable[[Outcome], None],
    warn: Callable[[tuple[str, ...]], None],
) -> None:
    """One run, when nobody was quicker. What is wrong with it is said, and the worker goes on with others."""
    if hands.stop.is_set():
        return
    try:
        shared.bring(folder)  # the others too: a gate looks for rehearsals, and a latest safe abort for how long steps have taken
        tell(all_runs.resume(folder, run, replace(hands, stop=_EitherStop(hands.stop), is_worker=True)))
    except UnansweredError as wrong:
        warn(wrong.faults)
        _want_again(shared, run, hands.stop)
    except MigrationError as wrong:
        warn(wrong.faults)


def _want_again(shared: SharedRuns, run: str, stop: threading.Event) -> None:
    """A run that stopped because the database was away has no fault of its own: some worker goes on when it is back."""
    while not stop.wait(EVERY_SECONDS):
        try:
            shared.want(run)
        except UnansweredError:
            continue
        return
