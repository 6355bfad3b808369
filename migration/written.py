"""Files that people write by hand, as far as they are alike: text in UTF-8, TOML, and a format at the top."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from migration.errors import MigrationError


def read_toml(path: Path, shown_as: str, format_wanted: str, *, decimals: bool = False) -> dict[str, Any]:
    """What such a file holds, numbers with a point as `Decimal` where `decimals` asks for it.

    Raises MigrationError when it cannot be read, is no TOML, or is of another format.
    """
    try:
        held = tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal if decimals else float)
    except (OSError, UnicodeDecodeError) as wrong:
        raise MigrationError(f"{shown_as}: cannot be read ({wrong}). Correct the path, or save the file as UTF-8.") from wrong
    except (ValueError, RecursionError) as wrong:
        raise MigrationError(f"{shown_as}: is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    if held.get("format") != format_wanted:
        raise MigrationError(f'{shown_as}: its format is {held.get("format", "not given")!r}. Write: format = "{format_wanted}".')
    return held
