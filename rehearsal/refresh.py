"""What the pretend cloud says of what a stack's state holds: the state brought up to date, or the drift told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from rehearsal import diff, urns
from rehearsal.checkpoint import Checkpoint
from rehearsal.cloud import Cloud, lives_in_cloud
from rehearsal.record import Record
from rehearsal.state import State
from rehearsal.values import signature


@dataclass(frozen=True, slots=True)
class Drift:
    """A resource whose state and cloud differ. `kind` is changed or gone, `paths` what differs, `by` who did it, as far as known."""

    urn: str
    id: str
    kind: str
    paths: tuple[str, ...]
    by: str
    at: str

    @property
    def told(self) -> str:
        """The drift in a sentence."""
        who = f"by {self.by}" if self.by else "by nobody knows whom"
        when = f" on {self.at[:10]}" if self.at else ""
        what = "is gone, deleted" if self.kind == "gone" else f"differs in {', '.join(self.paths)}, changed"
        return f"{urns.type_of(self.urn)} {urns.name_of(self.urn)} {what} {who}{when}."


def refreshed(before: Checkpoint, cloud: Cloud) -> tuple[Record, tuple[Drift, ...]]:
    """The steps of a refresh and the state after them, with the drift that they found. Nothing is asked of the program."""
    record = Record(before.salt)
    drifts: list[Drift] = []
    parents: dict[str, str] = {}
    for old in before.resources:
        state, found, drift = _looked_at(old, cloud)
        if drift:
            drifts.append(drift)
        if state is None:
            record.add("delete", old, None)
            parents[old.urn] = parents.get(old.parent, old.parent)
            continue
        record.add("update" if found else "same", old, _undangled(state, record, parents), found)
    return record, tuple(drifts)


def _looked_at(old: State, cloud: Cloud) -> tuple[State | None, tuple[diff.Change, ...], Drift | None]:
    if not lives_in_cloud(old):
        return old, (), None
    held = cloud.get(old.id)
    if held is None:
        gone = cloud.deleted.get(old.id.lower())
        return None, (), Drift(old.urn, old.id, "gone", (), gone.changed_by if gone else "", gone.at if gone else "")
    properties = dict(held.properties)
    found = tuple(diff.changes(old.outputs, properties))
    if not found:
        return old, (), None
    state = replace(old, outputs=properties, inputs=as_inputs(old.inputs, old.outputs, properties))
    return state, found, Drift(old.urn, old.id, "changed", tuple(diff.written(c.path) for c in found), held.changed_by or held.by, held.at)


def as_inputs(inputs: Mapping[str, Any], outputs: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that would have made the properties `now`, given those that made `outputs`.

    What was given and did not change stays as it was given; what nobody gave and the cloud always had is no input.
    """
    absent = [k for k in inputs if k not in outputs]  # parts of the id, which Azure's answer does not repeat
    return {**{k: inputs[k] for k in absent}, **_of_object(inputs, outputs, now)}


def _of_object(inputs: Mapping[str, Any], outputs: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    wanted = [k for k in now if k in inputs or k not in outputs]
    return {k: _as_input(inputs.get(k), outputs.get(k), now[k]) for k in wanted}


def _as_input(given: Any, was: Any, now: Any) -> Any:
    if was == now:
        return given
    if all(isinstance(v, Mapping) and not signature(cast("Mapping[str, Any]", v)) for v in (given, was, now)):
        return _of_object(given, was, now)
    if all(isinstance(v, list) for v in (given, was, now)) and len(given) == len(was) == len(now):
        return [_as_input(*each) for each in zip(given, was, now, strict=True)]
    return now


def _undangled(state: State, record: Record, parents: Mapping[str, str]) -> State:
    """The state without mention of what is gone, as Pulumi repairs one after a refresh."""
    there = record.states
    parent = parents.get(state.parent, state.parent)
    properties = {k: [u for u in on if u in there] for k, on in state.property_dependencies.items()}
    return replace(
        state,
        parent=parent,
        dependencies=tuple(d for d in state.dependencies if d in there),
        property_dependencies={k: on for k, on in properties.items() if on},
        deleted_with=state.deleted_with if state.deleted_with in there else "",
    )
