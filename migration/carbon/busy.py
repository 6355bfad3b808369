"""How busy a server is on the average, from the percentiles that were kept of it: a range, for an average was not.

Half of all samples lie under the median, 45 % between it and the 95th percentile, 4 % between that and the 99th, and 1 % above. Each
share is at least its lower bound and at most its upper, so the mean lies between the two sums. What was not kept is bounded by what was,
and at last by 0 and 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from inventory.model import Utilisation

_SHARES = (0.50, 0.45, 0.04, 0.01)
_FIELDS = ("cpu_p50_percent", "cpu_p95_percent", "cpu_p99_percent", "cpu_max_percent")


@dataclass(frozen=True, slots=True)
class Busy:
    """The least and the most that the mean use of a processor can be, in per cent of all of it."""

    low: float
    high: float
    is_measured: bool

    def on(self, vcpus: float, instead_of: float) -> Busy:
        """The same work on another number of vCPUs."""
        times = instead_of / vcpus
        return Busy(min(100.0, self.low * times), min(100.0, self.high * times), self.is_measured)

    @property
    def words(self) -> str:
        """As a person reads it."""
        return f"{self.low:.1f} to {self.high:.1f} % busy" if self.is_measured else "use not measured, so from idle to full"


UNMEASURED = Busy(0, 100, is_measured=False)


def busy_of(months: Sequence[Utilisation]) -> Busy:
    """Over the months that are believed; each counts alike. Without a measurement, anything from nothing to all."""
    held = [b for b in map(_of_month, months) if b]
    if not held:
        return UNMEASURED
    return Busy(fmean(b.low for b in held), fmean(b.high for b in held), is_measured=True)


def _of_month(month: Utilisation) -> Busy | None:
    known = [n for n, field in enumerate(_FIELDS) if getattr(month, field) is not None]
    if not known:
        return None
    # A median above a p95 is a mistake of whoever wrote it down; in order the bounds hold whichever of the two is wrong.
    figures = sorted(min(100.0, max(0.0, getattr(month, _FIELDS[n]))) for n in known)
    at = dict(zip(known, figures, strict=True))
    below = [max((v for n, v in at.items() if n < part), default=0.0) for part in range(len(_SHARES))]
    above = [min((v for n, v in at.items() if n >= part), default=100.0) for part in range(len(_SHARES))]
    low, high = (sum(s * b for s, b in zip(_SHARES, bounds, strict=True)) for bounds in (below, above))
    return Busy(low, high, is_measured=True)
