"""What the installed Pulumi SDK packages say of a resource type: its inputs, and what only the cloud gives.

Read from the packages' sources, never by importing them: they are large, and generated to one pattern.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_INPUT = re.compile(
    r"@_builtins\.property\n"
    r"    @pulumi\.getter(?:\(name=\"(?P<name>\w+)\"\))?\n"
    r"    def (?P<python>\w+)\(self\) -> (?P<hint>[^\n]*):\n"
    r"(?P<doc>\s+\"\"\".*?\"\"\")?",
    re.DOTALL,
)
_FORCES = re.compile(r"(forces? a new|requires? a new)[\w\s]*(resource|to be created)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shape:
    """A resource type: its inputs in the SDK's order, which are required, and which force a new resource."""

    inputs: tuple[str, ...]
    required: frozenset[str]
    forces_new: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def required_or_named(self) -> frozenset[str]:
        """Inputs that may be part of an id: required ones and the last name, which may be made up."""
        names = [i for i in self.inputs if i.endswith("Name") and i not in self.required]
        return self.required | frozenset(names)


def _source(type_: str) -> str:
    """The text of the module that defines a type, or empty when it is not installed or not found."""
    package, module, name = type_.split(":")
    found = importlib.util.find_spec(f"pulumi_{package.replace('-', '_')}")
    if not found or not found.origin:
        return ""
    snake = _snake(name)
    folder = Path(found.origin).parent
    parts = [p for p in module.split("/") if p != "index" and _snake(p.replace("-", "")) != snake]
    for file in (folder.joinpath(*parts, f"{snake}.py"), folder.joinpath(*parts[:1], f"{snake}.py")):
        if file.is_file():
            return file.read_text("utf-8")
    return ""


def _snake(name: str) -> str:
    words = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", words).lower()


@cache
def shape_of(type_: str) -> Shape | None:
    """The shape of a type by its token, or None when no installed package has it."""
    if type_.count(":") != 2:
        return None
    text = _source(type_)
    if not text:
        return None
    args, _, rest = text.partition("\n@pulumi.type_token")
    args = args.split("\nclass _", 1)[0]
    found = [(m["name"] or m["python"], m["hint"], m["doc"] or "") for m in _INPUT.finditer(args)]
    inputs = tuple(n for n, _, _ in found)
    required = frozenset(n for n, hint, _ in found if "Optional[" not in hint)
    forces = tuple(n for n, _, doc in found if _FORCES.search(doc))
    outputs = tuple(m["name"] or m["python"] for m in _INPUT.finditer(rest) if (m["name"] or m["python"]) not in inputs)
    return Shape(inputs, required, forces, outputs)
