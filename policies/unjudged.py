"""What was read and not judged: resources of packages that no control knows, and files of which no control could say anything.

A check that says nothing of them would look like a pass, so each is a sentence, and the check cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from policies.model import Judgement, Subject, Verdict
from policies.read.recognise import Reading

# Packages whose resources have controls by type, or hold nothing that anybody could reach.
_KNOWN: Final = frozenset({"azure-native", "azuread", "pulumi", "cloud-unless", "random", "time"})
_NAMED: Final = 3


def says(judgement: Judgement) -> bool:
    """Whether it says anything of its subject: what does not apply says nothing."""
    return judgement.answer.verdict is not Verdict.NOT_APPLICABLE


def not_judged(readings: Iterable[Reading], judgements: Iterable[Judgement]) -> tuple[str, ...]:
    """A sentence for each package of a file that no control knows, and for each file whose resources met no telling control."""
    told = {j.subject.id for j in judgements if says(j)}
    return tuple(sentence for reading in readings for sentence in _of(reading, told))


def _of(reading: Reading, told: set[str]) -> Iterator[str]:
    yield from reading.unread
    resources = [s for s in reading.subjects if s.kind == "resource"]
    strange = sorted({_package(s) for s in resources if not s.is_component} - _KNOWN)
    for package in strange:
        held = [s for s in resources if _package(s) == package]
        yield (
            f"{reading.name}: {_counted(held)} of the package {package} ({_types(held)}) not judged: no control is made for that package. "
            "Judge them by other means, or build them with azure-native."
        )
    if resources and not strange and not any(s.id in told for s in resources):
        yield f"{reading.name}: {_counted(resources)} ({_types(resources)}) not judged: no control says anything of such resources."


def _package(subject: Subject) -> str:
    """The package of a type token; `arm` is what Azure has and azure-native has not."""
    return subject.type.split(":", maxsplit=1)[0]


def _counted(held: Sequence[Subject]) -> str:
    return f"{len(held)} resource{'' if len(held) == 1 else 's'}"


def _types(held: Sequence[Subject]) -> str:
    types = sorted({s.type for s in held})
    return ", ".join(types[:_NAMED]) + (f" and {len(types) - _NAMED} more types" if len(types) > _NAMED else "")
