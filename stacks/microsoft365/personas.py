"""The register of personas, read from its file and checked whole."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stacks.errors import StacksError
from stacks.faults import sentences


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Persona(_Part):
    """A kind of member of staff. `rule` is empty where members are named one by one."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,50}$")
    name: str = Field(min_length=1, max_length=80)
    licence: str = Field(min_length=1)
    description: str = Field(min_length=1, max_length=1000)
    rule: str = Field(default="", max_length=3072)


class Register(_Part):
    """The file."""

    source: str
    on: date
    persona: tuple[Persona, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_differ(self) -> Register:
        ids = [p.id for p in self.persona]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"{', '.join(twice)} stands there more than once; remove the repetition")
        return self


def read_personas(file: Path, shown: str) -> tuple[Persona, ...]:
    """Personas of `file`, which the settings call `shown`.

    Raises StacksError with a sentence for each fault.
    """
    try:
        return Register.model_validate(tomllib.loads(file.read_text("utf-8"))).persona
    except FileNotFoundError:
        raise StacksError(f"{shown} does not exist. Correct the setting personas, or write the file.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise StacksError(f"{shown} is not readable as TOML: {wrong}. Mend the line that it names.") from wrong
    except ValidationError as wrong:
        found = sentences(Register, wrong)
        raise StacksError(*(f"{shown}, key {key}: {what}" if key else f"{shown}: {what}" for key, what in found)) from None
