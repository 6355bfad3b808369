"""The state before: which of its resources is meant, which are no longer asked for, which must go with another."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from rehearsal import diff, urns
from rehearsal.registration import Registration
from rehearsal.state import State

NameOf = Callable[[str, str, str], str]


class Former:
    """The resources of the last checkpoint, each taken by at most one registration."""

    def __init__(self, resources: Iterable[State]) -> None:
        """Hold them in their order: each stands after what it depends on."""
        self._held = {r.urn: r for r in resources}
        self._versionless = {urns.versionless(u): u for u in self._held}
        self._taken: set[str] = set()
        self._moved: dict[str, str] = {}

    def take(self, urn: str, asked: Registration, name_of: NameOf) -> State | None:
        """The state of the resource that is asked for, under whichever name it was known, or None."""
        for candidate in self._candidates(urn, asked, name_of):
            if candidate in self._held and candidate not in self._taken:
                self._taken.add(candidate)
                if candidate != urn:
                    self._moved[urn] = candidate
                return self._held[candidate]
        return None

    def _candidates(self, urn: str, asked: Registration, name_of: NameOf) -> Iterator[str]:
        """Its own name, its aliases, names under its parent's former name, its type in another API version."""
        yield urn
        yield from asked.aliases
        if parent := self._moved.get(asked.parent):
            yield name_of(parent, asked.type, asked.name)
            after = asked.name.removeprefix(urns.name_of(asked.parent))
            yield name_of(parent, asked.type, urns.name_of(parent) + after)
        if known := self._versionless.get(urns.versionless(urn)):
            yield known

    def left(self, also: Container[str] = ()) -> tuple[State, ...]:
        """What nobody asked for, and what `also` names by URN; what stands on others first."""
        return tuple(r for r in reversed(self._held.values()) if r.urn not in self._taken or r.urn in also)

    def standing_on(self, replaced: State, fixed: Callable[[State], Iterable[str]]) -> dict[str, tuple[str, ...]]:
        """What must be deleted before `replaced` can be, in the order of making, with the properties that say so.

        As in Pulumi: what depends on it, or on another such one, through a property that cannot be changed in place.
        `fixed` gives those properties.
        """
        gone: dict[str, tuple[str, ...]] = {replaced.urn: ()}
        for state in self._held.values():
            if state.urn in gone or not state.custom:
                continue
            heads = {str(diff.parsed(p)[0]) for p in fixed(state)}
            because = tuple(k for k, on in state.property_dependencies.items() if k in heads and gone.keys() & set(on))
            if because:
                gone[state.urn] = because
        del gone[replaced.urn]
        return gone

    def get(self, urn: str) -> State:
        """The state of one that is held."""
        return self._held[urn]
