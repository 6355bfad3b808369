"""However a value is spelt, a breach stays one: in other capitals, with space around it, a truth value or a number as text, or left empty.

Azure compares ids and the values of enumerations without regard to case. Every case that fails is spelt otherwise at every place in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, cast

import pytest

from policies.catalogue import all_controls, known_controls
from policies.evaluate import judge_one
from policies.model import SECRET, Portfolio, Subject, Verdict
from tests.policies.conftest import ON, Case

Path = tuple[str | int, ...]
GONE: Final = object()
CONTROLS: Final = {c.id: c for c in all_controls() if any(":" in t or t == "*" for t in c.types)}
# Without a protocol a volume has no clients, and without a kind a connection no cipher: Azure refuses both.
NOTHING_WITHOUT: Final = {"netapp-volumes-name-their-clients", "vpn-links-speak-ikev2", "vpn-links-use-strong-ciphers"}


def spellings(value: object) -> Iterator[object]:
    if value is SECRET:
        return
    if isinstance(value, str) and value:
        yield from ({value.upper(), value.lower(), f" {value} "} - {value})
    elif isinstance(value, (bool, int, float)):
        yield str(value)


def places(value: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(cast("list[Any]", value)):
            yield from places(inner, (*path, n))
    else:
        yield path, value


def with_put(held: Any, path: Path, value: object) -> Any:
    """A copy in which `value` stands at the path, or nothing where it is GONE."""
    step, rest = path[0], path[1:]
    made: Any = dict(cast("dict[str, Any]", held)) if isinstance(held, dict) else [*cast("list[Any]", held)]
    if rest or value is not GONE:
        made[step] = with_put(made[step], rest, value) if rest else value
    else:
        del made[step]
    return made


def verdict(case: Case, subjects: tuple[Subject, ...]) -> Verdict:
    return judge_one(CONTROLS[case.control], subjects[0], Portfolio(subjects, ON, {c.id: c.severity for c in known_controls()})).verdict


def lost(case: Case, which: int, change: Callable[[object], Iterator[object]]) -> Iterator[str]:
    """The places of one of a case's subjects where another spelling turns the breach into a pass, or into nothing."""
    subject = case.subjects[which]
    for path, value in places(subject.inputs):
        for other in change(value):
            spelt = replace(subject, inputs=with_put(subject.inputs, path, other))
            if verdict(case, (*case.subjects[:which], spelt, *case.subjects[which + 1 :])) in (Verdict.PASS, Verdict.NOT_APPLICABLE):
                yield f"{case.control}, {case.name}: {'.'.join(map(str, path))} as {other!r}"


@pytest.fixture(scope="module")
def failing(cases: list[Case]) -> list[Case]:
    found = [c for c in cases if c.control in CONTROLS and c.verdict is Verdict.FAIL]
    assert len(found) > 400
    return found


def test_a_breach_that_is_spelt_otherwise_stays_one(failing: list[Case]) -> None:
    assert [told for c in failing for which in range(len(c.subjects)) for told in lost(c, which, spellings)] == []


def test_an_empty_text_excuses_no_more_than_nothing_does(failing: list[Case]) -> None:
    def emptied(value: object) -> Iterator[object]:
        yield from ("",) if isinstance(value, str) and value and value is not SECRET else ()

    def left_out(value: object) -> Iterator[object]:
        yield from (GONE,) if isinstance(value, str) and value and value is not SECRET else ()

    def bare(told: str) -> str:
        return told.rpartition(" as ")[0]

    known = [c for c in failing if c.control not in NOTHING_WITHOUT]
    excused = [{bare(t) for t in lost(c, 0, emptied)} - {bare(t) for t in lost(c, 0, left_out)} for c in known]
    assert sorted(set[str]().union(*excused)) == []
