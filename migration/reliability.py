"""How often a thing fails: what its fault log proves, and what a design is promised to do. Exact sums, no simulation.

The log is read as a Poisson process. Before it nothing is believed of the rate (a flat prior), so after `failures` in
`years` the rate has a Gamma distribution of shape failures + 1, whose tail is a sum of Poisson terms because the shape is
whole. docs/concepts/reliability.md does the sums by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

HOURS_A_YEAR = 8760


def chance_above(rate: float, failures: int, years: float) -> float:
    """How likely it is that it really fails more than `rate` times a year, after `failures` in `years` (more than 0)."""
    return _at_most(failures, rate * years)


def upper_bound(failures: int, years: float, confidence: float) -> float:
    """The rate a year below which the true one lies with `confidence` (0 to 1): 3.0 after no failure in one year at 0.95."""
    low, high = 0.0, failures + 1.0
    while _at_most(failures, high) > 1 - confidence:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(failures, middle) > 1 - confidence else (low, middle)
    return high / years


def years_to_prove(rate: float, confidence: float) -> float:
    """Years without a failure that prove a rate of at most `rate` (more than 0) with `confidence`."""
    return -math.log(1 - confidence) / rate


def in_series(availabilities: Iterable[float]) -> float:
    """The availability of things all of which are needed: each failing by itself, their product."""
    return math.prod(availabilities)


def redundant(availability: float, copies: int, needed: int) -> float:
    """The availability of `copies` alike, of which `needed` must work, each failing by itself and failing over at once."""
    ways = (math.comb(copies, up) * availability**up * (1 - availability) ** (copies - up) for up in range(needed, copies + 1))
    return math.fsum(ways)


def outages_allowed(availability: float, hours: float) -> float:
    """The most outages a year of at least `hours` (more than 0) each that `availability` leaves room for."""
    return HOURS_A_YEAR * (1 - availability) / hours


def _at_most(failures: int, mean: float) -> float:
    """The chance of at most so many failures where `mean` are expected: Poisson terms, each by its logarithm so that none overflows."""
    if mean <= 0:
        return 1.0
    return min(1.0, math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(failures + 1)))
