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
    `sheets` are the questionnaires that were asked, by workload.
    """

    on: date
    cutover_on: date
    region: str
    headroom_percent: float
    knowledge: Knowledge
    overrules: Mapping[str, Overrule] = field(default_factory=dict[str, Overrule])
    purchase: Purchase = field(default_factory=Purchase)
    sheets: Mapping[str, tuple[Sheet, ...]] = field(default_factory=dict[str, tuple[Sheet, ...]])
