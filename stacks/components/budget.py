"""What a month may cost, and who hears before it is spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pulumi
from pulumi_azure_native import consumption


@dataclass(frozen=True)
class Allowance:
    """`monthly_pounds` in the billing account's currency, which for a UK council is GBP: Azure has no currency on a budget."""

    monthly_pounds: float
    starts_on: date
    contacts: Sequence[str]
    percentages: Sequence[int]


def budget(
    name: str, scope: pulumi.Input[str], allowance: Allowance, action_groups: Sequence[pulumi.Input[str]], opts: pulumi.ResourceOptions
) -> consumption.Budget:
    """A monthly budget on `scope`, which warns of what is spent, and at the last percentage of what is forecast too."""
    return consumption.Budget(
        f"{name}-budget",
        budget_name=f"{name}-monthly",
        scope=scope,
        category=consumption.CategoryType.COST,
        amount=allowance.monthly_pounds,
        time_grain=consumption.TimeGrainType.MONTHLY,
        time_period=consumption.BudgetTimePeriodArgs(start_date=f"{allowance.starts_on.isoformat()}T00:00:00Z"),
        notifications=_notifications(allowance, action_groups),
        opts=opts,
    )


def _notifications(allowance: Allowance, groups: Sequence[pulumi.Input[str]]) -> dict[str, pulumi.Input[consumption.NotificationArgs]]:
    spent = {f"spent-{p}": _notification(allowance, groups, p, consumption.ThresholdType.ACTUAL) for p in allowance.percentages}
    last = max(allowance.percentages)
    return {**spent, f"forecast-{last}": _notification(allowance, groups, last, consumption.ThresholdType.FORECASTED)}


def _notification(
    allowance: Allowance, groups: Sequence[pulumi.Input[str]], percent: int, kind: consumption.ThresholdType
) -> consumption.NotificationArgs:
    return consumption.NotificationArgs(
        enabled=True,
        operator=consumption.OperatorType.GREATER_THAN_OR_EQUAL_TO,
        threshold=percent,
        threshold_type=kind,
        contact_emails=list(allowance.contacts),
        contact_groups=list(groups) or None,
        locale=consumption.CultureCode.EN_GB,
    )
