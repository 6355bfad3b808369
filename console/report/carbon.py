"""Carbon as `unless carbon` wrote it: ranges on both sides, and the sources of their ends."""

from __future__ import annotations

from dataclasses import dataclass

from console.output import between
from console.report.inputs import Inputs, RangeRow, SourceRow, SumRow


@dataclass(frozen=True)
class Row:
    """One side of some workloads: how many are known of how many, and the ranges in words."""

    side: str
    workloads: str
    energy: str
    carbon: str


@dataclass(frozen=True)
class CarbonView:
    """What is known of all, what may be compared, and the sources that make the ends. `is_older` than the estate as it is now."""

    known: tuple[Row, Row]
    comparable: tuple[Row, Row] | None
    least: tuple[SourceRow, ...]
    most: tuple[SourceRow, ...]
    left_out: tuple[str, ...]
    is_older: bool


def carbon(inputs: Inputs) -> CarbonView | None:
    """The carbon of the estate, or None before it was reckoned."""
    held = inputs.carbon
    if held is None:
        return None
    many, both = held.whole.workloads, held.comparable
    known = tuple(f"{many - n:,} of {many:,}" for n in (held.not_known.now, held.not_known.after))
    ranges = (held.whole.now_kg, held.whole.after_kg)
    least, most = ({b for e in ends for b in e.because} for ends in zip(*((r.low, r.high) for r in ranges), strict=True))
    return CarbonView(
        known=_rows(held.whole, *known),
        comparable=_rows(both, f"{both.workloads:,}", f"{both.workloads:,}") if both.workloads else None,
        least=tuple(s for s in held.sources if s.id in least),
        most=tuple(s for s in held.sources if s.id in most),
        left_out=held.left_out,
        is_older=held.estate_digest != inputs.estate_digest,
    )


def _rows(held: SumRow, now: str, after: str) -> tuple[Row, Row]:
    return (
        Row("On premises", now, _words(held.now_kwh), _words(held.now_kg)),
        Row("Afterwards", after, _words(held.after_kwh), _words(held.after_kg)),
    )


def _words(held: RangeRow) -> str:
    return between(held.low.value, held.high.value)
