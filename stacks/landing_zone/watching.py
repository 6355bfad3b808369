"""What is watched, from the TOML beside this file: alerts, what agents gather, Defender's plans."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from stacks.errors import StacksError

Severity = Literal["urgent", "advice"]
DefenderLevel = Literal["off", "foundation", "full"]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(name).read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class ActivityAlert:
    """An entry of a subscription's activity log whose `field` has one of `values`."""

    id: str
    title: str
    severity: Severity
    category: str
    field: str
    values: tuple[str, ...]
    succeeded: bool = False


@dataclass(frozen=True, slots=True)
class MetricAlert:
    """A metric of one of the platform's resources (`of`) beyond its threshold. Times are ISO 8601 durations."""

    id: str
    title: str
    severity: Severity
    of: str
    namespace: str
    metric: str
    operator: str
    threshold: float
    aggregation: str
    every: str
    over: str


@dataclass(frozen=True)
class Gathered:
    """A data collection rule: performance counters, or extensions with their settings. `default_value` is the library's name for its id."""

    id: str
    default_value: str
    title: str
    streams: tuple[str, ...]
    counters: tuple[str, ...] = ()
    seconds: int = 60
    extension: tuple[Mapping[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """A rule that gathers nothing is a mistake in our data."""
        if not (self.counters or self.extension):
            raise StacksError(f"data_collection.toml, rule {self.id}: give it counters or extensions.")


@dataclass(frozen=True)
class DefenderPlan:
    """One of Defender for Cloud's plans."""

    name: str
    level: DefenderLevel
    sub_plan: str = ""
    extensions: Mapping[str, bool] = field(default_factory=dict[str, bool])


def _without(held: dict[str, Any], *names: str) -> dict[str, Any]:
    """A record without what is there for people only, its lists as tuples."""
    lists = {k: tuple(cast("list[Any]", v)) for k, v in held.items() if isinstance(v, list)}
    return {k: v for k, v in {**held, **lists}.items() if k not in names}


@cache
def activity_alerts() -> tuple[ActivityAlert, ...]:
    """What every subscription's activity log is watched for."""
    return tuple(ActivityAlert(**_without(a, "from")) for a in _read("alerts.toml")["activity"])


@cache
def metric_alerts() -> tuple[MetricAlert, ...]:
    """What the platform's own metrics are watched for."""
    return tuple(MetricAlert(**_without(m, "from")) for m in _read("alerts.toml")["metric"])


@cache
def gathered() -> tuple[Gathered, ...]:
    """Data collection rules."""
    return tuple(Gathered(**_without(r)) for r in _read("data_collection.toml")["rule"])


@cache
def defender_plans(level: DefenderLevel) -> tuple[DefenderPlan, ...]:
    """The plans that are on at `level`, in the order in which they are turned on."""
    on = {"off": (), "foundation": ("foundation",), "full": ("foundation", "full")}[level]
    return tuple(p for p in (DefenderPlan(**_without(p, "policy")) for p in _read("defender_plans.toml")["plan"]) if p.level in on)
