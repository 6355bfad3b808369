"""Files of the council's own that the settings name: read, checked whole, every fault naming file and key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from stacks.errors import StacksError
from stacks.faults import sentences
from stacks.settings import Part

F = TypeVar("F", bound=Part)


def read_file(file: Path, shown: str, form: type[F], setting: str) -> F:
    """The file as `form` has it. `shown` is how the settings, under the key `setting`, call it.

    Raises StacksError with a sentence for each fault.
    """
    try:
        return form.model_validate(_held(file, shown, setting), strict=False)
    except ValidationError as wrong:
        found = sentences(form, wrong)
        raise StacksError(*(f"{shown}, key {key}: {what}" if key else f"{shown}: {what}" for key, what in found)) from None


def _held(file: Path, shown: str, setting: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise StacksError(f"{shown} does not exist. Correct the setting {setting}, or write the file.") from None
    except OSError as wrong:
        what = wrong.strerror or str(wrong)
        raise StacksError(f"{shown} cannot be read ({what}). Name a file that everybody may read in the setting {setting}.") from wrong
    except UnicodeDecodeError:
        raise StacksError(f"{shown} is not text in UTF-8. Save it as UTF-8.") from None
    except (ValueError, RecursionError) as wrong:
        raise StacksError(f"{shown} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
