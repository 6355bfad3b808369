"""What is written: the answer file that a person fills in, and the answered questionnaire in Konveyor's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import tomlkit

from migration.questionnaires.answers import FORMAT
from migration.questionnaires.asked import Reply
from migration.questionnaires.model import Questionnaire, Tag


def draft(questionnaire: Questionnaire, workload_id: str, asked: Iterable[Reply]) -> str:
    """The answer file of a workload: every question with its choices as comments; what the inventory answers is said, and left out."""
    return "\n".join(_lines(questionnaire, workload_id, asked)) + "\n"


def _lines(questionnaire: Questionnaire, workload_id: str, asked: Iterable[Reply]) -> Iterator[str]:
    yield f"# {_one_line(questionnaire.name)}. Write one of the answers between the quotation marks, who says so, on which day (2026-11-25)"
    yield "# and by which document. What is left empty is not answered. Afterwards: unless questionnaire check"
    yield f"format = {_text(FORMAT)}"
    yield f"workload = {_text(workload_id)}"
    yield f"questionnaire = {_text(questionnaire.id)}"
    yield 'tags = []  # what the inventory does not know and questions ask by, such as "Language: Java"'
    for reply in asked:
        yield ""
        yield from _entry(reply)


def _entry(reply: Reply) -> Iterator[str]:
    question = reply.question
    counts = "" if question.required else ", not required"
    yield f"# {_one_line(f'{reply.section}: {question.text}')} (weight {question.weight}{counts})"
    if question.explanation:
        yield f"# {_one_line(question.explanation)}"
    if reply.choice and reply.by:
        yield f"# {question.id}: the inventory answers {_text(reply.choice.text)} ({_one_line(reply.by.whence)})."
        return
    for choice in question.choices:
        yield f"#   {_text(choice.text)}: {choice.risk.value}{', a knock-out' if choice.knock_out else ''}"
    yield "[[answer]]"
    yield f"question = {_text(question.id)}"
    yield 'answer = ""'
    yield 'by = ""'
    yield 'on = ""'
    yield 'evidence = ""' + (f"  # {_one_line(question.evidence)}" if question.evidence else "")


def answered(questionnaire: Questionnaire, application: str, asked: Sequence[Reply]) -> dict[str, Any]:
    """The questionnaire with its answers marked, in the form of Konveyor's API; `unless check` reads it too.

    Who answered and on which evidence is under our own key `unless`.
    """
    names = list(dict.fromkeys(r.section for r in asked))
    return {
        "name": questionnaire.name,
        "application": {"name": application},
        "questionnaire": {"name": questionnaire.name},
        "sections": [
            {"order": n, "name": name, "questions": [_question(i, r) for i, r in enumerate((r for r in asked if r.section == name), 1)]}
            for n, name in enumerate(names, 1)
        ],
        "thresholds": {
            "red": questionnaire.thresholds.red,
            "yellow": questionnaire.thresholds.yellow,
            "unknown": questionnaire.thresholds.unknown,
        },
        "riskMessages": {risk.value: text for risk, text in questionnaire.messages},
    }


def _question(order: int, reply: Reply) -> dict[str, Any]:
    question = reply.question
    return {
        "order": order,
        "text": question.text,
        "explanation": question.explanation,
        "unless": {"id": question.id, "weight": question.weight, "answered": list(reply.evidence)},
        "answers": [
            {
                "order": n,
                "text": c.text,
                "risk": c.risk.value,
                "rationale": c.rationale,
                "mitigation": c.mitigation,
                "applyTags": _tags(c.apply_tags),
                "autoAnswerFor": _tags(c.auto_answer_for),
                "selected": c == reply.choice,
                "autoAnswered": c == reply.choice and reply.given is None,
            }
            for n, c in enumerate(question.choices, 1)
        ],
    }


def _tags(held: Iterable[Tag]) -> list[dict[str, str]]:
    return [{"category": t.category, "tag": t.tag} for t in held]


def _one_line(text: str) -> str:
    """A text as it may stand in a comment: no line ends or other signs that TOML forbids there."""
    return "".join(c if c.isprintable() else " " for c in text)


def _text(text: str) -> str:
    return tomlkit.item(text).as_string()
