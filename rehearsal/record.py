"""What a deployment has done so far: its steps and the state that they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rehearsal import diff
from rehearsal.preview import Step
from rehearsal.seals import seal
from rehearsal.state import State
from rehearsal.values import secret_texts


class Record:
    """Steps in their order and resources by URN. Whatever leaves it is sealed with `salt`."""

    def __init__(self, salt: str) -> None:
        """Start empty."""
        self._salt = salt
        self._steps: list[Step] = []
        self._at: dict[str, int] = {}
        self.states: dict[str, State] = {}
        self.secret_texts: set[str] = set()

    def add(self, op: str, old: State | None, new: State | None, found: Sequence[diff.Change] = ()) -> None:
        """One more step; a `new` state takes its place among the resources."""
        about = new or old
        if about is None:
            return
        if new is not None:
            self.states[new.urn] = new
            self._at[new.urn] = len(self._steps)
        self._steps.append(
            Step(
                op=op,
                urn=about.urn,
                provider=about.provider,
                old=old.to_json() if old else None,
                new=self.sealed(new).to_json() if new else None,
                diff_reasons=_heads(found),
                replace_reasons=_heads(c for c in found if c.replaces),
                detailed_diff={diff.written(c.path): c.told for c in found} if found else None,
            )
        )

    def amend(self, state: State) -> None:
        """A resource that has its step already gets its outputs."""
        self.states[state.urn] = state
        at = self._at[state.urn]
        self._steps[at] = replace(self._steps[at], new=self.sealed(state).to_json())

    def sealed(self, state: State) -> State:
        """The state as it may be written."""
        self.secret_texts.update(secret_texts(state.inputs), secret_texts(state.outputs))
        return replace(state, inputs=seal(state.inputs, self._salt), outputs=seal(state.outputs, self._salt))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step in the order in which Pulumi would take it."""
        return tuple(self._steps)

    @property
    def resources(self) -> tuple[State, ...]:
        """The state after, sealed."""
        return tuple(self.sealed(s) for s in self.states.values())


def _heads(found: Iterable[diff.Change]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(c.path[0]) for c in found if c.path))
