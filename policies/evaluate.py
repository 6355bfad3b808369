"""The one evaluator: every control over every subject of its types, in three values, in one stable order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from policies.answers import ask, cannot_tell
from policies.model import Answer, Control, Judgement, Portfolio, Subject, Verdict
from policies.register import Register
from policies.waivers import waive_all


def judge_all(
    subjects: Iterable[Subject], controls: Sequence[Control], register: Register, on: date, known: Sequence[Control] = ()
) -> tuple[Judgement, ...]:
    """Judge the subjects and the register's own entries; overlay its waivers of that day.

    `known` are further controls that exceptions may name.

    The order of subjects and controls makes no difference: the answer is sorted by control, then subject.
    """
    held = sorted((*subjects, *register.subjects), key=lambda s: (s.type, s.id))
    portfolio = Portfolio(tuple(held), on, {c.id: c.severity for c in (*controls, *known)})
    return waive_all(evaluate(portfolio, controls), register, on)


def evaluate(portfolio: Portfolio, controls: Sequence[Control]) -> tuple[Judgement, ...]:
    """Every control's answer for every subject of its types, sorted by control id and subject id, nothing waived."""
    judgements = (
        Judgement(control, subject, judge_one(control, subject, portfolio))
        for control in controls
        for subject in subjects_of(control, portfolio)
    )
    return tuple(sorted(judgements, key=lambda j: (j.control.id, j.subject.id)))


def subjects_of(control: Control, portfolio: Portfolio) -> Iterator[Subject]:
    """The subjects that a control is about, each once."""
    for type_, held in portfolio.by_type.items():
        if any(matches(type_, wanted) for wanted in control.types):
            yield from held


def matches(type_: str, wanted: str) -> bool:
    """Whether a type is the one wanted, or begins as wanted where that ends in `*`; a lone `*` is every resource."""
    if wanted == "*":
        return ":" in type_
    return type_ == wanted or (wanted.endswith("*") and type_.startswith(wanted[:-1]))


def judge_one(control: Control, subject: Subject, portfolio: Portfolio) -> Answer:
    """One control's answer for one subject. Whatever a control does, the answer is a verdict and never a lost run.

    A control that would end the program has failed like any other; only a person's Ctrl-C ends a run.
    """
    try:
        answer = ask(lambda: control.judge(subject, portfolio))
    except KeyboardInterrupt:
        raise
    except BaseException as wrong:  # a control's own mistake must be neither a pass nor a lost run
        return cannot_tell(f"Could not tell: control {control.id} failed ({type(wrong).__name__}). Report it to its author.")
    if not _is_sound(answer):
        return cannot_tell(f"Could not tell: control {control.id} gave no verdict. Report it to its author.")
    if answer.verdict is Verdict.UNKNOWN and answer.path:
        return _with_reason(_with_awaited(answer, subject, portfolio), subject)
    return answer


def _is_sound(answer: object) -> bool:
    """Whether it is an answer through and through: a control from elsewhere may give anything."""
    return (
        isinstance(answer, Answer)
        and isinstance(answer.verdict, Verdict)  # pyright: ignore[reportUnnecessaryIsInstance]
        and isinstance(answer.reason, str)  # pyright: ignore[reportUnnecessaryIsInstance]
        and isinstance(answer.path, str)  # pyright: ignore[reportUnnecessaryIsInstance]
    )


def _with_awaited(answer: Answer, subject: Subject, portfolio: Portfolio) -> Answer:
    first = answer.path.split(".")[0].split("[")[0]
    names = sorted(portfolio.by_id[u].name if u in portfolio.by_id else u for u in subject.waits_on.get(first, ()) if u)
    if not names:
        return answer
    return Answer(answer.verdict, f"{answer.reason} It waits on {', '.join(names)}.", answer.path)


def _with_reason(answer: Answer, subject: Subject) -> Answer:
    """The answer with why the place that it looked at, or what that is in, is unknown, where the file told."""
    held = subject.unknown_because
    places = [p for p in held if not p or answer.path == p or answer.path.startswith((f"{p}.", f"{p}["))]
    if not places:
        return answer
    return Answer(answer.verdict, f"{answer.reason} In {answer.path}: {held[max(places, key=len)]}.", answer.path)
