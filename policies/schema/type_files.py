"""The type files of Azure Resource Manager: a folder with `index.json` (type@version to file) and a file for each namespace and version.

A file is a flat list of types that refer to one another by `{"$ref": "#/n"}`. Flags of a property: 1 required, 2 read-only.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from policies.errors import PoliciesError

FOLDER: Final = "bicep-types"
REQUIRED: Final = 1
READ_ONLY: Final = 2
Type = Mapping[str, Any]
_GET: Final = "Get them again, or name the folder that holds their index.json."


@dataclass(frozen=True, slots=True, eq=False)
class Types:
    """One file's types, by their place in it."""

    name: str
    held: Sequence[Type]

    @property
    def namespace(self) -> str:
        """`microsoft.storage` of `microsoft.storage@2024-01-01.json.gz`."""
        return self.name.partition("@")[0]

    def at(self, reference: Mapping[str, str]) -> Type:
        """What a `{"$ref": "#/n"}` refers to. Raises PoliciesError when it is none, or is of a type that the file does not hold."""
        try:
            return self.held[int(reference["$ref"][2:])]
        except (LookupError, ValueError, TypeError) as wrong:
            raise PoliciesError(f"{self.name}: refers to a type that it does not hold ({reference}). {_GET}") from wrong


@dataclass(frozen=True, slots=True, eq=False)
class TypeFiles:
    """A folder of type files. Each file is read when a resource of its types is first judged, and then kept."""

    folder: Path
    index: Mapping[str, str]
    _read: dict[str, tuple[Types, Mapping[str, Type]]] = field(default_factory=dict[str, tuple[Types, Mapping[str, Type]]], repr=False)

    def body(self, arm_type: str, version: str) -> tuple[Types, Type] | None:
        """The type of what Azure takes for a resource, with the file that it is in, or None when no file has that version of it.

        Raises PoliciesError when the file cannot be read.
        """
        name = f"{arm_type}@{version}".casefold()
        file = self.index.get(name)
        if file is None:
            return None
        if file not in self._read:
            self._read[file] = _parsed(self.folder / file)
        types, resources = self._read[file]
        return (types, types.at(resources[name]["body"])) if name in resources else None


def open_type_files(folder: Path) -> TypeFiles:
    """The type files in a folder, or in its folder `bicep-types`. Raises PoliciesError when there are none to use."""
    place = folder if (folder / "index.json").is_file() else folder / FOLDER
    file = place / "index.json"
    if not file.is_file():
        raise PoliciesError(f"{folder}: holds no type files (no index.json, nor {FOLDER}/index.json). {_GET}")
    index = _json(file, _text(file))
    if not isinstance(index, dict) or not all(isinstance(v, str) for v in cast("dict[str, object]", index).values()):
        raise PoliciesError(f"{file}: is not an index of type files, which gives a file's name for each type@version. {_GET}")
    named = cast("dict[str, str]", index)
    outside = sorted({n for n in named.values() if Path(n).is_absolute() or ".." in Path(n).parts})
    if outside:
        raise PoliciesError(*(f"{file}: names {n}, which is outside its folder. {_GET}" for n in outside))
    return TypeFiles(place, {k.casefold(): v for k, v in named.items()})


def find_type_files(folder: Path) -> TypeFiles | None:
    """The type files where they are looked for without being asked for: None when there are none."""
    return open_type_files(folder) if any((p / "index.json").is_file() for p in (folder, folder / FOLDER)) else None


def _parsed(file: Path) -> tuple[Types, Mapping[str, Type]]:
    held = _json(file, _text(file))
    if not isinstance(held, list) or not all(isinstance(t, dict) and "$type" in t for t in cast("list[object]", held)):
        raise PoliciesError(f"{file}: is not a list of types. {_GET}")
    types = cast("list[Type]", held)
    return Types(file.name, types), {t["name"].casefold(): t for t in types if t["$type"] == "ResourceType"}


def _text(file: Path) -> bytes:
    try:
        held = file.read_bytes()
        return gzip.decompress(held) if held[:2] == b"\x1f\x8b" else held
    except (OSError, EOFError, zlib.error) as wrong:
        raise PoliciesError(f"{file}: cannot be read ({wrong}). {_GET}") from wrong


def _json(file: Path, text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise PoliciesError(f"{file}: is not whole JSON ({wrong}). {_GET}") from wrong
