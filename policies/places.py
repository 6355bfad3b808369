"""Where controls read a subject's inputs: the only way to a value, and it never mistakes an unknown for a known.

A control asks for a value by its dotted path and its kind. An unknown or a secret on the way raises
UnknownValueError with the whole path, and so does a value of the wrong kind: a control that cannot read what
it judges cannot tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from policies.model import SECRET, UNKNOWN, Subject, UnknownValueError

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Place:
    """One place in a subject's inputs: its value and the path that leads there ("" is the whole)."""

    raw: Any
    path: str = ""

    def text(self, path: str, default: str = "") -> str:
        """The text at `path` without space around it, or `default` when nothing is there (absent or null). Numbers come as their text."""
        found = self._known(path)
        if found is None:
            return default
        if isinstance(found, str):
            return found.strip()
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            return str(int(found)) if isinstance(found, float) and found.is_integer() else str(found)
        raise UnknownValueError(self._join(path), "it is not a text")

    def flag(self, path: str, *, default: bool) -> bool:
        """The truth value at `path`, or `default` when nothing is there. The texts true and false are read as such."""
        found = self._known(path)
        if found is None:
            return default
        if isinstance(found, bool):
            return found
        if isinstance(found, str) and found.strip().casefold() in ("true", "false"):
            return found.strip().casefold() == "true"
        raise UnknownValueError(self._join(path), "it is neither true nor false")

    def number(self, path: str) -> float | None:
        """The number at `path`, or None when nothing is there. A text that holds a number is read as such."""
        found = self._known(path)
        if found is None:
            return None
        try:
            read = float(found) if not isinstance(found, bool) else math.nan
        except (TypeError, ValueError):
            read = math.nan
        if math.isfinite(read):
            return read
        raise UnknownValueError(self._join(path), "it is not a number")

    def day(self, path: str) -> date | None:
        """The date at `path` (a date, or its ISO text), or None when nothing is there or the text is empty."""
        found = self._known(path)
        if found is None or found == "" or isinstance(found, date):
            return found or None
        try:
            return date.fromisoformat(found)
        except (TypeError, ValueError):
            raise UnknownValueError(self._join(path), "it is not a date") from None

    def items(self, path: str) -> tuple[Place, ...]:
        """The places of the list at `path`; empty when nothing is there. An unknown item raises only when it is read."""
        found = self._known(path)
        if found is None:
            return ()
        if isinstance(found, Sequence) and not isinstance(found, str):
            held = cast("Sequence[Any]", found)
            return tuple(Place(item, f"{self._join(path)}[{n}]") for n, item in enumerate(held))
        raise UnknownValueError(self._join(path), "it is not a list")

    def texts(self, path: str) -> tuple[str, ...]:
        """The texts of the list at `path`; raises when any of them is unknown."""
        return tuple(item.text("") for item in self.items(path))

    def has(self, path: str) -> bool:
        """Whether something is set at `path`: an empty text, list or object is nothing; an object that holds an unknown is something."""
        found = self._known(path)
        return found is not None and (found.strip() if isinstance(found, str) else found) not in ("", [], {}, ())

    def is_secret(self) -> bool:
        """Whether this very value is a secret."""
        return self.raw is SECRET

    def is_unknown(self) -> bool:
        """Whether this very value is unknown."""
        return self.raw is UNKNOWN

    def leaves(self) -> Iterator[Place]:
        """Every place below this one that holds no other place, in order; unknowns and secrets included."""
        raw: object = self.raw
        if isinstance(raw, Mapping):
            for key, inner in cast("Mapping[str, Any]", raw).items():
                yield from Place(inner, self._join(key)).leaves()
        elif isinstance(raw, Sequence) and not isinstance(raw, str):
            for n, inner in enumerate(cast("Sequence[Any]", raw)):
                yield from Place(inner, f"{self.path}[{n}]").leaves()
        else:
            yield self

    def _known(self, path: str) -> Any:
        """What is at `path`, None when absent or null; raises on an unknown or a secret on the way."""
        here: Any = self.raw
        walked = self.path
        for step in ("", *path.split(".")):
            if step:
                walked = f"{walked}.{step}" if walked else step
                if not isinstance(here, (dict, Mapping)):  # a dict is found to be one far sooner than a mapping
                    raise UnknownValueError(walked, "what should hold it is not an object")
                here = cast("Mapping[str, Any]", here).get(step, _ABSENT)
            if here is _ABSENT or here is None:
                return None
            if here is UNKNOWN:
                raise UnknownValueError(walked)
            if here is SECRET:
                raise UnknownValueError(walked, "it is a secret, which is never read")
        return here

    def _join(self, path: str) -> str:
        return ".".join(p for p in (self.path, path) if p)


def at(subject: Subject) -> Place:
    """The top of a subject's inputs."""
    return Place(subject.inputs)


def same(text: str, *wanted: str) -> bool:
    """Whether a text is one of those wanted, as Azure compares enumeration values: without regard to case."""
    return text.strip().casefold() in {w.strip().casefold() for w in wanted}
