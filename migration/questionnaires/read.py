"""Questionnaires from YAML of Konveyor's form, with our own keys under `unless`, which Konveyor's own reader does not know.

The form and what it means are those of konveyor/tackle2-hub, assessment/pkg.go and assessment/section.go (read 2026-11-25): a question with
`includeFor` is asked where the application has one of these tags, one with `excludeFor` where it has none, never both; the first answer in
order of which it has an `autoAnswerFor` tag is given by itself. A question has no id there: ours is `unless.id`, else made from its text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from migration.errors import MigrationError
from migration.questionnaires.model import Choice, Question, Questionnaire, Risk, Section, Tag, Thresholds
from migration.questionnaires.yaml_file import read_yaml

FOLDER: Final = Path(__file__).parent


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True, coerce_numbers_to_str=True)


class _Ours(_Part):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _Tag(_Part):
    category: str = Field(min_length=1)
    tag: str = Field(min_length=1)


class _OurAnswer(_Ours):
    knock_out: bool = False


class _Answer(_Part):
    order: int = Field(default=0, ge=0)
    text: str = Field(min_length=1)
    risk: str = Field(pattern=r"^(red|yellow|green|unknown)$")
    rationale: str = ""
    mitigation: str = ""
    applyTags: tuple[_Tag, ...] = ()  # noqa: N815 - Konveyor's names, as below
    autoAnswerFor: tuple[_Tag, ...] = ()  # noqa: N815
    unless: _OurAnswer = _OurAnswer()


class _OurQuestion(_Ours):
    id: str = Field(default="", pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$")
    weight: int = Field(default=1, ge=1, le=100)
    required: bool = True
    evidence: str = ""


class _Question(_Part):
    order: int = Field(default=0, ge=0)
    text: str = Field(min_length=1)
    explanation: str = ""
    includeFor: tuple[_Tag, ...] = ()  # noqa: N815
    excludeFor: tuple[_Tag, ...] = ()  # noqa: N815
    answers: tuple[_Answer, ...]
    unless: _OurQuestion = _OurQuestion()


class _Section(_Part):
    order: int = Field(default=0, ge=0)
    name: str = ""
    questions: tuple[_Question, ...]


class _Thresholds(_Part):
    red: int = Field(ge=1, le=100)
    yellow: int = Field(ge=1, le=100)
    unknown: int = Field(ge=1, le=100)


class _Messages(_Part):
    red: str = ""
    yellow: str = ""
    green: str = ""
    unknown: str = ""


class _OurFile(_Ours):
    red: str = Field(default="condition", pattern=r"^(condition|blocks)$")
    source: str = ""
    holds_days: int = Field(default=730, ge=1, le=3660)


class _File(_Part):
    name: str = Field(min_length=1)
    description: str = ""
    required: bool = False
    sections: tuple[_Section, ...]
    thresholds: _Thresholds
    riskMessages: _Messages = _Messages()  # noqa: N815
    unless: _OurFile = _OurFile()


def read_questionnaire(file: Path, shown: str) -> Questionnaire:
    """The questionnaire of a file; its id is the file's name.

    Raises MigrationError with every mistake: where it is, what it is and what to do.
    """
    held: Any = read_yaml(file, shown)
    if not isinstance(held, dict):
        raise MigrationError(f"{shown}: holds no questionnaire. Begin it with name, sections and thresholds, as Konveyor's template does.")
    try:
        parsed = _File.model_validate(held)
    except ValidationError as wrong:
        faults = (
            f"{shown}{_where(e['loc'], cast('object', held))}: {_what(e['type'], e['msg'], e.get('ctx', {}))}. Correct it."
            for e in wrong.errors()
        )
        raise MigrationError(*faults) from wrong
    made = _questionnaire(file.stem, parsed)
    if faults := list(_faults(made, shown)):
        raise MigrationError(*faults)
    return made


def read_questionnaires(folder: Path | None, shown: str = "questionnaires") -> dict[str, Questionnaire]:
    """Those that ship with the toolkit and those of the council's folder, by id; a council's own goes before ours of the same name.

    Raises MigrationError with every mistake of every file.
    """
    files = {p.stem: (p, p.name) for p in sorted(FOLDER.glob("*.yaml"))}
    if folder is not None and folder.is_dir():
        files |= {p.stem: (p, f"{shown}/{p.name}") for p in sorted(p for e in ("*.yaml", "*.yml") for p in folder.glob(e))}
    made: dict[str, Questionnaire] = {}
    faults: list[str] = []
    for identity, (file, name) in sorted(files.items()):
        try:
            made[identity] = read_questionnaire(file, name)
        except MigrationError as wrong:
            faults += wrong.faults
    if faults:
        raise MigrationError(*faults)
    return made


def _questionnaire(identity: str, held: _File) -> Questionnaire:
    messages = cast("dict[str, str]", held.riskMessages.model_dump())
    return Questionnaire(
        id=identity,
        name=held.name,
        description=held.description,
        required=held.required,
        sections=tuple(Section(s.name, tuple(_question(q) for q in _ordered(s.questions))) for s in _ordered(held.sections)),
        thresholds=Thresholds(held.thresholds.red, held.thresholds.yellow, held.thresholds.unknown),
        messages=tuple((Risk(risk), text) for risk, text in messages.items()),
        red_blocks=held.unless.red == "blocks",
        source=held.unless.source,
        holds_days=held.unless.holds_days,
    )


def _ordered(parts: Sequence[Any]) -> list[Any]:
    return sorted(parts, key=lambda p: p.order)


def _question(held: _Question) -> Question:
    ours = held.unless
    return Question(
        id=ours.id or slug(held.text),
        text=held.text,
        choices=tuple(_choice(a) for a in _ordered(held.answers)),
        explanation=held.explanation,
        weight=ours.weight,
        required=ours.required,
        evidence=ours.evidence,
        include_for=_tags(held.includeFor),
        exclude_for=_tags(held.excludeFor),
    )


def _choice(held: _Answer) -> Choice:
    tags, answers = _tags(held.applyTags), _tags(held.autoAnswerFor)
    return Choice(held.text, Risk(held.risk), held.rationale, held.mitigation, held.unless.knock_out, tags, answers)


def _tags(held: tuple[_Tag, ...]) -> tuple[Tag, ...]:
    return tuple(Tag(t.category, t.tag) for t in held)


def slug(text: str) -> str:
    """A text as an id: its letters and digits in small, joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "question"


def _faults(made: Questionnaire, shown: str) -> Iterator[str]:
    """What pydantic cannot see: empty parts, questions that stand twice, and rules that contradict one another."""
    if not made.sections:
        yield f"{shown}: has no section. Add one."
    for section in made.sections:
        if not section.questions:
            yield f"{shown}, section {section.name}: has no question. Add one, or take the section out."
    for identity, times in Counter(q.id for q in made.questions()).items():
        if times > 1:
            yield f"{shown}: {times} questions have the id {identity}. Give each an id of its own: unless: {{id: …}}."
    for question in made.questions():
        yield from _faults_of(question, made, f"{shown}, question {question.id}")


def _faults_of(q: Question, made: Questionnaire, where: str) -> Iterator[str]:
    if not q.choices:
        yield f"{where}: has no answers to choose from. Add them."
    if q.include_for and q.exclude_for:
        yield f"{where}: has includeFor and excludeFor. Keep one of the two."
    for text, times in Counter(" ".join(c.text.split()).casefold() for c in q.choices).items():
        if times > 1:
            yield f"{where}: the answer {text!r} stands {times} times. Keep one."
    if not q.required and (q.can_knock_out or (made.red_blocks and any(c.risk is Risk.RED for c in q.choices))):
        yield f"{where}: an answer of it can stop the move, so it must be required. Take out required: false, or the knock-out."
    for c in q.choices:
        if c.knock_out and c.risk is not Risk.RED:
            yield f"{where}, answer {c.text!r}: is a knock-out, so its risk is red, not {c.risk.value}. Correct one of the two."


_SAID: Final = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such key",
    "string_pattern_mismatch": "it does not match {pattern}",
    "greater_than_equal": "it must be {ge} or more",
    "less_than_equal": "it must be {le} or less",
    "string_too_short": "it is empty",
    "int_parsing": "it is not a whole number",
    "int_type": "it is not a whole number",
    "bool_parsing": "it is neither true nor false",
    "string_type": "it is not text",
    "tuple_type": "it is not a list",
    "model_type": "it has no keys of its own",
}


def _what(kind: str, told: str, limits: Mapping[str, object]) -> str:
    return _SAID.get(kind, told.rstrip(".")).format(**limits)


def _where(place: Sequence[int | str], held: object) -> str:
    """The place of a mistake in words: sections and questions by number and text, then the key."""
    said, at = "", held
    for step in place:
        at = _inside(at, step)
        if isinstance(step, int):
            name = next((str(cast("dict[str, object]", at)[k]) for k in ("name", "text") if isinstance(at, dict) and k in at), "")
            said += f" {step + 1}" + (f" ({name[:60]})" if name else "")
        else:
            said += f", {step}"
    return said


def _inside(held: Any, step: int | str) -> object:
    try:
        return held[step]
    except (KeyError, IndexError, TypeError):  # a key that is missing is what the mistake is about
        return None
