"""Answers in a word, and the three-valued `and` and `or` from which controls are made.

A known failure outweighs an unknown, and an unknown outweighs a pass: so finding out more can only clear
doubt, and making a value unknown never turns a fail into a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from policies.model import Answer, Portfolio, Subject, UnknownValueError, Verdict

Judge = Callable[[Subject, Portfolio], Answer]
Question = Callable[[], Answer]

_WEIGHT: Final = {Verdict.FAIL: 3, Verdict.UNKNOWN: 2, Verdict.PASS: 1, Verdict.NOT_APPLICABLE: 0}


def passes(reason: str, path: str = "") -> Answer:
    """The demand is met."""
    return Answer(Verdict.PASS, reason, path)


def fails(reason: str, path: str = "") -> Answer:
    """The demand is broken."""
    return Answer(Verdict.FAIL, reason, path)


def not_applicable(reason: str) -> Answer:
    """The demand does not concern this subject."""
    return Answer(Verdict.NOT_APPLICABLE, reason)


def cannot_tell(reason: str, path: str = "") -> Answer:
    """The demand may be met or broken."""
    return Answer(Verdict.UNKNOWN, reason, path)


def ask(question: Question) -> Answer:
    """The question's answer; an unknown value on the way is the answer unknown."""
    try:
        return question()
    except UnknownValueError as unknown:
        return cannot_tell(f"Cannot tell: {unknown.path or 'a value'} is unknown ({unknown.why}).", unknown.path)


def all_of(questions: Iterable[Question], otherwise: Answer) -> Answer:
    """The worst of the answers (fail, unknown, pass, not applicable); `otherwise` when nothing was asked.

    Among equals the first by reason and path, so that the order of the questions does not matter.
    """
    answers = [ask(q) for q in questions]
    if not answers:
        return otherwise
    return min(answers, key=lambda a: (-_WEIGHT[a.verdict], a.path, a.reason))


def any_of(questions: Iterable[Question], otherwise: Answer) -> Answer:
    """Pass when one answer passes, else unknown when one is unknown, else `otherwise`: for siblings that must exist."""
    answers = [ask(q) for q in questions]
    for verdict in (Verdict.PASS, Verdict.UNKNOWN):
        found = [a for a in answers if a.verdict is verdict]
        if found:
            return min(found, key=lambda a: (a.path, a.reason))
    return otherwise


def some(tests: Iterable[Callable[[], bool]]) -> bool:
    """Whether any test holds. Raises the first test's UnknownValueError when none is known to hold and one is unknown."""
    unknown: UnknownValueError | None = None
    for test in tests:
        try:
            if test():
                return True
        except UnknownValueError as wrong:
            unknown = unknown if unknown is not None and unknown.path <= wrong.path else wrong
    if unknown is not None:
        raise unknown
    return False


def both(*judges: Judge) -> Judge:
    """A control that makes every one of these demands."""

    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        return all_of([lambda j=j: j(subject, portfolio) for j in judges], not_applicable("Nothing is demanded."))

    return judge
