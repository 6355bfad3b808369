"""Stack references: the outputs of another stack, out of rehearsal's own state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal import checkpoint, urns
from rehearsal.values import is_secret, pretend, walk


@dataclass(frozen=True, slots=True)
class StackOutputs:
    """The states that lie in `folder`, one `STACK.json` each. `own` is the stack that asks, which need not have been rehearsed."""

    folder: Path
    own: str = ""

    def of(self, name: str) -> dict[str, Any]:
        """What a stack reference answers: name, outputs, secretOutputNames.

        `name` may be STACK, PROJECT/STACK or ORGANISATION/PROJECT/STACK. Raises LookupError, with a plain sentence,
        when that stack has not been rehearsed.
        """
        stack = name.rsplit("/", 1)[-1]
        file = self.folder / f"{stack}.json"
        if not file.is_file() and stack == self.own:
            return {"name": name, "outputs": {}, "secretOutputNames": []}
        if not file.is_file():
            raise LookupError(f"it refers to the stack {name}, which has not been rehearsed. Run: unless rehearse {stack}")
        root = next((r for r in checkpoint.load(file).resources if r.type == urns.STACK_TYPE), None)
        held: Mapping[str, Any] = root.outputs if root else {}
        secrets = sorted(k for k, v in held.items() if _has_secret(v))
        return {"name": name, "outputs": {k: pretend(v) for k, v in held.items()}, "secretOutputNames": secrets}


def _has_secret(value: Any) -> bool:
    return any(is_secret(v) for v in walk(value))
