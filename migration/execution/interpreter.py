"""One step, forwards or backwards: intent, effect, read-back, receipt; each in the journal before the next.

When a process died between an intent and its receipt, the step is read back first: found done, it gets its receipt;
found not done, it is done again under the same token; when nobody can tell, the run stops and says so.
"""

from __future__ import annotations

import hashlib
import secrets
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from migration.errors import MigrationError
from migration.execution.measured import Measured, measured, of_runs
from migration.execution.rehearsal import StandIns
from migration.execution.shared import SharedRuns
from migration.execution.turning_back import TurningBack, is_too_late
from migration.journal import Journal, Record
from migration.runbooks.faults import LONDON
from migration.runbooks.model import Runbook, Step
from migration.steps.kinds import KINDS
from migration.steps.model import Bench, Facts, Found, Kind, Question, ReadBack, Reply, StepError, StepWaitsError, checked
from migration.steps.people import GO_NO_GO

GO_ROLE = "wave-lead"
"""Who is asked whether a step may begin although it leaves no time to turn back, where no gates are kept."""
DONE, STOPPED, WAITING = "done", "stopped", "waiting"


@dataclass(frozen=True, slots=True)
class Hands:
    """What a run takes from outside: a clock, credentials, people, a screen, a way to be stopped, chance.

    `shared` is where runs are kept that several machines carry out, `is_worker` whether this is one that takes
    what comes, and `leaves` whether the run is only begun, or turned back, or answered here, and workers go on.
    """

    now: Callable[[], datetime]
    environment: Mapping[str, str]
    ask: Callable[[Question], Reply]
    say: Callable[[str], None]
    stop: Event = field(default_factory=Event)
    workers: int = 8
    new_id: Callable[[], str] = lambda: secrets.token_hex(16)
    kinds: Mapping[str, Kind[Any]] = field(default_factory=lambda: KINDS)
    gates: Gatekeeper | None = None
    shared: SharedRuns | None = None
    is_worker: bool = False
    leaves: bool = False


class Gatekeeper(Protocol):
    """Who decides at a go/no-go in the place of whoever is asked: `migration.gates.keeper.Keeper`."""

    def decide(self, run: str, runbook: Runbook, step: Step, records: Sequence[Record], now: datetime, *, is_late: bool = False) -> Reply:
        """The decision at a go/no-go, or (`is_late`) on a step that starts too late to turn back in time.

        Raises StepWaitsError with what keeps the gate shut.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Way:
    """The words of one direction: kinds of record, what reading back must find, and what is done."""

    prefix: str
    wanted: Found
    act: Callable[[Bench, Any], Facts]
    look: Callable[[Bench, Any], ReadBack]


class Interpreter:
    """Carries out steps of one run; `faults` are of the step at which it stopped."""

    def __init__(self, folder: Path, run: str, runbook: Runbook, journal: Journal, hands: Hands, stand_ins: StandIns | None = None) -> None:
        """For one process's hold on the run."""
        self.folder, self.run, self.runbook, self.journal, self.hands = folder, run, runbook, journal, hands
        self.stand_ins = stand_ins
        self.measured = measured(of_runs(folder.parent)) if runbook.window else Measured()
        # A run that an earlier version began has no id of its own, and its effects carry its name's token.
        self.identity = str(journal.records[0].body.get("id") or run)
        self.by_id = {s.id: s for s in runbook.steps}
        self.faults: tuple[str, ...] = ()

    def forwards(self, step_id: str) -> str:
        """Do one step. Never raises a person's mistake: it is a fault in the journal, and the answer says stopped or waiting."""
        step = self.by_id[step_id]
        kind = self.hands.kinds[step.kind]
        return self._one(step, _Way("", Found.DONE, kind.do, kind.verify))

    def backwards(self, step_id: str) -> str:
        """Undo one step, or record why there is nothing to undo."""
        step = self.by_id[step_id]
        kind = self.hands.kinds[step.kind]
        if kind.undo is None or kind.verify_undone is None or not step.undo:
            if not self.journal.last(("undo-skipped",), step_id):
                self.journal.add("undo-skipped", step_id, {"because": step.no_undo_because or "it changes nothing"})
            return DONE
        return self._one(step, _Way("undo-", Found.UNDONE, kind.undo, kind.verify_undone))

    def _one(self, step: Step, way: _Way) -> str:
        if self.journal.last((f"{way.prefix}receipt",), step.id):
            return DONE
        if self.hands.stop.is_set():
            return self._stopped(step, way, STOPPED, ("Stopped by hand.",))
        self.hands.say(f"{'undo ' if way.prefix else ''}{step.id}: {step.title}")
        try:
            if not way.prefix:
                self._in_time(step)
            self._carry_out(step, way)
        except StepWaitsError as waits:
            return self._stopped(step, way, WAITING, waits.faults)
        except MigrationError as wrong:
            return self._stopped(step, way, STOPPED, wrong.faults)
        except Exception as wrong:
            # Whatever it is, the journal must hold it: else the engine keeps the error and gives it again on every resume.
            return self._stopped(step, way, STOPPED, (_unforeseen(step, wrong),))
        return DONE

    def _in_time(self, step: Step) -> None:
        """Let a step begin that leaves time to turn back, or on which somebody decides although it does not. Raises StepError on no-go."""
        if self.stand_ins or self.journal.last(("intent", "late"), step.id):
            return
        begun = {r.step for r in self.journal.records if r.kind == "intent"}
        late = is_too_late(self.runbook, step, begun, self.measured, self.hands.now())
        if late is None:
            return
        question = Question("decision", f"Begin {step.id} too late to turn back in time?", _why(step, late), GO_ROLE)
        gates = self.hands.gates
        reply = (
            gates.decide(self.run, self.runbook, step, self.journal.records, self.hands.now(), is_late=True)
            if gates
            else self.hands.ask(question)
        )
        if not reply.is_yes:
            raise StepError(f"{step.title}: {reply.by} decided not to go on. {question.text} Go back: unless runbook undo {self.run}.")
        facts = {"by": reply.by, "how": reply.how, "remark": reply.remark, "signed": list(reply.signed), "latest": late.latest.isoformat()}
        self.journal.add("late", step.id, facts)

    def _carry_out(self, step: Step, way: _Way) -> None:
        given = self.stand_ins.parameters[step.id] if self.stand_ins else step.parameters
        parameters = checked(self.hands.kinds[step.kind].parameters, given)
        bench = self._bench(step, way)
        if self.journal.last((f"{way.prefix}intent",), step.id):
            found = self._read_back(step, way, bench, parameters)
            if found.found is way.wanted:
                self._receipt(step, way, found)
                return
            if found.found is Found.CANNOT_TELL:
                raise StepError(f"{step.title}: nobody can tell whether it was done: {found.reason}. Look by hand, then resume.")
        else:
            self.journal.add(f"{way.prefix}intent", step.id, {"kind": step.kind, "token": bench.token})
        facts = way.act(bench, parameters)
        self.journal.add(f"{way.prefix}effect", step.id, {"token": bench.token, "facts": facts})
        found = self._read_back(step, way, self._bench(step, way), parameters)
        if found.found is not way.wanted:
            raise StepError(f"{step.title}: it was carried out, but reading back says: {found.reason}. Look at it, then resume.")
        self._receipt(step, way, found)

    def _read_back(self, step: Step, way: _Way, bench: Bench, parameters: Any) -> ReadBack:
        found = way.look(bench, parameters)
        self.journal.add(f"{way.prefix}read-back", step.id, {"found": found.found, "reason": found.reason, "facts": found.facts})
        return found

    def _receipt(self, step: Step, way: _Way, found: ReadBack) -> None:
        self.journal.add(f"{way.prefix}receipt", step.id, {"found": found.found, "reason": found.reason})

    def _stopped(self, step: Step, way: _Way, answer: str, faults: tuple[str, ...]) -> str:
        self.faults = faults
        self.journal.add(f"{way.prefix}fault", step.id, {"answer": answer, "faults": list(faults)})
        return answer

    def _bench(self, step: Step, way: _Way) -> Bench:
        effect = self.journal.last((f"{way.prefix}effect",), step.id)
        return Bench(
            folder=self.folder,
            run=self.run,
            step=step.id,
            token=token(self.identity, step.id),
            role=step.role,
            title=step.title,
            text=step.undo if way.prefix else step.do,
            environment=self.hands.environment,
            now=self.hands.now,
            ask=self._gate(step),
            say=self.hands.say,
            stop=self.hands.stop,
            effect=None if effect is None else dict(effect.body["facts"]),
            workers=self.hands.workers,
        )

    def _gate(self, step: Step) -> Callable[[Question], Reply]:
        """Who answers: at a go/no-go of a real run the gate's keeper, where there is one; else whoever is asked."""
        gates = self.hands.gates
        if gates is None or step.kind != GO_NO_GO.name or self.stand_ins:
            return self.hands.ask

        def decided(question: Question) -> Reply:
            del question
            return gates.decide(self.run, self.runbook, step, self.journal.records, self.hands.now())

        return decided


def _why(step: Step, late: TurningBack) -> str:
    """What a person must know to decide on a step that begins too late."""
    latest = f"{late.latest.astimezone(LONDON):%a %d %b %H:%M %Z}"
    return (
        f"With it begun the way back takes {late.back_minutes} minutes ({late.measured_minutes} of them measured), so the latest "
        f"safe abort would be {latest}, and the step takes about {step.minutes} minutes."
    )


def _unforeseen(step: Step, wrong: Exception) -> str:
    """What no step has said better. Of an error that is not the machine's only its kind and place: its words may hold a secret."""
    if isinstance(wrong, OSError) and wrong.strerror:
        name = wrong.filename2 or wrong.filename
        where = f"{name}: " if name else ""
        return f"{step.title}: {where}{wrong.strerror}. Look at the path, its permissions and the room on the disk, then resume."
    at = traceback.extract_tb(wrong.__traceback__)[-1]
    return (
        f"{step.title}: something that the program did not foresee: {type(wrong).__name__} at {Path(at.filename).name}, line {at.lineno}. "
        "Resume tries the step again; if it stays, report it with this sentence."
    )


def token(run: str, step: str) -> str:
    """The mark that a step's effects carry: the same on every attempt of the run with this id, and of no other run, whatever its name."""
    return hashlib.sha256(f"{run}\n{step}".encode()).hexdigest()[:20]
