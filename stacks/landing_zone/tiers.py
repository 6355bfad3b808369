"""Tiers: what each contains, which settings it gives, and what is given up against the next. Data: tiers.toml."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

PAGE: Final = Path(__file__).parents[2] / "docs" / "reference" / "tiers.md"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Something that the next tier has, and why a council can do without."""

    what: str
    borne: str


@dataclass(frozen=True)
class TierFacts:
    """One tier. `defaults` are nested as in the settings file."""

    id: str
    title: str
    suits: str
    contains: tuple[str, ...]
    defaults: Mapping[str, Any]
    gives_up: tuple[GivenUp, ...]


@dataclass(frozen=True)
class Weaker:
    """What it means when `setting` is weaker than its tier's default. `order` is from the weakest, or empty for a number."""

    setting: str
    means: str
    order: tuple[object, ...] = ()

    def is_weaker(self, value: Any, default: Any) -> bool:
        """Whether `value` stands before `default`."""
        return bool(value < default) if not self.order else self.order.index(value) < self.order.index(default)


@cache
def _held() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("tiers.toml").read_text("utf-8"))


@cache
def tiers() -> tuple[TierFacts, ...]:
    """Every tier, the smallest first."""
    return tuple(_tier(t) for t in _held()["tier"])


def _tier(held: dict[str, Any]) -> TierFacts:
    gives_up = tuple(GivenUp(**g) for g in held.get("gives_up", ()))
    return TierFacts(held["id"], held["title"], held["suits"], tuple(held["contains"]), held["defaults"], gives_up)


@cache
def weaker() -> tuple[Weaker, ...]:
    """The settings whose weakening is worth a sentence."""
    return tuple(Weaker(w["setting"], w["means"], tuple(w.get("order", ()))) for w in _held()["weaker"])


def defaults_of(tier: str) -> Mapping[str, Any]:
    """The settings that a tier gives; none for a tier that there is not."""
    none: Mapping[str, Any] = {}
    return next((t.defaults for t in tiers() if t.id == tier), none)


def with_defaults(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, and the defaults wherever nothing was, at any depth."""
    merged = dict(given)
    for key, value in defaults.items():
        held = merged.get(key)
        if key not in merged:
            merged[key] = value
        elif isinstance(held, Mapping) and isinstance(value, Mapping):
            merged[key] = with_defaults(cast("Mapping[str, Any]", held), cast("Mapping[str, Any]", value))
    return merged


def overruled(tier: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each of the settings that is weaker than its tier's default, saying what that means."""
    defaults = defaults_of(tier)
    for rule in weaker():
        default, value = _at(defaults, rule.setting), _at(settings, rule.setting)
        if default is not None and value is not None and rule.is_weaker(value, default):
            yield f"{rule.setting} is {_said(value)}, where the {tier} tier has {_said(default)}: {rule.means}."


def _at(held: Mapping[str, Any], path: str) -> Any:
    here: Any = held
    for step in path.split("."):
        here = cast("Mapping[str, Any]", here).get(step) if isinstance(here, Mapping) else None
    return here


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def page() -> str:
    """The reference page of tiers."""
    head = [
        "# Tiers",
        "",
        "Generated from `stacks/landing_zone/tiers.toml` by `python -m stacks.landing_zone.tiers`. A tier gives settings; whatever",
        "`Pulumi.landing-zone.yaml` says goes before them, and a preview warns of each setting that is weaker than its tier's.",
    ]
    return "\n".join([*head, *(line for t in tiers() for line in _lines(t))]) + "\n"


def _lines(tier: TierFacts) -> Iterator[str]:
    yield from ("", f"## {tier.title} (`tier: {tier.id}`)", "", tier.suits, "", *(f"- {c}" for c in tier.contains), "")
    yield from ("| setting | default |", "|---|---|")
    yield from (f"| `{key}` | {_said_of(value)} |" for key, value in _flat(tier.defaults))
    if tier.gives_up:
        yield from ("", "| what the next tier has and this one gives up | why that can be borne |", "|---|---|")
        yield from (f"| {g.what} | {g.borne[0].upper()}{g.borne[1:]} |" for g in tier.gives_up)


def _said_of(value: object) -> str:
    return ", ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else _said(value)


def _flat(held: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in held.items():
        if isinstance(value, Mapping):
            yield from _flat(cast("Mapping[str, Any]", value), f"{above}{key}.")
        else:
            yield f"{above}{key}", value


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"Written: {PAGE}\n")
