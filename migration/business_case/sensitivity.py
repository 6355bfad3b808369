"""How far the answer moves: one assumption at a time (tornado), and all at once by simulation."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from inventory.model import Estate
from migration.business_case.appraise import present_pence
from migration.business_case.build import build
from migration.business_case.case_file import Assumption, CaseFile
from migration.business_case.model import BusinessCase, Choice, Key
from migration.model import Plan


@dataclass(frozen=True, slots=True)
class Swing:
    """The plan's net present saving in pence with one assumption at its low and at its high end."""

    key: Key
    low: Decimal
    high: Decimal
    low_pence: int
    high_pence: int

    @property
    def width(self) -> int:
        """How far the two are apart."""
        return abs(self.high_pence - self.low_pence)


@dataclass(frozen=True, slots=True)
class Spread:
    """The plan's net present saving in pence over `draws`: one in ten is below p10, one in ten above p90."""

    draws: int
    seed: int
    p10_pence: int
    p50_pence: int
    p90_pence: int


def net_saving_pence(made: BusinessCase, choice: Choice = Choice.PLAN) -> int:
    """What a way saves against staying, at the value of the first year; negative where it costs more."""
    stay, other = (present_pence(made.way(c).years, made.discount_percent) for c in (Choice.STAY, choice))
    return stay - other


def tornado(estate: Estate, plan: Plan, case: CaseFile) -> tuple[Swing, ...]:
    """Each assumption with a range, the widest swing first."""
    swings = [_swing(a, a.low, a.high, estate, plan, case) for a in case.assumption if a.low is not None and a.high is not None]
    return tuple(sorted(swings, key=lambda s: (-s.width, s.key)))


def _swing(a: Assumption, low: Decimal, high: Decimal, estate: Estate, plan: Plan, case: CaseFile) -> Swing:
    at = [net_saving_pence(build(estate, plan, case.assuming(**{a.key.name: v}))) for v in (low, high)]
    return Swing(a.key, low, high, at[0], at[1])


def simulate(estate: Estate, plan: Plan, case: CaseFile, draws: int, seed: int) -> Spread | None:
    """Every assumption with a range drawn from a triangle of low, value and high. None where none has a range.

    The same seed gives the same figures. Months are drawn whole, everything else to a hundredth.
    """
    ranged = [a for a in case.assumption if a.low is not None and a.high is not None and a.low < a.high]
    if not ranged:
        return None
    random = np.random.default_rng(seed)
    drawn = {a.key: random.triangular(float(a.low or 0), float(a.value), float(a.high or 0), draws).tolist() for a in ranged}
    saved = [
        net_saving_pence(build(estate, plan, case.assuming(**{k.name: _as_given(k, values[n]) for k, values in drawn.items()})))
        for n in range(draws)
    ]
    p10, p50, p90 = (round(float(p)) for p in np.percentile(saved, (10, 50, 90)))
    return Spread(draws, seed, p10, p50, p90)


def _as_given(key: Key, value: float) -> Decimal:
    return Decimal(str(round(value, 0 if key is Key.DUAL_RUNNING else 2)))
