"""Answer files: what people answered of one workload, who, when and on which evidence.

`questionnaires/answers/WORKLOAD.QUESTIONNAIRE.toml` is one file for one workload and one questionnaire, so nothing is answered twice in two
places. Whatever is wrong is a fault and counts as not answered: a workload that was asked is then unknown, never better.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from inventory.model import Estate, Fault
from migration.errors import MigrationError
from migration.questionnaires.model import Question, Questionnaire, Tag

FORMAT: Final = "cloud-unless/answers/1"
_AGAIN: Final = "Correct it, or write the file anew: unless questionnaire ask {}"


@dataclass(frozen=True, slots=True)
class Given:
    """What a person answered to one question: one of its choices, who said so, on which day and by which document."""

    question: str
    answer: str
    by: str
    on: date
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A questionnaire as it was asked of one workload: its answers by question, and tags that a person stated.

    `refused` are questions of which the file says something that is wrong: nobody has answered them, not even the inventory.
    """

    workload_id: str
    questionnaire: Questionnaire
    given: Mapping[str, Given]
    tags: tuple[Tag, ...] = ()
    file: str = ""
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheets:
    """All that were asked, by workload, and the faults of their files."""

    by_workload: Mapping[str, tuple[Sheet, ...]]
    faults: tuple[Fault, ...] = ()


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    question: str = Field(min_length=1)
    answer: str = ""
    by: str = ""
    on: date | None = None
    evidence: str = ""

    @field_validator("answer", mode="before")
    @classmethod
    def _in_words(cls, said: object) -> object:
        if isinstance(said, bool):
            raise ValueError('it is true or false. Write the words of the answer in quotation marks, such as "Yes"')
        return said

    @field_validator("on", mode="before")
    @classmethod
    def _a_day(cls, said: object) -> object:
        if said == "":
            return None
        if isinstance(said, datetime) or not isinstance(said, date):
            raise ValueError("it is not a date. Write the day as 2026-11-25, without quotation marks")
        return said


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    format: Literal["cloud-unless/answers/1"]
    workload: str = Field(min_length=1)
    questionnaire: str = Field(min_length=1)
    tags: tuple[str, ...] = ()
    answer: tuple[_Entry, ...] = ()


def file_name(workload_id: str, questionnaire_id: str) -> str:
    """What the answer file of a workload is called."""
    return f"{workload_id}.{questionnaire_id}.toml"


def read_sheets(folder: Path, shown: str, estate: Estate, known: Mapping[str, Questionnaire], day: date) -> Sheets:
    """Every answer file of the folder. What is wrong in a file is a fault, and what it was to answer is not answered."""
    sheets: dict[str, list[Sheet]] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        name = f"{shown}/{file.name}"
        sheet, wrong = _sheet(file, name, estate, known, day)
        faults += wrong
        if sheet is not None:
            sheets.setdefault(sheet.workload_id, []).append(sheet)
    return Sheets({w: tuple(held) for w, held in sheets.items()}, tuple(faults))


def _sheet(file: Path, shown: str, estate: Estate, known: Mapping[str, Questionnaire], day: date) -> tuple[Sheet | None, tuple[Fault, ...]]:
    workload_id, _, asked = file.stem.rpartition(".")
    faults = tuple(_named_wrong(shown, workload_id, asked, estate, known))
    if faults:
        return None, faults
    questionnaire = known[asked]
    try:
        held = _read(file, shown, workload_id, asked)
    except MigrationError as wrong:
        remedy = _AGAIN.format(workload_id)
        refused = frozenset(q.id for q in questionnaire.questions())
        return Sheet(workload_id, questionnaire, {}, (), shown, refused), tuple(Fault(shown, what, remedy) for what in wrong.faults)
    tags, of_tags = _tags(held.tags, shown)
    given, refused, of_answers = _answers(held.answer, questionnaire, shown, day)
    return Sheet(workload_id, questionnaire, given, tags, shown, refused), (*of_tags, *of_answers)


def _named_wrong(shown: str, workload_id: str, asked: str, estate: Estate, known: Mapping[str, Questionnaire]) -> list[Fault]:
    """What is wrong with the name of an answer file."""
    held: list[Fault] = []
    if not workload_id:
        held.append(Fault(shown, "The name is not of the form WORKLOAD.QUESTIONNAIRE.toml.", "Rename it: payroll.council.toml, for one."))
        return held
    if workload_id not in estate.workload_by_id:
        what = f"No workload of the estate has the id {workload_id}."
        held.append(Fault(shown, what, "Correct the name (unless inventory list --kind workloads), or take the file out."))
    if asked not in known:
        what = f"There is no questionnaire {asked}; there are {', '.join(sorted(known))}."
        held.append(Fault(shown, what, "Correct the name, or put the questionnaire beside the folder of answers."))
    return held


def _read(file: Path, shown: str, workload_id: str, asked: str) -> _File:
    try:
        held = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as wrong:
        raise MigrationError(f"It cannot be read ({wrong}).") from wrong
    except (ValueError, RecursionError) as wrong:
        raise MigrationError(f"It is not readable as TOML: {wrong}.") from wrong
    try:
        made = _File.model_validate(held)
    except ValidationError as wrong:
        raise MigrationError(*(_sentence(held, e["loc"], e["msg"]) for e in wrong.errors())) from wrong
    said = ((made.workload, workload_id, "workload"), (made.questionnaire, asked, "questionnaire"))
    if faults := [f"Its {key} is {inside}, and its name says {named}." for inside, named, key in said if inside != named]:
        raise MigrationError(*faults)
    return made


def _sentence(held: Mapping[str, Any], place: Sequence[int | str], what: str) -> str:
    """One fault of the form: which entry, which key, what is wrong."""
    number = place[1] if len(place) > 1 and isinstance(place[1], int) else None
    key = next((str(p) for p in reversed(place) if isinstance(p, str)), "")
    entries = cast("list[Any]", held.get("answer") if isinstance(held.get("answer"), list) else [])
    entry: Any = entries[number] if number is not None and number < len(entries) else None
    about = cast("dict[str, Any]", entry).get("question") if isinstance(entry, dict) else None
    where = f"Answer {number + 1}" + (f" ({about})" if about else "") + f", key {key}" if number is not None else f"Key {key}"
    return f"{where}: {what.removeprefix('Value error, ').rstrip('.')}."


def _tags(said: Sequence[str], shown: str) -> tuple[tuple[Tag, ...], list[Fault]]:
    """Tags as a person wrote them, `Language: Java`."""
    made: list[Tag] = []
    faults: list[Fault] = []
    for text in said:
        category, colon, tag = (part.strip() for part in text.partition(":"))
        if colon and category and tag:
            made.append(Tag(category, tag))
        else:
            faults.append(Fault(shown, f"The tag {text!r} has no category.", 'Write it as "Language: Java".', column="tags"))
    return tuple(made), faults


def _answers(
    entries: Sequence[_Entry], asked: Questionnaire, shown: str, day: date
) -> tuple[dict[str, Given], frozenset[str], list[Fault]]:
    """The answers that count, by question, and the questions of which what is said is wrong; one that stands twice is wrong."""
    made: dict[str, Given] = {}
    faults: list[Fault] = []
    times = Counter(e.question for e in entries)
    for number, entry in enumerate(entries, 1):
        twice = ("It is answered twice, so neither answer counts.", "Keep one of the two.") if times[entry.question] > 1 else None
        if wrong := twice or _wrong(entry, asked.question(entry.question), asked, day):
            faults.append(Fault(shown, f"{entry.question}: {wrong[0]}", wrong[1], row=number, column="answer"))
        elif entry.answer and entry.on is not None:
            made[entry.question] = Given(entry.question, entry.answer, entry.by, entry.on, entry.evidence)
    refused = frozenset(entries[f.row - 1].question for f in faults)
    return made, refused, faults


def _wrong(entry: _Entry, question: Question | None, asked: Questionnaire, day: date) -> tuple[str, str] | None:
    """What is wrong with one answer, and what to do; nothing is wrong with one that is still empty."""
    if question is None:
        return f"The questionnaire {asked.id} has no such question.", f"Correct the id: unless questionnaire list {asked.id}."
    if not entry.answer:
        return None
    if question.choice(entry.answer) is None:
        choices = "; ".join(c.text for c in question.choices)
        return f"{entry.answer!r} is not one of its answers.", f"Write one of these: {choices}."
    if not entry.by:
        return "It does not say who answered.", "Give by: a name and a role."
    if entry.on is None:
        return "It does not say when it was answered.", "Give on, such as 2026-11-25."
    if entry.on > day:
        return f"It was answered on {entry.on}, which is after {day}.", "Correct the day."
    if (day - entry.on).days > asked.holds_days:
        return f"It was answered on {entry.on}, more than {asked.holds_days} days ago.", "Ask again, or correct the day."
    if question.evidence and not entry.evidence:
        return f"It asks for evidence ({question.evidence}), and none is named.", "Give evidence: which document, of which day."
    return None
