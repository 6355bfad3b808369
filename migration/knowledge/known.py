"""What every record of a knowledge file has in common."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import ConfigDict

Said = Literal["blocks", "condition", "none"]
"""An effect as a knowledge file writes it."""


class Known:
    """What is read from a knowledge file: a key that it does not have is a mistake in the file."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
