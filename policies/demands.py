"""Common shapes of a control: a property that must have one of certain values, a reference that must be made.

What an absent property means is Azure's documented default; each control gives it as `default`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from policies.answers import Judge, fails, not_applicable, passes, some
from policies.model import Answer, Portfolio, Subject, UnknownValueError
from policies.places import Place, at, same


def flag_is(path: str, wanted: bool, *, default: bool) -> Judge:
    """A true-or-false property must be as wanted; absent it counts as `default`."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        place = at(subject)
        found = place.flag(path, default=default)
        said = f"{path} is {_word(found)}" if place.has(path) else f"{path} is not set, which means {_word(found)}"
        return passes(f"{said}.", path) if found is wanted else fails(f"{said}; it must be {_word(wanted)}.", path)

    return judge


def text_is(path: str, *wanted: str, default: str) -> Judge:
    """A text property must be one of those wanted, without regard to case; absent it counts as `default`."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        place = at(subject)
        found = place.text(path, default)
        said = f"{path} is {found}" if place.has(path) else f"{path} is not set, which means {default or 'nothing'}"
        return passes(f"{said}.", path) if same(found, *wanted) else fails(f"{said}; it must be {' or '.join(wanted)}.", path)

    return judge


def text_is_not(path: str, *unwanted: str, default: str) -> Judge:
    """A text property must be none of those unwanted, without regard to case; absent or empty it counts as `default`."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        place = at(subject)
        found = place.text(path) or default
        said = f"{path} is {found}" if place.has(path) else f"{path} is not set, which means {default or 'nothing'}"
        return fails(f"{said}; it must be something else.", path) if same(found, *unwanted) else passes(f"{said}.", path)

    return judge


def number_is_at_least(path: str, least: float, *, default: float, unit: str) -> Judge:
    """A number must be no smaller than `least`; absent it counts as `default`. `unit` completes the sentence."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        found = at(subject).number(path)
        said = f"{path} is {found:g} {unit}" if found is not None else f"{path} is not set, which means {default:g} {unit}"
        met = (default if found is None else found) >= least
        return passes(f"{said}.", path) if met else fails(f"{said}; it must be at least {least:g}.", path)

    return judge


def is_set(path: str, what: str) -> Judge:
    """Something must be set at `path`, or be made by the deployment; `what` names it. The control that asks this looks around."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        if is_made(subject, path):
            return passes(f"{subject.name} has {what}.", path)
        return fails(f"{subject.name} lacks {what}: {path} is not set.", path)

    return judge


def is_empty(path: str, what: str) -> Judge:
    """Nothing may be set at `path`; `what` says what that would be."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        if at(subject).has(path):
            return fails(f"{subject.name} has {what}: {path} must be empty.", path)
        return passes(f"{subject.name} has none of {what}.", path)

    return judge


def words_are(path: str, *allowed: str, separator: str = ";") -> Judge:
    """A text that lists words must be set and hold none but those allowed, without regard to case."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        found = [w.strip() for w in at(subject).text(path).split(separator) if w.strip()]
        if not found:
            return fails(f"{path} is not set, which allows all that Azure knows; it must be {' or '.join(allowed)}.", path)
        others = sorted(w for w in found if not same(w, *allowed))
        said = f"{path} allows {', '.join(others or found)}"
        return fails(f"{said}; it must be {' or '.join(allowed)}.", path) if others else passes(f"{said}.", path)

    return judge


def lists_none_of(path: str, *banned: str) -> Judge:
    """No text of the list at `path` may be one of those banned, without regard to case. An absent list holds none."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        items = at(subject).items(path)
        if some([lambda item=item: same(item.text(""), *banned) for item in items]):
            return fails(f"{path} holds {' or '.join(banned)}.", path)
        return passes(f"{path} does not hold {' or '.join(banned)}.", path)

    return judge


def only_where(applies: Callable[[Place], bool], why: str, judge: Judge) -> Judge:
    """The demand where `applies` holds of the inputs; elsewhere it is not applicable, and `why` says so."""

    def judged(subject: Subject, portfolio: Portfolio) -> Answer:
        return judge(subject, portfolio) if applies(at(subject)) else not_applicable(why)

    return judged


def by_type(judges: Mapping[str, Judge]) -> Judge:
    """One demand on several types that keep it in different places: the judge for each type."""

    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        return judges[subject.type](subject, portfolio)

    return judge


def is_made(subject: Subject, path: str) -> bool:
    """Whether a reference is made at `path`: to something that is, or to a resource that deployment will make.

    Raises UnknownValueError when it is unknown and nothing says what it is made from, or when what should hold it is
    unknown: it may turn out empty.
    """
    try:
        return at(subject).has(path)
    except UnknownValueError as unknown:
        if unknown.path == path and subject.waits_on.get(path.split(".", maxsplit=1)[0]):
            return True
        raise


def _word(flag: bool) -> str:
    return "true" if flag else "false"
