"""The library's files: which there are, and what is in them. A file that cannot be read is a fault, not an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, cast

import yaml

from stacks.errors import StacksError

METADATA = "alz_library_metadata.json"
DEFAULTS = "alz_policy_default_values"
# Fifty times what the largest member has (platform/alz 2026.04.2: some 300).
_MOST = 15_000
_ENDINGS = ("json", "yaml", "yml")


class Asset(StrEnum):
    """Kinds of file, by what their names end in: `corp.alz_archetype_definition.json`."""

    ARCHITECTURE = "alz_architecture_definition"
    ARCHETYPE = "alz_archetype_definition"
    OVERRIDE = "alz_archetype_override"
    ASSIGNMENT = "alz_policy_assignment"
    DEFINITION = "alz_policy_definition"
    SET = "alz_policy_set_definition"
    ROLE = "alz_role_definition"
    DEFAULTS = DEFAULTS
    METADATA = "alz_library_metadata"


_NAMED = {a.value: a for a in Asset if a not in (Asset.DEFAULTS, Asset.METADATA)}


def asset_of(file: Path) -> Asset | None:
    """What a file is, by its name. Source: the library's documentation, "Library Assets": folders do not matter."""
    if file.name == METADATA:
        return Asset.METADATA
    stem, _, ending = file.name.rpartition(".")
    if ending not in _ENDINGS:
        return None
    if stem == DEFAULTS:
        return Asset.DEFAULTS
    name, _, kind = stem.rpartition(".")
    return _NAMED.get(kind) if name else None


def asset_files(folder: Path) -> tuple[Path, ...]:
    """Every file of `folder` that is an asset, in the order of their paths.

    Raises StacksError for a folder with far more in it than a library has, such as a whole disk, once that many were seen.
    """
    seen = list(islice(folder.rglob("*"), _MOST + 1))
    if len(seen) > _MOST:
        raise StacksError(
            f"{folder} has more than {_MOST:,} files and folders in it, so it is no library's; name the library's own folder."
        )
    found = (f for f in seen if asset_of(f) is not None and f.is_file())
    return tuple(sorted(found, key=lambda f: f.relative_to(folder).as_posix()))


def parse(file: Path, shown: str) -> tuple[Mapping[str, Any] | None, list[str]]:
    """An object read from JSON or YAML, or the fault that stands in its way. `shown` is what people call the file."""
    try:
        text = file.read_text("utf-8-sig")
        held: object = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except json.JSONDecodeError as wrong:
        return None, [f"{shown}, line {wrong.lineno}: not readable as JSON ({wrong.msg}). Mend the line, or bring the file again."]
    except yaml.YAMLError as wrong:
        return None, [f"{shown}: not readable as YAML ({' '.join(str(wrong).split())}). Mend the line that it names."]
    except (OSError, UnicodeDecodeError, RecursionError) as wrong:
        return None, [f"{shown}: not readable ({wrong}). Bring the file again."]
    if not isinstance(held, Mapping):
        return None, [f"{shown}: it must hold one object, with names and values."]
    return cast("Mapping[str, Any]", held), []
