"""What a questionnaire asks of one workload, and what is answered: by a person, else by the inventory, else by nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inventory.model import Estate, Fault, Workload
from migration.questionnaires.answers import Given, Sheet
from migration.questionnaires.model import Choice, Question, Risk, Tag
from migration.questionnaires.tags import Fact, facts_of
from migration.terms import Terms


@dataclass(frozen=True, slots=True)
class Reply:
    """A question that is asked, with the answer that counts (None: nobody has answered).

    `given` is set where a person answered, else `by` is what the inventory answered from. `contradicts` is the inventory's own answer
    where a person gave another. It is `refused` where the file says something that is wrong.
    """

    section: str
    question: Question
    choice: Choice | None = None
    given: Given | None = None
    by: Fact | None = None
    contradicts: Choice | None = None
    refused: bool = False

    @property
    def risk(self) -> Risk:
        """The risk of the answer; unknown where there is none."""
        return self.choice.risk if self.choice else Risk.UNKNOWN

    @property
    def evidence(self) -> tuple[str, ...]:
        """Who or what answered, on which day and evidence, each a line."""
        if self.given:
            proof = f", evidence: {self.given.evidence}" if self.given.evidence else ""
            return (f"{self.question.id}: answered by {self.given.by} on {self.given.on}{proof}",)
        return (f"{self.question.id}: answered by the inventory, {self.by.whence}",) if self.by else ()


def replies(sheet: Sheet, workload: Workload, estate: Estate, terms: Terms) -> tuple[Reply, ...]:
    """Every question that the sheet's questionnaire asks of the workload, in order."""
    facts = (*facts_of(workload, estate, terms), *(Fact(t, f"stated in {sheet.file}") for t in sheet.tags))
    return replies_of(sheet, facts)


def replies_of(sheet: Sheet, facts: Iterable[Fact]) -> tuple[Reply, ...]:
    """As `replies`, for facts that are at hand."""
    by_tag = {f.tag.key: f for f in facts}
    return tuple(
        Reply(s.name, q, refused=True) if q.id in sheet.refused else _reply(s.name, q, sheet.given.get(q.id), by_tag)
        for s in sheet.questionnaire.sections
        for q in s.questions
        if _is_asked(q, by_tag)
    )


def contradictions(sheet: Sheet, asked: Iterable[Reply]) -> tuple[Fault, ...]:
    """Where a person and the inventory differ. The person's answer counts; one of the two has to be mended."""
    remedy = "Correct the answer, or the register. Until then the answer counts."
    return tuple(
        Fault(
            sheet.file,
            f"{r.question.id}: {r.given.by} answered {r.given.answer!r}; by the inventory it is {r.contradicts.text!r} ({r.by.whence}).",
            remedy,
            column="answer",
        )
        for r in asked
        if r.given and r.contradicts and r.by
    )


def not_asked(sheet: Sheet, asked: Iterable[Reply]) -> tuple[Fault, ...]:
    """Answers to questions that are not asked of this workload: they count for nothing."""
    ids = {r.question.id for r in asked}
    return tuple(
        Fault(sheet.file, f"{i}: It is not asked of {sheet.workload_id}, so the answer counts for nothing.", "Take the answer out.")
        for i in sheet.given
        if i not in ids
    )


def _is_asked(question: Question, held: dict[tuple[str, str], Fact]) -> bool:
    if question.include_for:
        return any(t.key in held for t in question.include_for)
    return not any(t.key in held for t in question.exclude_for)


def _reply(section: str, question: Question, given: Given | None, held: dict[tuple[str, str], Fact]) -> Reply:
    auto = next(((c, held[t.key]) for c in question.choices for t in _sorted(c.auto_answer_for) if t.key in held), None)
    if given is None:
        return Reply(section, question, auto[0] if auto else None, None, auto[1] if auto else None)
    choice = question.choice(given.answer)
    differs = auto is not None and auto[0] != choice
    return Reply(section, question, choice, given, auto[1] if auto else None, auto[0] if auto and differs else None)


def _sorted(tags: tuple[Tag, ...]) -> list[Tag]:
    return sorted(tags)
