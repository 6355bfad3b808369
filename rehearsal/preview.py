"""What a rehearsal found: steps, diagnostics, outputs; and its form as `pulumi preview --json` prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.urns import name_of, type_of

LOGICAL = ("same", "create", "update", "replace", "delete", "read", "import")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A message of the program or the engine. `severity` is info, warning or error."""

    severity: str
    message: str
    urn: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a preview's diagnostic."""
        held = {"urn": self.urn, "message": self.message, "severity": self.severity}
        return {k: v for k, v in held.items() if v}


@dataclass(frozen=True, slots=True)
class Violation:
    """What a policy pack says of a resource, or of the whole stack (`urn` is empty). One that `stops` keeps anything from being done."""

    pack: str
    version: str
    policy: str
    message: str
    urn: str = ""
    stops: bool = False
    severity: str = ""

    @property
    def diagnostic(self) -> Diagnostic:
        """As a message of the run, with what Pulumi shows beside it."""
        about = f" ({type_of(self.urn)}: {name_of(self.urn)})" if self.urn else ""
        level, graded = "mandatory" if self.stops else "advisory", f", {self.severity}" if self.severity else ""
        head = f"{self.pack}@v{self.version} [{level}{graded}] {self.policy}{about}"
        return Diagnostic("error" if self.stops else "warning", "\n  ".join((head, *self.message.splitlines())), self.urn)


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on one resource. `old` and `new` are its states as a checkpoint writes them, secrets sealed.

    `op` is same, create, update, replace, create-replacement, delete-replaced, delete, read or import.
    `detailed_diff` is from property paths to kinds (add, delete, update, each perhaps with `-replace`).
    """

    op: str
    urn: str
    provider: str = ""
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    diff_reasons: tuple[str, ...] = ()
    replace_reasons: tuple[str, ...] = ()
    detailed_diff: Mapping[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """As a preview's step."""
        held: dict[str, Any] = {
            "op": self.op,
            "urn": self.urn,
            "provider": self.provider,
            "oldState": self.old,
            "newState": self.new,
            "diffReasons": list(self.diff_reasons),
            "replaceReasons": list(self.replace_reasons),
        }
        kinds = self.detailed_diff
        detailed = None if kinds is None else {p: {"kind": k, "inputDiff": True} for p, k in kinds.items()}
        return {k: v for k, v in held.items() if v} | {"detailedDiff": detailed}


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole of one rehearsal. `outputs` are the stack's, secrets hidden; `seconds` is how long it took.

    `violations` are what policy packs found; each is among the `diagnostics` too.
    """

    project: str
    stack: str
    steps: tuple[Step, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    outputs: Mapping[str, Any] | None = None
    config: Mapping[str, str] | None = None
    seconds: float = 0.0
    violations: tuple[Violation, ...] = ()

    @property
    def summary(self) -> dict[str, int]:
        """How many of each operation, as Pulumi counts: a replacement once."""
        counted = Counter(s.op for s in self.steps if s.op in LOGICAL)
        return {op: counted[op] for op in LOGICAL if counted[op]}

    @property
    def has_changes(self) -> bool:
        """Whether anything would be made, changed or removed."""
        return any(op not in ("same", "read") for op in self.summary)

    @property
    def faults(self) -> tuple[str, ...]:
        """The messages of every error."""
        return tuple(d.message for d in self.diagnostics if d.severity == "error")

    def to_json(self) -> dict[str, Any]:
        """The shape of `pulumi preview --json --show-sames`; the duration is in nanoseconds, as there."""
        return {
            "config": dict(self.config or {}),
            "steps": [s.to_json() for s in self.steps],
            "diagnostics": [d.to_json() for d in self.diagnostics],
            "duration": round(self.seconds * 1e9),
            "changeSummary": self.summary,
        }
