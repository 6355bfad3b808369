"""Answered questionnaires in Konveyor's form, as YAML or as its API answers in JSON, become subjects.

The form is that of konveyor/tackle2-hub, assessment/section.go, and of the template of konveyor/tackle2-ui (read 2026-11-25): sections
with questions, of whose answers the one with `selected: true` was given, each with a risk of red, yellow, green or unknown. A question that
nobody answered, or whose answer carries the risk unknown, is of unknown risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from policies.model import UNKNOWN, Subject
from policies.read.lines import line_of

_WORDS: Final = {True: "Yes", False: "No"}  # YAML reads a bare Yes as true


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str = ""
    risk: str = Field(pattern=r"^(?i:red|yellow|green|unknown)$")
    selected: bool = False

    @field_validator("text", mode="before")
    @classmethod
    def _as_words(cls, value: object) -> object:
        return _WORDS[value] if isinstance(value, bool) else str(value) if isinstance(value, (int, float)) else value


class _Question(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    answers: tuple[_Answer, ...]


class _Section(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str = ""
    questions: tuple[_Question, ...]


class _Ref(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    name: str = ""


class _Assessment(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int | str = ""
    name: str = ""
    application: _Ref | None = None
    archetype: _Ref | None = None
    questionnaire: _Ref | None = None
    sections: tuple[_Section, ...] = Field(min_length=1)


def is_questionnaire(held: object) -> bool:
    """Whether it is one, or a list of them: what has sections with questions."""
    rows = cast("list[object]", held if isinstance(held, list) else [held])
    return bool(rows) and all(isinstance(r, Mapping) and _has_questions(cast("Mapping[str, Any]", r)) for r in rows)


def _has_questions(row: Mapping[str, Any]) -> bool:
    sections: object = row.get("sections")
    many = cast("list[object]", sections) if isinstance(sections, list) else []
    return bool(many) and all(isinstance(s, Mapping) and "questions" in s for s in many)


def subjects_of_questionnaires(held: object, name: str) -> tuple[Subject, ...]:
    """One subject for each. Raises pydantic's ValidationError on a wrong shape."""
    many = cast("list[object]", held) if isinstance(held, list) else [held]
    return tuple(_subject(_Assessment.model_validate(row), n, name, line_of(row)) for n, row in enumerate(many))


def _subject(read: _Assessment, number: int, file: str, line: int) -> Subject:
    about = (read.application or read.archetype or _Ref()).name
    title = read.questionnaire.name if read.questionnaire else read.name
    questions = [_question(s, q) for s in read.sections for q in s.questions]
    inputs: dict[str, Any] = {
        "application": about,
        "questionnaire": title,
        "questions": questions,
        "asked": len(questions),
        "answered": sum(q["answer"] is not None for q in questions),
    }
    shown = f"{about}: {title}" if about else title or f"questionnaire {number + 1}"
    return Subject(
        "questionnaire", "questionnaire", f"{shown} ({read.id})" if read.id != "" else shown, shown, inputs, file=file, line=line
    )


def _question(section: _Section, question: _Question) -> dict[str, Any]:
    """A question as it was answered. The first answer that is marked counts, as in Konveyor."""
    given = next((a for a in question.answers if a.selected), None)
    risk = given.risk.lower() if given else "unknown"
    answer = given.text if given else None
    return {"section": section.name, "text": question.text, "answer": answer, "risk": UNKNOWN if risk == "unknown" else risk}
