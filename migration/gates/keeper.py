"""The keeper of a run's gates: what the interpreter asks at a go/no-go, and what an approval is made from."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from migration import journal as journals
from migration.errors import MigrationError
from migration.execution.rehearsal import Rehearsed, is_rehearsal, last_of
from migration.execution.rehearsal import rehearsed as before_the_line
from migration.execution.runs import existing
from migration.gates import approval as approvals
from migration.gates.approval import Approval, Signed
from migration.gates.file import Gates
from migration.gates.standing import Gate, Standing, standing
from migration.journal import Record
from migration.runbooks import file as runbook_file
from migration.runbooks.model import Runbook, Step
from migration.steps.model import Reply, StepWaitsError
from migration.steps.people import GO_NO_GO


def evidence_of(runbook: Runbook, step: Step, records: Sequence[Record], rehearsed: Rehearsed | None) -> str:
    """The digest of what is known at a gate: the runbook, its rehearsal, and the last receipt of every step before it."""
    receipts = {r.step: r.digest for r in records if r.kind == "receipt"}
    before = [[s.id, receipts.get(s.id, "")] for s in runbook.steps[: runbook.steps.index(step)]]
    known = [runbook.digest, rehearsed.digest if rehearsed else "", before]
    return f"sha256:{hashlib.sha256(json.dumps(known, separators=(',', ':')).encode('ascii')).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the gates of the runs in the folder `runs` by `gates`."""

    runs: Path
    gates: Gates

    def gate(self, runbook: Runbook, step: Step, records: Sequence[Record], *, is_late: bool = False) -> Gate:
        """The gate that a step is, as the run stands; of a late step the gate `late-STEP`, in the roles of the runbook's first go/no-go."""
        needs = step in before_the_line(runbook)
        rehearsed = last_of(self.runs, runbook.digest) if needs else None
        evidence = evidence_of(runbook, step, records, rehearsed)
        of = next((s for s in runbook.steps if s.kind == GO_NO_GO.name), step) if is_late else step
        name = f"late-{step.id}" if is_late else step.id
        return Gate(str(records[0].body["id"]), name, of.role, of.accountable, runbook.digest, evidence, rehearsed, needs)

    def standing(self, run: str, gate: Gate, now: datetime) -> Standing:
        """How it stands with the approvals that the run's folder holds."""
        held, wrong = approvals.read(self.runs / run)
        people = {p.id: p for p in self.gates.person}
        checked = [(s, (p := people.get(s.approval.person)) is not None and approvals.is_signed_by(s, p)) for s in held]
        found = standing(gate, self.gates, checked, now)
        return Standing(found.counted, found.against, (*found.refused, *wrong), found.missing)

    def decide(self, run: str, runbook: Runbook, step: Step, records: Sequence[Record], now: datetime, *, is_late: bool = False) -> Reply:
        """The decision of those who signed. Raises StepWaitsError with everything that keeps the gate shut."""
        found = self.standing(run, self.gate(runbook, step, records, is_late=is_late), now)
        if found.against:
            return _reply(found.against, is_go=False)
        if not found.is_open:
            missing = (
                m.replace("approve RUN", f"approve {run}").replace("rehearse WAVE", f"rehearse {runbook.wave_id}") for m in found.missing
            )
            raise StepWaitsError(*(f"{step.title}: {m}" for m in missing), *found.refused)
        return _reply(found.counted, is_go=True)

    def standing_now(self, run: str, now: datetime) -> tuple[Standing, str]:
        """How the gate stands at which the run waits, and the step that it is. Raises MigrationError where the run waits at none."""
        runbook, records = self._read(run)
        step, is_late = _waiting_at(run, runbook, records)
        gate = self.gate(runbook, step, records, is_late=is_late)
        return self.standing(run, gate, now), gate.step

    def _read(self, run: str) -> tuple[Runbook, Sequence[Record]]:
        folder = existing(self.runs, run)
        records, _ = journals.read(folder / "journal.jsonl")
        return runbook_file.read(folder / "runbook.yaml"), records

    def draft(self, run: str, person: str, now: datetime, *, is_go: bool, remark: str = "", acting_for: str = "") -> Approval:
        """What a person would sign at the gate at which the run waits, in a role of theirs that nobody else has signed in.

        Raises MigrationError where the run waits at none, or it is not theirs.
        """
        runbook, records = self._read(run)
        step, is_late = _waiting_at(run, runbook, records)
        gate = self.gate(runbook, step, records, is_late=is_late)
        who = next((p for p in self.gates.person if p.id == person), None)
        if who is None:
            there = ", ".join(p.id for p in self.gates.person)
            raise MigrationError(f"gates.toml has no person {person!r}. People: {there}.")
        held = next((p.roles for p in self.gates.person if p.id == acting_for), ()) if acting_for else who.roles
        fitting = [r for r in dict.fromkeys((gate.role, gate.accountable)) if r in held]
        if not fitting:
            raise MigrationError(f"{who.name} has no role that decides at {gate.step}: it takes {gate.role} and {gate.accountable}.")
        taken = {s.approval.role for s in self.standing(run, gate, now).counted if s.approval.person != person}
        until = now + timedelta(hours=self.gates.approval_valid_hours)
        return Approval(
            run=run,
            run_id=gate.run_id,
            gate=gate.step,
            runbook=gate.runbook,
            evidence=gate.evidence,
            person=person,
            role=next((r for r in fitting if r not in taken), fitting[0]),
            is_go=is_go,
            made_at=now,
            expires_at=until,
            number=secrets.token_hex(16),
            acting_for=acting_for,
            remark=remark,
        )


def _waiting_at(run: str, runbook: Runbook, records: Sequence[Record]) -> tuple[Step, bool]:
    """The step without a receipt at which a run waits for a decision, and whether it is one that would begin too late (else a go/no-go)."""
    done = {r.step for r in records if r.kind == "receipt"}
    is_back = any(r.kind == "undo-opened" for r in records)
    step = None if is_back or is_rehearsal(records[0]) else next((s for s in runbook.steps if s.id not in done), None)
    is_gate = step is not None and step.kind == GO_NO_GO.name
    is_held = step is not None and records[-1].step == step.id and records[-1].body.get("answer") in ("waiting", "stopped")
    is_late = is_held and runbook.window is not None and not any(r.kind == "intent" and r.step == records[-1].step for r in records)
    if step is None or not (is_gate or is_late):
        where = f"it is at {step.id}" if step else "it goes no further"
        raise MigrationError(f"The run {run} waits at no gate: {where}. Approve it when it does: unless runbook status {run}.")
    return step, not is_gate


def _reply(signed: Sequence[Signed], *, is_go: bool) -> Reply:
    names = "; ".join(f"{s.approval.person} as {s.approval.role}{_for(s.approval)}" for s in signed)
    remarks = "; ".join(s.approval.remark for s in signed if s.approval.remark)
    return Reply(is_go, names, "signed", remarks, tuple(s.approval.digest for s in signed))


def _for(approval: Approval) -> str:
    return f" for {approval.acting_for}" if approval.acting_for else ""
