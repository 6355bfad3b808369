"""Every input of every azure-native class, at every depth, read from the sources of the installed package (generated to one pattern)."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PROPERTY = re.compile(
    r"@_builtins\.property\n    @pulumi\.getter(?:\(name=\"(?P<name>\w+)\"\))?\n    def (?P<python>\w+)\(self\) -> (?P<hint>[^\n]*):\n"
)
_CLASS = re.compile(r"^class (\w+)(?:\([^)]*\))?:\n", re.MULTILINE)
_ENUM = re.compile(r"^class (\w+)\([^)]*Enum\):\n", re.MULTILINE)
_VALUE = re.compile(r"^    [A-Z_][A-Za-z0-9_]* = \"([^\"]*)\"$", re.MULTILINE)
_WRAPPED = re.compile(r"pulumi\.Input\[|Optional\[|_builtins\.")


@dataclass(frozen=True)
class Input:
    """One input: its type hint and the constant that the package sets for it, "" for none."""

    hint: str
    constant: str

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(re.findall(r"'(\w+Args)'", self.hint))

    @property
    def enums(self) -> tuple[str, ...]:
        return tuple(n for n in re.findall(r"'(\w+)'", self.hint) if not n.endswith("Args"))

    @property
    def container(self) -> str:
        bare = _WRAPPED.sub("", self.hint)
        return "list" if bare.startswith("Sequence[") else "map" if bare.startswith("Mapping[") else "one"

    @property
    def depth(self) -> int:
        """How many lists and maps are around it."""
        return len(re.findall(r"Sequence\[|Mapping\[", self.hint))

    @property
    def plain(self) -> str:
        """`str`, `int`, `float` or `bool` of what holds no object."""
        return _WRAPPED.sub("", self.hint).rstrip("]").split("[")[-1]

    @property
    def is_optional(self) -> bool:
        return "Optional[" in self.hint and not self.constant


@dataclass(frozen=True)
class Module:
    """One module of the package: its resource classes, its nested classes and its enums."""

    resources: Mapping[str, Mapping[str, Input]]
    nested: Mapping[str, Mapping[str, Input]]
    enums: Mapping[str, tuple[str, ...]]


@cache
def module(name: str) -> Module:
    """A module, by the name in its tokens."""
    found = importlib.util.find_spec("pulumi_azure_native")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / name
    resources = dict(r for f in sorted(folder.glob("*.py")) if not f.name.startswith(("_", "get_", "list_")) for r in _resource(f))
    inputs, enums = folder / "_inputs.py", folder / "_enums.py"
    nested = _classes(inputs.read_text("utf-8")) if inputs.is_file() else {}
    return Module(resources, nested, _enums(enums.read_text("utf-8")) if enums.is_file() else {})


def _resource(file: Path) -> list[tuple[str, dict[str, Input]]]:
    text = file.read_text("utf-8")
    token = re.search(r"@pulumi\.type_token\(\"azure-native:\w+:(\w+)\"\)", text)
    if token is None:
        return []
    args = text.split("\n@pulumi.type_token")[0].split("\nclass _")[0]
    constants = dict(re.findall(r"__props__\.__dict__\[\"(\w+)\"\] = '([^']*)'", text))
    return [(token[1], _inputs(args, constants))]


def _classes(text: str) -> dict[str, dict[str, Input]]:
    parts = _CLASS.split(text)
    named = zip(parts[1::2], parts[2::2], strict=True)
    return {n: _inputs(b, dict(re.findall(r"pulumi\.set\(__self__, \"(\w+)\", '([^']*)'\)", b))) for n, b in named if n.endswith("Args")}


def _inputs(text: str, constants: Mapping[str, str]) -> dict[str, Input]:
    return {m["name"] or m["python"]: Input(m["hint"], constants.get(m["python"], "")) for m in _PROPERTY.finditer(text)}


def _enums(text: str) -> dict[str, tuple[str, ...]]:
    parts = _ENUM.split(text)
    return {n: tuple(_VALUE.findall(b)) for n, b in zip(parts[1::2], parts[2::2], strict=True)}
