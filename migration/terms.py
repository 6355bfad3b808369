"""The terms of an assessment: everything that it depends on besides the estate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from migration.knowledge.model import Knowledge
from migration.overrules import Overrule
from migration.purchase import Purchase
from migration.questionnaires.answers import Sheet

STAY_CONTROL = "workload-goes-to-the-cloud"
"""The control that a retain departs from, and that its exception must name."""


@dataclass(frozen=True)
class Terms:
    """`on` is the day of the assessment, `cutover_on` the day on which support must still hold.

    `headroom_percent` is added to measured need. `region` is where things go, such as `uksouth`.
    `overrules` are those in force, by workload; `purchase` is how machines are bought and for how many hours.
    `percentile` of what was measured is what a size must cover: 50, 95, 99, or 100 for the maximum. `headrooms` go before
    `headroom_percent` for `cpu` and `memory`. A size whose series retires within `contract_years` of the cut-over is not chosen.
    `sheets` are the questionnaires that were asked, by workload.
    """

    on: date
    cutover_on: date
    region: str
    headroom_percent: float
    knowledge: Knowledge
    overrules: Mapping[str, Overrule] = field(default_factory=dict[str, Overrule])
    purchase: Purchase = field(default_factory=Purchase)
    percentile: int = 95
    headrooms: Mapping[str, float] = field(default_factory=dict[str, float])
    contract_years: int = 5
    sheets: Mapping[str, tuple[Sheet, ...]] = field(default_factory=dict[str, tuple[Sheet, ...]])

    def headroom(self, metric: str) -> float:
        """Per cent on top of the measured need of `cpu` or `memory`."""
        return self.headrooms.get(metric, self.headroom_percent)

    @property
    def contract_ends(self) -> date:
        """The day until which a size must be to be had: years after the cut-over, on 1 March where that day is no 29 February."""
        try:
            return self.cutover_on.replace(year=self.cutover_on.year + self.contract_years)
        except ValueError:
            return date(self.cutover_on.year + self.contract_years, 3, 1)
