"""Check a run afterwards: its journal's chain, its manifests, and every file at its target by digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migration import journal as journals
from migration.execution import runs
from migration.execution.interpreter import Hands
from migration.journal import Record
from migration.runbooks import file as runbook_file
from migration.runbooks.model import Step
from migration.steps.copy_files import CopyParameters
from migration.steps.model import StepError, checked
from migration.steps.names import shown
from migration.steps.open_store import open_store
from migration.steps.verify_copy import target_digests


@dataclass(frozen=True, slots=True)
class CopyProof:
    """What is at one copy's target, held against its manifest."""

    step: str
    share: str
    target: str
    files: int
    bytes: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """A checked run. `differences` are of all copies; `cannot_tell` says what could not be read."""

    run: str
    state: str
    records: int
    copies: tuple[CopyProof, ...]
    differences: tuple[str, ...]
    cannot_tell: tuple[str, ...]


def prove(folder: Path, run: str, hands: Hands) -> Proof:
    """Check the run RUN of the folder `runs`. Raises MigrationError when the journal is damaged or the runbook is another."""
    state = runs.status(folder, run)
    records, _ = journals.read(folder / run / "journal.jsonl")
    runbook = runbook_file.read(folder / run / "runbook.yaml")
    undone = {r.step for r in records if r.kind == "undo-receipt"}
    copies: list[CopyProof] = []
    cannot: list[str] = []
    for step in runbook.steps:
        effect = next((r for r in reversed(records) if r.kind == "effect" and r.step == step.id), None)
        if step.kind != "copy-files" or step.id in undone or effect is None:
            continue
        try:
            copies.append(_copy(folder / run, step, effect, hands))
        except StepError as wrong:
            cannot += wrong.faults
    return Proof(run, state.state, len(records), tuple(copies), tuple(d for c in copies for d in c.differences), tuple(cannot))


def _copy(folder: Path, step: Step, effect: Record, hands: Hands) -> CopyProof:
    parameters = checked(CopyParameters, step.parameters)
    file = folder / f"manifest-{step.id}.json"
    content = file.read_bytes() if file.is_file() else b""
    store = open_store(parameters.target, hands.environment, hands.workers)
    if hashlib.sha256(content).hexdigest() != effect.body["facts"]["manifest"]:
        fault = f"{file.name}: it is not the manifest that the journal speaks of: it was changed, or lost."
        return CopyProof(step.id, parameters.share, store.name, 0, 0, (fault,))
    files: list[dict[str, Any]] = json.loads(content)["files"]
    held = target_digests(store, sorted(store.listing()), hands.workers)
    wanted = {f["key"]: f for f in files}
    found = [f"{shown(f['path'])}: not at {store.name}, or with other content" for k, f in wanted.items() if held.get(k) != f["sha256"]]
    found += [f"{shown(k)}: at {store.name}, but not of this run" for k in held if k not in wanted]
    return CopyProof(step.id, parameters.share, store.name, len(files), sum(f["size"] for f in files), tuple(sorted(found)))
