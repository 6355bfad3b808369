"""Resources that belong to one another: a setting and its vault, a backup and its machine, a switch and its server.

A sibling refers to a subject when its property is made from it (the engine says so), or holds the subject's cloud id or the
id of something inside it, or its name. Looked up in indexes, so that ten thousand machines need no hundred million questions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from policies.answers import Judge, any_of, cannot_tell, fails, passes
from policies.model import Answer, Portfolio, Subject, UnknownValueError
from policies.places import Place, at

_Index = dict[str, list[Subject]]


def _index() -> _Index:
    return {}


@dataclass(frozen=True, slots=True)
class References:
    """Siblings by what their property refers to: URNs it is made from, ids and their beginnings, or nothing known."""

    by_urn: _Index = field(default_factory=_index)
    by_id: _Index = field(default_factory=_index)
    unknown: list[tuple[Subject, UnknownValueError]] = field(default_factory=list[tuple[Subject, UnknownValueError]])

    def to(self, subject: Subject, name: str = "") -> list[Subject]:
        """The siblings that refer to the subject, or by `name` to what the cloud calls it."""
        mine = subject.resource_id.strip("/").casefold()
        found = [*self.by_urn.get(subject.id, ()), *self.by_id.get(mine, ()), *self.by_id.get(name.casefold(), ())]
        return list({s.id: s for s in found}.values())


def references(portfolio: Portfolio, types: tuple[str, ...], path: str) -> References:
    """The references that resources of these types make by the property at `path`; after a `[]` it is one of each item's."""
    return portfolio.once(("references", types, path), lambda: _references(portfolio, types, path))


def _references(portfolio: Portfolio, types: tuple[str, ...], path: str) -> References:
    made = References()
    root = path.split(".", maxsplit=1)[0].removesuffix("[]")
    for sibling in (s for t in types for s in portfolio.by_type.get(t, ())):
        made_from = [u for u in sibling.waits_on.get(root, ()) if u]
        for urn in made_from:
            made.by_urn.setdefault(urn, []).append(sibling)
        try:
            for text in _texts(at(sibling), path):
                for beginning in _beginnings(text):
                    made.by_id.setdefault(beginning, []).append(sibling)
        except UnknownValueError as wrong:
            if not made_from:
                made.unknown.append((sibling, wrong))
    return made


def _texts(place: Place, path: str) -> list[str]:
    """The text at the path, or those at what follows its `[]` in every item of the list before it."""
    first, inside, rest = path.partition("[].")
    return [item.text(rest) for item in place.items(first)] if inside else [place.text(path)]


def _beginnings(text: str) -> Iterable[str]:
    """An id and the ids of what it is inside: a, a/b and a/b/c of /a/b/c."""
    steps = text.strip("/").casefold().split("/")
    return ("/".join(steps[: n + 1]) for n in range(len(steps))) if steps != [""] else ()


def has_sibling(
    types: Iterable[str], path: str, *, what: str, also: Callable[[Subject], Answer] = lambda s: passes(f"{s.name} does."), named: str = ""
) -> Judge:
    """Some resource of these types must refer to the subject by the property at `path`, and satisfy `also`.

    `what` names the sibling in sentences ("a diagnostic setting"). `named` is where the subject has the name that siblings know it by.
    """
    wanted = tuple(types)

    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        held = references(portfolio, wanted, path)
        lacking = fails(f"{subject.name} has no {what} of its own among the resources judged.")
        return any_of(
            [*(lambda s=s: also(s) for s in held.to(subject, at(subject).text(named) if named else "")), *unknowns(held)], lacking
        )

    return judge


def unknowns(held: References) -> list[Callable[[], Answer]]:
    """A question for each sibling that may refer to anything: it can only be answered with unknown. One is enough."""
    told = min(held.unknown, key=lambda u: (u[0].id, u[1].path), default=None)
    if told is None:
        return []
    sibling, wrong = told
    return [
        lambda: cannot_tell(f"Cannot tell: {sibling.name} may belong to it, since its {wrong.path} is unknown ({wrong.why}).", wrong.path)
    ]
