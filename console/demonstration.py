"""The whole way through on one estate: import, assess, plan, rehearse, check, run a wave, report. A line for each stage."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from console.commands import assess, check, import_, init, plan, rehearse, report
from console.workspace import Workspace, open_workspace

STACKS = ("landing-zone", "workloads", "microsoft365", "dynamics")


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage is called and what it did, each in a few words, and how long it took."""

    name: str
    outcome: str
    seconds: float


class NothingToShowError(Exception):
    """The files hold no server, so there is nothing to go through; `faults` are what is wrong with them."""

    def __init__(self, *faults: str) -> None:
        """Keep every fault."""
        super().__init__("\n".join(faults))
        self.faults = faults


def prepare(folder: Path, estate: tuple[Path, ...]) -> tuple[Workspace, tuple[Path, ...]]:
    """A workspace in `folder`, and the files to import: the given ones, or Exampleborough's with its own settings."""
    place = folder / ".unless"
    place.mkdir(parents=True)
    if estate:
        (place / "unless.toml").write_text(init.settings_text("Our council", "our-council"), "utf-8")
        return open_workspace(place), estate
    from inventory.reference import files
    from inventory.reference import folder as reference

    shutil.copy(reference() / "unless.toml", place)
    shutil.copy(reference() / "exceptions.toml", folder)
    return open_workspace(place), tuple(files())


def stages(held: Workspace, files: tuple[Path, ...], project: Path, tell: Callable[[str], None]) -> Iterator[Stage]:
    """Do each stage as it is asked for. `project` holds Pulumi.yaml; `tell` hears what goes on within a stage."""
    yield _timed("Import", lambda: _import(held, files))
    yield _timed("Assess", lambda: _assess(held))
    yield _timed("Plan", lambda: _plan(held))
    for stack in STACKS:
        yield _timed(f"Rehearse {stack}", lambda stack=stack: _rehearse(held, project, stack))
    yield _timed("Check", lambda: _check(held))
    yield _timed("Run wave 1", lambda: _run(held, tell))
    yield _timed("Report", lambda: _report(held))


def _timed(name: str, do: Callable[[], str]) -> Stage:
    begun = time.monotonic()
    outcome = do()
    return Stage(name, outcome, time.monotonic() - begun)


def _import(held: Workspace, files: tuple[Path, ...]) -> str:
    from inventory.store import open_store

    result = import_.imported(held, list(files))
    with open_store(held.estate_url) as store:
        estate = store.load()
    if not estate.servers:
        raise NothingToShowError(*(str(f) for f in result.faults), "No file holds a server, so there is nothing to assess.")
    registered = sum(w.is_registered for w in estate.workloads)
    faults = f"{len(result.faults):,} faults, each with its row and remedy" if result.faults else "no faults"
    return f"{len(estate.servers):,} servers and {registered:,} registered applications from {len(files)} file(s); {faults}"


def _assess(held: Workspace) -> str:
    made, _ = assess.assessed(held, held.on)
    counts = Counter(a.readiness.value for a in made)
    return f"{len(made):,} workloads: " + ", ".join(f"{n:,} {readiness}" for readiness, n in sorted(counts.items()))


def _plan(held: Workspace) -> str:
    made, requests, _ = plan.planned(held, held.on)
    moving = sum(len(w.workload_ids) for w in made.waves)
    if not moving:
        return "no workload can be put into a wave yet; the plan says why for each"
    return f"{moving:,} workloads in {len(made.waves)} waves outside every freeze; {len(requests.texts)} requests for wave 1"


def _rehearse(held: Workspace, project: Path, stack: str) -> str:
    if stack == "workloads" and not list(held.requests.glob("*.toml")):
        return "left out: the plan asks for no landing zone yet"
    counts = rehearse.rehearsed(held, project, stack, {}).summary
    return ", ".join(f"{n} to {op}" for op, n in counts.items() if n) or "nothing to change"


def _check(held: Workspace) -> str:
    found = check.checked(held)["summary"]
    verdicts = ", ".join(f"{found[v]:,} {v}" for v in ("pass", "fail", "unknown", "waived"))
    return f"{verdicts}; {found['blocking']:,} would stop a deployment"


def _run(held: Workspace, tell: Callable[[str], None]) -> str:
    from console.rehearse_wave import run_wave_demo, share_to_move
    from migration.plan import read_document

    document = read_document(held.path("plan.json"))
    if not document["waves"]:
        return "left out: no workload can be put into a wave yet (the report says why)"
    wave = document["waves"][0]["id"]
    if share_to_move(document, wave) is None:
        return f"left out: {wave} has no file share to move"
    done = run_wave_demo(held, document, wave, tell)
    each = len(done.targets)
    moved = f"{done.files // each:,} files ({done.bytes / each / 1e6:,.0f} MB) from {done.server} to {' and '.join(done.targets)}"
    return " ".join((f"{done.steps} steps; {moved}, each read back and compared by digest.", *done.remarks))


def _report(held: Workspace) -> str:
    return str(report.written(held))
