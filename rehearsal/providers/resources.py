"""What a pretend provider answers, free of the protocol: properties in and out, and the pretend cloud in its file."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from rehearsal import azure, cloud, clouds, diff, urns
from rehearsal.applied import Applied
from rehearsal.cloud import Cloud
from rehearsal.clouds import Made
from rehearsal.errors import RehearsalError
from rehearsal.lock import waiting
from rehearsal.preview import Step
from rehearsal.refresh import as_inputs
from rehearsal.rules import References
from rehearsal.sdk import shape_of
from rehearsal.seals import seal
from rehearsal.values import UNKNOWN, pretend, unknown_beyond

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """A resource as it is: what a refresh or an import takes into the state."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]


class Resources:
    """The resources of one package in the pretend cloud. Each change is judged, made and written down before it is answered."""

    def __init__(self, package: str, file: Path) -> None:
        """Answer from the file; `config` is the provider's configuration."""
        self._package, self._file = package, file
        self._lock = threading.Lock()
        self._cloud = Cloud()
        self._references: References | None = None
        self._seen: tuple[int, int] | None = None
        self.config: dict[str, Any] = {}

    def checked(self, type_: str, urn: str, old: Properties, new: Properties) -> dict[str, Any]:
        """The inputs with what the provider fills in; a name that it made up before stays."""
        parts = azure.path_inputs(type_) if self._package == "azure-native" else ()
        kept = {k: old[k] for k in parts if k in old and k not in new}
        return clouds.make(type_, urn, {**kept, **new}, self.config).inputs

    def changes(self, type_: str, old: Properties, new: Properties) -> tuple[diff.Change, ...]:
        """What differs between two inputs, and which of it makes another resource."""
        fixed = [diff.parsed(p) for p in clouds.immutable(type_)]
        found = diff.changes(dict(old), dict(new))
        return tuple(diff.Change(c.path, c.kind, any(diff.touches(f, c.path) for f in fixed)) for c in found)

    def create(self, type_: str, urn: str, inputs: Properties, *, preview: bool) -> Made:
        """Make it. In a preview what only the cloud would give is unknown, and nothing is made.

        Raises RehearsalError with what the cloud refuses.
        """
        with self._open() as there:
            made = clouds.make(type_, urn, inputs, self.config)
            while self._package != "azure-native" and there.get(made.id):  # the directory gives every object an id of its own
                made = clouds.make(type_, urn, inputs, self.config, clouds.next_id(made.id))
            if preview:
                given = {k: unknown_beyond(v, inputs[k]) if k in inputs else UNKNOWN for k, v in made.outputs.items()}
                return Made(made.inputs, "", given)
            self._apply(there, "create", urn, type_, made)
        return made

    def update(self, type_: str, urn: str, identity: str, inputs: Properties, *, preview: bool) -> Made:
        """Change it to what the inputs say."""
        with self._open() as there:
            made = clouds.make(type_, urn, inputs, self.config, identity)
            if not preview:
                self._apply(there, "update", urn, type_, Made(made.inputs, identity, made.outputs))
        return made

    def delete(self, type_: str, urn: str, identity: str) -> None:
        """Take it away; what is gone already is no fault. Raises RehearsalError with what the cloud refuses."""
        with self._open() as there:
            self._apply(there, "delete", urn, type_, Made({}, identity, {}))

    def read(self, type_: str, identity: str, inputs: Properties, outputs: Properties) -> Read | None:
        """It as it is, given the state's inputs and outputs (empty in an import), or None when it does not exist."""
        with self._open() as there:
            held = there.get(identity)
            salt = there.salt
        if held is None:
            return None
        now = cast("dict[str, Any]", _opened(dict(outputs), dict(held.properties), salt))
        return Read(as_inputs(inputs, outputs, now) if inputs or outputs else _imported(type_, identity, now), now)

    def call(self, token: str, args: Properties) -> dict[str, Any] | None:
        """What a function answers, or None."""
        with self._open() as there:
            return clouds.function(token, args, self.config, lambda i: _properties(there, i))

    @contextmanager
    def _open(self) -> Generator[Cloud]:
        """The cloud as the file has it now, alone with it."""
        with self._lock, waiting(self._file):
            if self._seen is None or self._seen != _stamp(self._file):
                self._cloud, self._references = cloud.load(self._file), None
            yield self._cloud
            self._seen = _stamp(self._file)

    def _apply(self, there: Cloud, op: str, urn: str, type_: str, made: Made) -> None:
        state: dict[str, Any] = {"type": type_, "custom": True, "id": made.id, "outputs": seal(made.outputs, there.salt)}
        if op == "delete" and self._references is None:
            self._references = References(there)
        applied = Applied(there, urns.stack_of(urn), datetime.now(UTC).isoformat(), self._references)
        applied.follow([Step(op, urn, old=state) if op == "delete" else Step(op, urn, new=state)])
        if applied.faults:
            raise RehearsalError(*(told for _, told in applied.faults))
        cloud.save(self._file, there)


def _stamp(file: Path) -> tuple[int, int] | None:
    """By which a file that somebody else changed is known."""
    if not file.is_file():
        return None
    found = file.stat()
    return found.st_ino, found.st_size


def _properties(there: Cloud, identity: str) -> Properties | None:
    held = there.get(identity)
    return pretend(dict(held.properties)) if held else None


def _opened(known: Any, sealed: Any, salt: str) -> Any:
    """What is sealed in the file, with the secrets that the state knows; one that it does not know becomes a pretend one."""
    if seal(known, salt) == sealed:
        return known
    if isinstance(known, dict) and isinstance(sealed, dict):
        held, given = cast("dict[str, Any]", known), cast("dict[str, Any]", sealed)
        return {k: _opened(held.get(k), v, salt) for k, v in given.items()}
    return pretend(sealed)


def _imported(type_: str, identity: str, outputs: Properties) -> dict[str, Any]:
    """Inputs for what has none yet: the parts of its id, and of its properties those that the type takes."""
    shape = shape_of(type_)
    taken = {k: v for k, v in outputs.items() if shape is None or k in shape.inputs}
    if urns.package_of(type_) != "azure-native":
        return taken
    return azure.fields_of(type_, identity) | {k: v for k, v in taken.items() if k not in azure.answered()}
