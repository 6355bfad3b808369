"""Azure's built-in definitions and initiatives from a copy of Azure/azure-policy: each file is read when it is first asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from policies.errors import PoliciesError

_PLACES: Final = ("azure-policy/built-in-policies", "built-in-policies", "azure-policy")
_NAME: Final = re.compile(rb'"name"\s*:\s*"([0-9a-zA-Z]{8}(?:-[0-9a-zA-Z]{4}){3}-[0-9a-zA-Z]{12})"')
_ID: Final = re.compile(r"/providers/microsoft\.authorization/policy(set)?definitions/([^/]+)", re.IGNORECASE)
# Other clouds have definitions of their own by the same names, which serve where there is no other.
_OTHER_CLOUDS: Final = frozenset({"Azure Government", "Azure China"})
_GET: Final = "Get them again: unless library sync azure-policy."


@dataclass(frozen=True, slots=True, eq=False)
class BuiltIns:
    """A folder of definitions; `files` are those in which each name stands."""

    folder: Path
    files: Mapping[str, tuple[Path, ...]]
    _read: dict[str, Mapping[str, Any] | None] = field(default_factory=dict[str, "Mapping[str, Any] | None"], repr=False)

    def properties(self, definition_id: str) -> Mapping[str, Any] | None:
        """What a definition or an initiative of Azure's own says, or None when the folder has none of that id.

        Raises PoliciesError when its file cannot be read.
        """
        found = _ID.fullmatch(definition_id)
        if found is None:
            return None
        key = f"{'set' if found[1] else ''}{found[2].casefold()}"
        if key not in self._read:
            self._read[key] = self._found(found[2].casefold(), is_set=bool(found[1]))
        return self._read[key]

    def _found(self, name: str, *, is_set: bool) -> Mapping[str, Any] | None:
        part = "policyDefinitions" if is_set else "policyRule"
        for file in self.files.get(name, ()):
            held = _json(file)
            properties: object = held.get("properties")
            if str(held.get("name", "")).casefold() == name and isinstance(properties, Mapping) and part in properties:
                return cast("Mapping[str, Any]", properties)
        return None


def find_built_ins(folder: Path) -> BuiltIns | None:
    """The built-in definitions beneath a folder of public data, or None when it has none. Raises PoliciesError when one cannot be read."""
    place = next((folder / p for p in _PLACES if (folder / p / "policyDefinitions").is_dir()), None)
    if place is None:
        return None
    files: dict[str, list[Path]] = {}
    for file in sorted(place.rglob("*.json"), key=lambda f: (bool(_OTHER_CLOUDS & {*f.parts}), f)):
        for name in {m.decode().casefold() for m in _NAME.findall(_bytes(file))}:
            files.setdefault(name, []).append(file)
    return BuiltIns(place, {n: tuple(f) for n, f in files.items()})


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise PoliciesError(f"{file}: cannot be read ({wrong.strerror or wrong}). {_GET}") from wrong


def _json(file: Path) -> Mapping[str, Any]:
    try:
        held: object = json.loads(_bytes(file).decode("utf-8-sig"))
    except (ValueError, RecursionError) as wrong:
        raise PoliciesError(f"{file}: is not whole JSON ({wrong}). {_GET}") from wrong
    if not isinstance(held, Mapping):
        raise PoliciesError(f"{file}: holds no definition. {_GET}")
    return cast("Mapping[str, Any]", held)
