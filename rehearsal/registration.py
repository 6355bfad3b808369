"""What a program asks of the engine and what it is answered, free of the protocol."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.cloud import Cloud
from rehearsal.project import Configuration
from rehearsal.references import StackOutputs


@dataclass(frozen=True, slots=True)
class Registration:
    """A resource with its options, as a program asks for it.

    `provider` is a reference (URN::ID) or empty for the default one; `delete_before_replace` is None when not said;
    `custom_timeouts` are seconds; `source_position` is `project:///FILE#LINE`.
    """

    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    version: str = ""
    protect: bool = False
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    delete_before_replace: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: dict[str, float] = field(default_factory=dict[str, float])
    aliases: tuple[str, ...] = ()
    import_id: str = ""
    retain_on_delete: bool = False
    deleted_with: str = ""
    source_position: str = ""

    @property
    def told(self) -> str:
        """Where and what it is, for a sentence."""
        place = re.sub(r"^project:///(.*)#(\d+).*$", r"\1, line \2: ", self.source_position)
        return f"{place}{self.type} {self.name}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answers: the URN, the id (empty when unknown) and the outputs; `failed` when it was a fault."""

    urn: str
    id: str
    outputs: dict[str, Any]
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What a deployment is of, and how.

    `folder` is where the program runs; `preview` leaves what is not yet made unknown; `now` (ISO 8601, UTC) stamps
    what is made or changed. `cloud` is what the pretend cloud holds before.
    """

    project: str
    stack: str
    folder: Path
    configuration: Configuration
    others: StackOutputs
    preview: bool
    now: str
    cloud: Cloud
