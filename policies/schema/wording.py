"""Misfits in plain English: what was most likely meant, what may be given, and values that may be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from policies.controls.secrets import is_secret_name
from policies.schema.shapes import Shape
from policies.schema.type_files import Type

_SHOWN_VALUES: Final = 8
_LONGEST_SHOWN: Final = 60


def meant(shape: Shape, key: str) -> str:
    """What somebody most likely meant by a key that is none."""
    if key == "properties":
        return "azure-native takes what Azure keeps under properties one level up: write it there."
    inputs = [n for n, f in shape.fields.items() if not f.read_only]
    named = next((n for n in inputs if shape.fields[n].arm_name.casefold() == key.casefold() or n.casefold() == key.casefold()), None)
    close = [named] if named else get_close_matches(key, inputs, 1, 0.7)
    if close:
        return f"Did you mean {close[0]}?"
    return f"Remove it, or correct its name: {listing(sorted(inputs))}." if inputs else "Remove it: nothing is set here."


def one_of(value: Any, values: Sequence[str]) -> str:
    """What may be given, and which of it was most likely meant."""
    like = looks_like(value, values)
    listed = f"Give one of: {listing(values)}."
    return f'Did you mean "{like}"? {listed}' if like else listed


def looks_like(value: Any, values: Sequence[str]) -> str:
    """The one of the values that somebody may have meant; "" when none is near."""
    small = {v.casefold(): v for v in values}
    close = get_close_matches(str(value).casefold(), [*small], 1, 0.7)
    return small[close[0]] if close else ""


def listing(values: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = f" and {len(values) - _SHOWN_VALUES} more" if len(values) > _SHOWN_VALUES else ""
    return ", ".join(values[:_SHOWN_VALUES]) + more


def shown(value: Any, path: str) -> str:
    """A value for a person; of an object or a list only that it is one, of what is named as a secret nothing."""
    if isinstance(value, Mapping):
        return "(an object)"
    if isinstance(value, list):
        return "(a list)"
    if is_secret_name(last(path)):
        return "(not shown)"
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f'{text[: _LONGEST_SHOWN - 1]}…"'


def last(path: str) -> str:
    """`name` of `subnets[0].name`, and `zones` of `zones[1]`."""
    return re.sub(r"(\[\d+\])+$", "", path).rsplit(".", 1)[-1]


def bounds(wanted: Type, what: str) -> str:
    """From where to where a `Length` or a `Value` may go: `3 to 24`."""
    least, most = wanted.get(f"min{what}"), wanted.get(f"max{what}")
    if least is not None and most is not None:
        return f"{least} to {most}"
    return f"{least} or more" if most is None else f"{most} or fewer" if what == "Length" else f"{most} or less"
