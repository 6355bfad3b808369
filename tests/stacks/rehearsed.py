"""What a rehearsal of one stack left, for tests to look at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rehearsal import Preview, rehearse

ROOT = Path(__file__).parents[2]
REQUESTS = {"requests": "tests/cases/stacks-requests/good", "mysql_password": "only-for-rehearsal-0123"}

PARTS = {
    "requests": "tests/cases/stacks-requests/parts",
    "addresses": json.dumps({"range": "10.101.0.0/16", "networks": {"portal": "10.101.2.0/23"}}),
}


@dataclass(frozen=True)
class Rehearsed:
    """A preview with the file of its state, so that a test can rehearse again upon it."""

    preview: Preview
    state: Path

    @property
    def states(self) -> list[Mapping[str, Any]]:
        """Every resource's state."""
        return [s.new for s in self.preview.steps if s.new is not None]

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the stack exports."""
        return cast("Mapping[str, Any]", self.preview.outputs or {})

    def of(self, type_: str) -> list[Mapping[str, Any]]:
        """States of one type."""
        return [s for s in self.states if s["type"] == type_]

    def inputs(self, type_: str) -> list[dict[str, Any]]:
        """Inputs of one type's resources."""
        return [cast("dict[str, Any]", s["inputs"]) for s in self.of(type_)]

    def again(self, config: Mapping[str, str] | None = None) -> Preview:
        """What would change."""
        return rehearse(ROOT, self.preview.stack, self.state, config=config, preview_only=True)
