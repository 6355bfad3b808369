"""The person at the keyboard: tasks reported, go/no-go decided, by name."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from console.output import note

if TYPE_CHECKING:
    from migration.steps.model import Question, Reply


def answers(*, yes: bool, by: str) -> Callable[[Question], Reply]:
    """How questions are answered: with yes throughout, at the terminal, or, where there is none, not at all (StepWaitsError)."""
    from migration.steps.model import Reply, StepWaitsError

    def name() -> str:
        return by or getpass.getuser()

    def assumed(question: Question) -> Reply:
        del question
        return Reply(is_yes=True, by=name(), how="--yes")

    def typed(question: Question) -> Reply:
        note(f"{question.title} ({question.role})\n  {question.text}")
        word = "Go" if question.kind == "decision" else "Done"
        is_yes = typer.confirm(f"{word}?", err=True)
        who = by or typer.prompt("Your name", default=name(), err=True)
        remark = typer.prompt("Remark", default="", show_default=False, err=True)
        return Reply(is_yes, who, "typed", remark)

    def nobody(question: Question) -> Reply:
        raise StepWaitsError(
            f"{question.title}: this waits for the {question.role}, and there is no terminal to ask at. "
            "Resume it at a terminal, or with --yes."
        )

    if yes:
        return assumed
    return typed if sys.stdin.isatty() else nobody
