"""Common shapes of a control: a property that must have one of certain values, a reference that must be made.

What an absent property means is Azure's documented default; each control gives it as `default`.
"""

from __future__ import annotations

from policies.answers import Judge, fails, passes
from policies.model import Answer, Portfolio, Subject, UnknownValueError
from policies.places import at, same


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


def number_is_at_least(path: str, least: float, *, default: float, unit: str) -> Judge:
    """A number must be no smaller than `least`; absent it counts as `default`. `unit` completes the sentence."""

    def judge(subject: Subject, _: Portfolio) -> Answer:
        found = at(subject).number(path)
        said = f"{path} is {found:g} {unit}" if found is not None else f"{path} is not set, which means {default:g} {unit}"
        met = (default if found is None else found) >= least
        return passes(f"{said}.", path) if met else fails(f"{said}; it must be at least {least:g}.", path)

    return judge


def is_made(subject: Subject, path: str) -> bool:
    """Whether a reference is made at `path`: to something that is, or to a resource that deployment will make.

    Raises UnknownValueError when it is unknown and nothing says what it is made from: it may turn out empty.
    """
    try:
        return at(subject).has(path)
    except UnknownValueError:
        if subject.waits_on.get(path.split(".", maxsplit=1)[0]):
            return True
        raise


def _word(flag: bool) -> str:
    return "true" if flag else "false"
