"""Steps that people do: a task that is reported done, and a go/no-go. Both are recorded by name, never assumed."""

from __future__ import annotations

from migration.steps.model import Bench, Facts, Found, Kind, Parameters, Question, ReadBack, StepError


class TaskParameters(Parameters):
    """What to do, in words for the person who does it."""

    instructions: str


class DecisionParameters(Parameters):
    """What is decided, and on what grounds."""

    question: str


def _ask(bench: Bench, kind: str, text: str) -> Facts:
    reply = bench.ask(Question(kind, bench.title, text, bench.role))
    answer: Facts = {"by": reply.by, "how": reply.how, "remark": reply.remark, "role": bench.role}
    if reply.signed:
        answer["signed"] = list(reply.signed)
    if not reply.is_yes:
        told = f" ({reply.remark})" if reply.remark else ""
        word = "no-go" if kind == "decision" else "not done"
        raise StepError(f"{bench.title}: {reply.by} answered {word}{told}. Resume asks again; undo goes back.")
    return answer


def task(bench: Bench, parameters: TaskParameters) -> Facts:
    """Ask the person of the step's role to do it and say so."""
    return _ask(bench, "task", parameters.instructions)


def decide(bench: Bench, parameters: DecisionParameters) -> Facts:
    """Ask for a named decision. Raises StepError on no-go."""
    return _ask(bench, "decision", parameters.question)


def recorded(bench: Bench, parameters: Parameters) -> ReadBack:
    """What the journal holds: only a named answer counts."""
    del parameters
    if bench.effect and bench.effect.get("by"):
        return ReadBack(Found.DONE, f"{bench.effect['by']} said so ({bench.effect['how']})", {"by": bench.effect["by"]})
    return ReadBack(Found.NOT_DONE, "nobody has answered yet")


def undo_task(bench: Bench, parameters: TaskParameters) -> Facts:
    """Ask the person to undo what was done by hand."""
    return _ask(bench, "task", f"Undo: {bench.text}")


def undo_recorded(bench: Bench, parameters: Parameters) -> ReadBack:
    """As `recorded`, for the undoing."""
    found = recorded(bench, parameters)
    return ReadBack(Found.UNDONE, found.reason, found.facts) if found.found is Found.DONE else found


HUMAN_TASK = Kind("human-task", True, TaskParameters, task, recorded, undo_task, undo_recorded)
GO_NO_GO = Kind("go-no-go", False, DecisionParameters, decide, recorded)
PEOPLES = (HUMAN_TASK.name, GO_NO_GO.name)
"""The kinds that a person answers."""
