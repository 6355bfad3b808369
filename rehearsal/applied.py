"""A deployment's steps applied to the pretend cloud, one after the other, by the cloud's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from rehearsal import cloud, diff, pending, rules, urns
from rehearsal.checkpoint import Checkpoint
from rehearsal.cloud import Cloud, Held
from rehearsal.lock import waiting
from rehearsal.preview import Diagnostic, Step
from rehearsal.rules import References
from rehearsal.values import UNKNOWN

_CREATES = ("create", "create-replacement")
_DELETES = ("delete", "delete-replaced")
_NAMED = 5


class Applied:
    """What a run of the stack `by` at the time `at` (ISO 8601) does to the cloud; `faults` and `warnings` are by URN."""

    def __init__(self, before: Cloud, by: str, at: str, references: References | None = None) -> None:
        """Start from the cloud as it is; it is changed in place, and so are its `references`, when they are known already."""
        self._cloud, self._by, self._at = before, by, at
        self._references = references
        self._keys: dict[tuple[str, ...], str] = {}
        self.faults: list[tuple[str, str]] = []
        self.warnings: list[tuple[str, str]] = []

    def follow(self, steps: Sequence[Step]) -> None:
        """Apply every step."""
        going = {s.urn for s in steps if s.op in _DELETES}
        for step in steps:
            if step.op in _DELETES and step.old and _in_cloud(step.old):
                self._delete(step.urn, step.old, going)
            elif step.new and _in_cloud(step.new):
                self._make(step)

    def _make(self, step: Step) -> None:
        new = cast("Mapping[str, Any]", step.new)
        held = Held(str(new.get("id", "")), str(new["type"]), new.get("outputs", {}), self._by, self._at)
        if not held.id or held.id == UNKNOWN:
            return  # a preview: the cloud would choose
        if step.op in _CREATES:
            wrong = rules.refused_creation(self._cloud, held, self._at) or self._twin(held)
        elif step.op == "import":
            wrong = self._wrong_import(held, new)
        elif step.op == "update":
            wrong = ""
        else:
            return
        if wrong:
            self.faults.append((step.urn, f"{rules.told(step.urn)}: {wrong}"))
            return
        for moved in rules.moved_away(self._cloud, held):
            self._remove(moved.id)
        self._cloud.put(held)
        if self._references:
            self._references.put(held)

    def _twin(self, new: Held) -> str:
        """Why the resource may not be beside another that is the same but for its name."""
        key = rules.unique_key(new)
        if not key:
            return ""
        self._keys = self._keys or {k: h.id for h in self._cloud.held.values() if (k := rules.unique_key(h))}
        twin = self._cloud.get(self._keys.setdefault(key, new.id))
        return rules.refused_twin(new, twin) if twin and rules.unique_key(twin) == key else ""

    def _wrong_import(self, new: Held, state_: Mapping[str, Any]) -> str:
        """What is imported must be described as it is. What the pretend cloud does not have is taken as described."""
        old = self._cloud.get(new.id)
        if old is None:
            return ""
        given = {k: v for k, v in cast("Mapping[str, Any]", state_.get("inputs", {})).items() if k in new.properties}
        found = diff.changes({k: old.properties.get(k) for k in given if k in old.properties}, given)
        paths = [diff.written(c.path) for c in found]
        if not paths:
            return ""
        return (
            f"it is to be imported, and {', '.join(paths)} of {new.id} in the pretend Azure are not as the program says. Make them agree."
        )

    def _delete(self, urn: str, old: Mapping[str, Any], going: set[str]) -> None:
        identity = str(old.get("id", ""))
        held = self._cloud.get(identity)
        if held is None:
            return  # somebody was there before: Azure answers that it is gone, and all is well
        if old.get("retainOnDelete"):
            self._cloud.put(Held(held.id, held.type, held.properties, self._by, self._at, kept=True))
            return
        if old.get("deletedWith") not in going:
            self._references = self._references or References(self._cloud)
            if wrong := rules.refused_deletion(self._cloud, self._references, identity, self._is_ours):
                self.faults.append((urn, f"{rules.told(urn)}: {wrong}"))
                return
            if told := rules.still_named(self._cloud, self._references, identity, self._is_ours):
                self.warnings.append((urn, told))
        self._remove(identity)

    def _remove(self, identity: str) -> None:
        if self._references:
            for held in self._cloud.below(identity):
                self._references.remove(held.id)
            self._references.remove(identity)
        self._cloud.remove(identity, self._by, self._at)

    def _is_ours(self, held: Held) -> bool:
        return held.by == self._by and not held.kept


def _in_cloud(held: Mapping[str, Any]) -> bool:
    """`cloud.lives_in_cloud` of a state as a step has it."""
    return bool(held["custom"]) and not held.get("external") and urns.package_of(str(held["type"])) != "pulumi"


def touched(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps that take something of a cloud away or replace it; each resource once."""
    found = (s for s in steps if s.op in ("delete", "replace") and s.old and _in_cloud(s.old))
    return tuple(s for s in found if not (s.op == "delete" and s.old and s.old.get("retainOnDelete")))


def too_many(steps: Sequence[Step], most: int | None) -> str:
    """The brake: a sentence when more would be deleted or replaced than `most` allows."""
    found = touched(steps)
    if most is None or len(found) <= most:
        return ""
    deleted = sum(1 for s in found if s.op == "delete")
    names = ", ".join(urns.name_of(s.urn) for s in found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
    return (
        f"This would delete {deleted} and replace {len(found) - deleted} resources ({names}), and one run may {most} at the most: "
        f"nothing was done. Look at them with --preview. If all of them shall go, say --most {len(found)}."
    )


def settle(state: Path, steps: Sequence[Step], after: Checkpoint, at: datetime, *, most: int | None, keep: bool) -> list[Diagnostic]:
    """Apply the steps of the stack `state.stem` to the pretend cloud, and write down both when all is well and `keep` says so.

    Gives what the cloud refuses, as errors, and what it warns of. `most` is the brake.
    """
    file = cloud.file_of(state)
    if keep and (told := too_many(steps, most)):
        return [Diagnostic("error", told)]
    with waiting(file):
        there = cloud.load(file)
        applied = Applied(there, state.stem, at.isoformat())
        applied.follow(steps)
        found = [Diagnostic("error", told, urn) for urn, told in applied.faults]
        if keep and not found:
            pending.promise(state, after, version("pulumi"), at)
            cloud.save(file, there)
            pending.keep(state)
            cloud.compacted(file, there)
    return [*found, *(Diagnostic("warning", told, urn) for urn, told in applied.warnings)]
