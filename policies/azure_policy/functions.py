"""The functions of template expressions that occur in Azure's built-in definitions and in the Azure Landing Zones library.

Source: Microsoft Learn, "ARM template functions" (MicrosoftDocs/azure-docs, articles/azure-resource-manager/templates,
template-functions-*.md), read 2026-11-25.

A value that a resource does not have is null here, and functions take null for an empty text, list or object
(how-to/author-policies-for-arrays.md: the function field returns "" for what is missing). What a function cannot take raises
TypeError, ValueError, LookupError or AttributeError, which the caller turns into an unknown: Azure itself refuses a resource on
which a function fails.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast


def as_text(value: Any) -> str:
    """A value as text, as `string()` and comparisons have it: true, 3, JSON of what holds others."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (list, dict)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def moment(text: str) -> datetime:
    """A moment of `utcNow()` or of a resource, which may have seven digits after the point. Raises ValueError."""
    found = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?", text)
    if found is None:
        raise ValueError(text)
    day, clock, parts, zone = found.groups()
    whole = f"{day}T{clock or '00:00:00'}.{(parts or '0')[:6].ljust(6, '0')}{'+00:00' if zone in (None, 'Z') else zone}"
    return datetime.fromisoformat(whole).astimezone(UTC)


def written(at: datetime) -> str:
    """A moment as `utcNow()` writes it: yyyy-MM-ddTHH:mm:ss.fffffffZ."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def contains(held: Any, item: Any) -> bool:
    """Whether a text has a text in it, a list an item, an object a name. Case counts but in names. Raises TypeError."""
    if held is None:
        return False
    if isinstance(held, Mapping):
        return as_text(item).casefold() in {str(k).casefold() for k in cast("Mapping[Any, Any]", held)}
    if isinstance(held, list):
        return item in cast("list[Any]", held)
    return as_text(item) in as_text(held)


def part(of: Any, index: Any) -> Any:
    """What an object has by that name, whatever its capitals, or a list at that place. Raises LookupError."""
    if isinstance(of, Mapping):
        for name, held in cast("Mapping[Any, Any]", of).items():
            if str(name).casefold() == as_text(index).casefold():
                return held
    elif isinstance(of, list) and isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(cast("list[Any]", of)):
        return cast("list[Any]", of)[index]
    raise LookupError(as_text(index))


def ip_range_contains(range_: str, target: str) -> bool:
    """Whether the first range of addresses holds all of the second. Raises ValueError for what is no range, and for two families."""
    (low, high), (first, last) = _range(range_), _range(target)
    if low.version != first.version:
        raise ValueError(target)
    return int(low) <= int(first) and int(last) <= int(high)


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _range(text: str) -> tuple[_Address, _Address]:
    if "-" in text:
        low, _, high = text.partition("-")
        return ipaddress.ip_address(low.strip()), ipaddress.ip_address(high.strip())
    network = ipaddress.ip_network(text.strip(), strict=False)
    return network.network_address, network.broadcast_address


def _equals(a: Any, b: Any) -> bool:
    empty = ("", None)
    if isinstance(a, (list, dict)) or isinstance(b, (list, dict)):
        return a == b
    if a in empty and b in empty:
        return True
    return isinstance(a, bool) is isinstance(b, bool) and a == b


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def function(a: Any, b: Any) -> bool:
        if isinstance(a, str) is not isinstance(b, str) or isinstance(a, bool) or isinstance(b, bool):
            raise TypeError(a)
        return compare(a, b)

    return function


def _concat(*values: Any) -> Any:
    if values and all(isinstance(v, list) for v in values):
        return [item for v in values for item in v]
    return "".join(as_text(v) for v in values)


def _length(value: Any) -> int:
    return 0 if value is None else len(value)


def _split(text: Any, by: Any) -> list[str]:
    marks = [str(m) for m in cast("list[Any]", by)] if isinstance(by, list) else [str(by)]
    return re.split("|".join(re.escape(m) for m in marks), as_text(text)) if text else [""]


def _format(text: str, *values: Any) -> str:
    return re.sub(r"\{(\d+)(?::[^}]*)?\}", lambda m: as_text(values[int(m[1])]), text)


def _pad_left(value: Any, width: int, filled: str = " ") -> str:
    return as_text(value).rjust(width, filled)


def _substring(text: str, start: int, length: int | None = None) -> str:
    end = len(text) if length is None else start + length
    if not 0 <= start <= end <= len(text):
        raise ValueError(text)
    return text[start:end]


def _first(value: Any) -> Any:
    return ("" if isinstance(value, str) else None) if not value else value[0]


def _last(value: Any) -> Any:
    return ("" if isinstance(value, str) else None) if not value else value[-1]


def _coalesce(*values: Any) -> Any:
    return next((v for v in values if v is not None), None)


def _array(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _create_array(*values: Any) -> list[Any]:
    return list(values)


def _create_object(*pairs: Any) -> dict[str, Any]:
    if len(pairs) % 2:
        raise TypeError(pairs)
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


def _intersection(*held: Any) -> Any:
    first, *others = held
    if isinstance(first, Mapping):
        same = cast("Mapping[str, Any]", first)
        return {k: v for k, v in same.items() if all(k in o and o[k] == v for o in others)}
    return [v for v in first if all(v in o for o in others)]


def _union(*held: Any) -> Any:
    if isinstance(held[0], Mapping):
        return {k: v for each in held for k, v in each.items()}
    found: list[Any] = []
    for item in (i for each in held for i in each):
        if item not in found:
            found.append(item)
    return found


def _try_get(of: Any, *names: Any) -> Any:
    for name in names:
        try:
            of = part(of, name)
        except LookupError:
            return None
    return of


def _most(*values: Any) -> Any:
    return max(cast("list[Any]", values[0])) if isinstance(values[0], list) else max(values)


def _least(*values: Any) -> Any:
    return min(cast("list[Any]", values[0])) if isinstance(values[0], list) else min(values)


def _replace(text: Any, old: str, new: str) -> str:
    return as_text(text).replace(old, new)


def _int(value: Any) -> int:
    return int(float(value)) if isinstance(value, float) else int(value)


def _add_days(at: str, days: int) -> str:
    return written(moment(at) + timedelta(days=days))


def _bool(value: Any) -> bool:
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"
    if isinstance(value, (bool, int)):
        return bool(value)
    raise TypeError(value)


_ONE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "array": _array,
    "base64": lambda v: base64.b64encode(as_text(v).encode()).decode(),
    "bool": _bool,
    "empty": lambda v: v is None or (isinstance(v, (str, list, dict)) and not v),
    "first": _first,
    "int": _int,
    "last": _last,
    "length": _length,
    "not": lambda v: not _bool(v),
    "string": as_text,
    "tolower": lambda v: as_text(v).lower(),
    "toupper": lambda v: as_text(v).upper(),
    "trim": lambda v: as_text(v).strip(),
}
_TWO: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "add": lambda a, b: a + b,
    "adddays": _add_days,
    "contains": contains,
    "div": lambda a, b: int(a / b),
    "endswith": lambda a, b: as_text(a).casefold().endswith(as_text(b).casefold()),
    "equals": _equals,
    "greater": _ordered(lambda a, b: a > b),
    "greaterorequals": _ordered(lambda a, b: a >= b),
    "indexof": lambda a, b: as_text(a).casefold().find(as_text(b).casefold()),
    "iprangecontains": ip_range_contains,
    "join": lambda values, by: as_text(by).join(as_text(v) for v in values or ()),
    "lastindexof": lambda a, b: as_text(a).casefold().rfind(as_text(b).casefold()),
    "less": _ordered(lambda a, b: a < b),
    "lessorequals": _ordered(lambda a, b: a <= b),
    "mul": lambda a, b: a * b,
    "skip": lambda held, count: held[max(count, 0) :],
    "split": _split,
    "startswith": lambda a, b: as_text(a).casefold().startswith(as_text(b).casefold()),
    "sub": lambda a, b: a - b,
    "take": lambda held, count: held[: max(count, 0)],
}
FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **_ONE,
    **_TWO,
    "coalesce": _coalesce,
    "concat": _concat,
    "createarray": _create_array,
    "createobject": _create_object,
    "format": _format,
    "intersection": _intersection,
    "max": _most,
    "min": _least,
    "padleft": _pad_left,
    "replace": _replace,
    "substring": _substring,
    "tryget": _try_get,
    "union": _union,
}
