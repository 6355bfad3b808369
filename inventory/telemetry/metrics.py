"""Which metrics there are, how each is kept, and what the programs that sample call them: `metrics.toml`, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is sampled. `per_unit` whole numbers make one unit, `bits` is their width.

    `most` is the largest figure that can be right, `headings` are those of plain spreadsheets.
    """

    name: str
    unit: str
    per_unit: int
    bits: int
    most: float
    headings: tuple[str, ...]

    @property
    def absent(self) -> int:
        """The whole number that means "not measured" while samples are summed up; no figure can be as large."""
        return (1 << self.bits) - 1


@dataclass(frozen=True, slots=True)
class Term:
    """What one column of a sampling program adds to a metric: ``base + times x figure``.

    `parts` names the column of the devices that a figure is of, of which `only` some count, or all but those of `without`.
    """

    column: str
    metric: str
    times: float = 1.0
    base: float = 0.0
    parts: str = ""
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All of `metrics.toml`. `server` and `at` are headings of plain spreadsheets; `bitbrains_at` is the column of Bitbrains' times."""

    metrics: Mapping[str, Metric]
    server: tuple[str, ...]
    at: tuple[str, ...]
    perfmon: Sequence[Term]
    sar: Sequence[Term]
    bitbrains: Sequence[Term]
    bitbrains_at: str


@cache
def vocabulary() -> Vocabulary:
    """What `metrics.toml` says."""
    held = tomllib.loads(resources.files("inventory.telemetry").joinpath("metrics.toml").read_text("utf-8"))
    bitbrains = held["bitbrains"]
    return Vocabulary(
        metrics={name: _metric(name, of) for name, of in held["metrics"].items()},
        server=tuple(held["table"]["server"]),
        at=tuple(held["table"]["at"]),
        perfmon=tuple(_term({**of, "column": of["counter"]}) for of in held["perfmon"]),
        sar=tuple(map(_term, held["sar"])),
        bitbrains=tuple(map(_term, bitbrains["columns"])),
        bitbrains_at=bitbrains["at"],
    )


def metrics() -> tuple[Metric, ...]:
    """Every metric, in the order of the file."""
    return tuple(vocabulary().metrics.values())


def _metric(name: str, of: Mapping[str, Any]) -> Metric:
    return Metric(name, of["unit"], of["per_unit"], of["bits"], float(of["most"]), tuple(of["headings"]))


def _term(of: Mapping[str, Any]) -> Term:
    return Term(
        column=of["column"],
        metric=of["metric"],
        times=float(of.get("times", 1)),
        base=float(of.get("from", 0)),
        parts=of.get("parts", ""),
        only=tuple(of.get("only", ())),
        without=tuple(of.get("without", ())),
        of=of.get("of", ""),
    )
