"""The fields of a resource by the names that policies use: `type`, `tags['owner']`, `identity.type` and aliases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from policies.azure_policy.aliases import EACH, KIND, Aliases, Elsewhere, Place, Unresolved, names_of
from policies.azure_policy.arm_form import Resource
from policies.azure_policy.decide import Pins, Selected
from policies.model import SECRET, UNKNOWN, UnknownValueError

_OWN: Final = {"type": "type", "name": "name", "fullname": "full_name"}
# Fields whose value stands in the body under their own names, and what is inside them.
_IN_BODY: Final = ("kind", "location", "identity", "tags", "sku", "plan", "zones", "managedby")


@dataclass(frozen=True, slots=True)
class ResourceFields:
    """The fields of one resource.

    With `as_deployed` a field that Azure alone writes is unknown, since it will be there when Azure looks again; without, it is
    absent, as it is from the request that Azure allows or refuses.
    """

    resource: Resource
    aliases: Aliases
    as_deployed: bool = False

    def select(self, name: str, pins: Pins) -> Selected:
        """The values of a field. Raises UnknownValueError."""
        key = name.casefold()
        if key in _OWN:
            return Selected((getattr(self.resource, _OWN[key]),), path="")
        if key == "id":
            return Selected((self.resource.id or UNKNOWN,))
        names = names_of(name) if "/" not in name.partition("[")[0] else ()
        if names and names[0].casefold() in _IN_BODY:
            return self._in_body(names)
        return self._by_alias(name, pins)

    def _in_body(self, names: tuple[str, ...]) -> Selected:
        if names[0].casefold() == "tags" and len(names) > 1:
            # tags.a.b and tags[a.b] both name the tag a.b.
            names = ("tags", ".".join(names[1:]))
        return self._at(names, "", {})

    def _by_alias(self, name: str, pins: Pins) -> Selected:
        found = self.aliases.place(name, self.resource.type, self.resource.types, self.resource.shape)
        if isinstance(found, Unresolved):
            raise UnknownValueError("", found.why)
        is_many = EACH in name
        if isinstance(found, Elsewhere):
            return Selected(() if is_many else (None,), is_many)
        if found.is_written_by_azure and self.as_deployed:
            raise UnknownValueError("", f"{name.rpartition('/')[2]} is written by Azure, once the resource is there")
        return self._at(found.steps, name, pins)

    def _at(self, steps: tuple[str, ...], alias: str, pins: Pins) -> Selected:
        path = self._input(steps)
        chosen = _chosen(alias, pins)
        values = tuple(_walk(self.resource.body, steps, chosen, path))
        return Selected(values, EACH in steps, path)

    def _input(self, steps: tuple[str, ...]) -> str:
        """azure-native's input that a place in the body comes from."""
        return next((self.resource.inputs[steps[:n]] for n in range(len(steps), 0, -1) if steps[:n] in self.resource.inputs), "")

    def place(self, name: str) -> Place | Elsewhere | Unresolved:
        """Where a field stands in the body: for what policies add to it."""
        names = names_of(name) if "/" not in name.partition("[")[0] else ()
        if names and names[0].casefold() in _IN_BODY:
            return Place(("tags", ".".join(names[1:])) if names[0].casefold() == "tags" and len(names) > 1 else names)
        return self.aliases.place(name, self.resource.type, self.resource.types, self.resource.shape)


def _chosen(alias: str, pins: Pins) -> Sequence[int | None]:
    """For each `[*]` of an alias the member that is counted at present, or None for all of them."""
    ends = [n + len(EACH) for n in range(len(alias)) if alias.startswith(EACH, n)]
    return [pins.get(alias[:end].casefold()) for end in ends]


def _walk(value: Any, steps: tuple[str, ...], chosen: Sequence[int | None], path: str) -> Iterator[Any]:
    """The values that steps lead to. Raises UnknownValueError where the way there is not known."""
    if not steps:
        yield value
        return
    if value is UNKNOWN:
        raise UnknownValueError(path)
    if value is SECRET:
        raise UnknownValueError(path, "it is a secret, which is never read")
    if steps[0].startswith(KIND):
        yield from _walk(value if _is_of_kind(value, steps[0]) else None, steps[1:], chosen, path)
        return
    if steps[0] != EACH:
        yield from _walk(_by_name(value, steps[0]), steps[1:], chosen, path)
        return
    members = cast("list[Any]", value) if isinstance(value, list) else []
    wanted = chosen[0] if chosen else None
    for n, member in enumerate(members):
        if wanted is None or wanted == n:
            yield from _walk(member, steps[1:], chosen[1:], path)


def _is_of_kind(value: Any, step: str) -> bool:
    name, _, kind = step.removeprefix(KIND).partition("=")
    held = _by_name(value, name)
    if held is UNKNOWN or held is SECRET:
        raise UnknownValueError("", f"its {name} is not known")
    return isinstance(held, str) and held.casefold() == kind.casefold()


def _by_name(value: Any, name: str) -> Any:
    """What an object has by a name in any case; None when it has not, or is none."""
    if not isinstance(value, Mapping):
        return None
    held = cast("Mapping[str, Any]", value)
    if name in held:
        return held[name]
    return next((v for k, v in held.items() if k.casefold() == name.casefold()), None)
