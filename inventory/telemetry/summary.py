"""From the samples of some servers to exact figures of each server and metric. Pure: the same on one machine and on Spark.

A percentile is by nearest rank: the smallest sampled value that at least that share of the samples does not exceed
(Hyndman and Fan 1996, definition 1). It is always a value that was sampled, so whole numbers stay whole and no two
programs differ in the last digit.

The interval of a server is the median time between two of its samples. Coverage is the samples taken against those that
the window has room for at that interval; a gap is more than one and a half intervals without a sample, the window's
two ends included.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from inventory.telemetry.metrics import Metric

Whole = npt.NDArray[np.unsignedinteger[Any]]
DEFAULT_PERCENTILES = (50.0, 95.0, 99.0)
_GAP_INTERVALS = 1.5


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are summed up, both included, as seconds since 1970 in UTC: `starts` belongs to it, `ends` does not."""

    first: date
    last: date

    @property
    def starts(self) -> int:
        """The first second of the first day."""
        return _second(self.first)

    @property
    def ends(self) -> int:
        """The first second after the last day."""
        return _second(self.last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Samples:
    """Samples of some servers, column by column and all of one length.

    `server` are the servers' numbers, `at` seconds since 1970 in UTC; `values` the figures of each metric as whole numbers,
    `Metric.absent` where it was not measured.
    """

    server: npt.NDArray[np.unsignedinteger[Any]]
    at: npt.NDArray[np.uint32]
    values: Mapping[str, Whole]


@dataclass(frozen=True, slots=True)
class Figures:
    """One metric of one server in a window. Percentiles and maximum are whole numbers of the metric, None when nothing was sampled.

    `interval` and `longest_gap` are seconds; `expected` is how many samples the window has room for. Of a single sample nobody can tell the
    interval: it is 0, and so is what is expected.
    """

    server: int
    metric: str
    interval: int
    samples: int
    expected: int
    percentiles: tuple[int | None, ...]
    maximum: int | None
    gaps: int
    longest_gap: int


def summarise(
    pieces: Sequence[Samples], metrics: Sequence[Metric], window: Window, percentiles: Sequence[float] = DEFAULT_PERCENTILES
) -> Iterator[Figures]:
    """Each metric of each server, by server and then in the order of `metrics`. Samples outside the window must not be there.

    `percentiles` are of 0 < p <= 100. Neither the order of the samples nor how they are cut into pieces makes a difference;
    it is quick where each piece is by server and then by time, and the pieces follow one another in time, as days do.
    """
    held = [_in_order(piece) for piece in pieces if len(piece.server)]
    if not held:
        return
    servers = np.unique(np.concatenate([_distinct(piece.server) for piece in held]))
    cuts = [(p, p.server.searchsorted(servers, "left").tolist(), p.server.searchsorted(servers, "right").tolist()) for p in held]
    for n, server in enumerate(servers.tolist()):
        mine = [(piece, slice(starts[n], ends[n])) for piece, starts, ends in cuts if starts[n] < ends[n]]
        at = np.concatenate([piece.at[part] for piece, part in mine])
        values = [(m, np.concatenate([piece.values[m.name][part] for piece, part in mine])) for m in metrics]
        if bool(np.any(at[1:] < at[:-1])):
            order = np.argsort(at, kind="stable")
            at, values = at[order], [(m, of[order]) for m, of in values]
        yield from _of_server(server, at, values, (window.starts, window.ends), tuple(percentiles))


def interval_of(at: Whole) -> int:
    """The usual time between two samples in seconds: the lower median; 0 for fewer than two."""
    if len(at) < 2:
        return 0
    apart = at[1:] - at[:-1]
    middle = (len(apart) - 1) // 2
    return int(np.partition(apart, middle)[middle])


def _of_server(
    server: int, at: Whole, values: Sequence[tuple[Metric, Whole]], window: tuple[int, int], percentiles: tuple[float, ...]
) -> Iterator[Figures]:
    interval = interval_of(at)
    room = (window[1] - window[0]) // interval if interval else 0
    whole = _gaps(at, interval, window)
    for metric, of in values:
        taken = of != metric.absent
        count = int(np.count_nonzero(taken))
        gaps, longest = whole if count == len(of) else _gaps(at[taken], interval, window)
        ranked = _at_ranks(of if count == len(of) else of[taken], _ranks(percentiles, count)) if count else (None,) * (len(percentiles) + 1)
        yield Figures(server, metric.name, interval, count, room, tuple(ranked[:-1]), ranked[-1], gaps, longest)


def _at_ranks(values: Whole, ranks: Sequence[int]) -> Sequence[int]:
    """The values that stand at these places once sorted. Sixteen bits have a radix sort, twice as quick as selection."""
    if int(values.max()) < 1 << 16:
        return np.sort(values.astype(np.uint16, copy=False), kind="stable")[ranks].tolist()
    return np.partition(values, sorted(set(ranks)))[ranks].tolist()


@lru_cache(maxsize=1000)
def _ranks(percentiles: tuple[float, ...], count: int) -> list[int]:
    """The places (from 0) of percentiles among so many sorted values, and the last place.

    Rounded first: 0.95 x 20 is 19, whatever floats say.
    """
    return [*(max(0, math.ceil(round(p * count / 100, 9)) - 1) for p in percentiles), count - 1]


def _gaps(at: Whole, interval: int, window: tuple[int, int]) -> tuple[int, int]:
    """How many gaps there are, and how long the longest is."""
    if not len(at):
        return 1, window[1] - window[0]
    usual = _GAP_INTERVALS * interval
    apart = at[1:] - at[:-1]
    gaps = [e for e in (int(at[0]) - window[0], window[1] - int(at[-1])) if e > usual]
    if len(apart) and int(apart.max()) > usual:
        gaps += apart[apart > usual].tolist()
    return len(gaps), max(gaps, default=0)


def _in_order(samples: Samples) -> Samples:
    """By server and then by time; left as it is where it is by server already, for times are looked at server by server."""
    if bool(np.all(samples.server[1:] >= samples.server[:-1])):
        return samples
    order = np.lexsort((samples.at, samples.server))
    return Samples(samples.server[order], samples.at[order], {name: of[order] for name, of in samples.values.items()})


def _distinct(ordered: npt.NDArray[np.unsignedinteger[Any]]) -> npt.NDArray[np.unsignedinteger[Any]]:
    return ordered[np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))]


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
