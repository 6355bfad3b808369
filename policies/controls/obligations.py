"""What a check deferred must be judged again on deployed state, and soon."""

from __future__ import annotations

from policies.answers import fails, passes
from policies.knowledge import fact
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import at


def _is_rechecked_in_time(subject: Subject, portfolio: Portfolio) -> Answer:
    since = at(subject).day("since")
    if since is None or since > portfolio.on:
        return fails(f"It is not said since when {subject.name} waits to be judged, or that day is still to come.", "since")
    days, most = (portfolio.on - since).days, fact("obligations", "recheck_days")
    if days > most:
        return fails(f"{subject.name} has waited {days} days to be judged on deployed state; {most} are allowed.", "since")
    return passes(f"{subject.name} waits to be judged on deployed state since {since}.", "since")


CONTROLS = (
    Control(
        id="obligation-is-rechecked-in-time",
        title="What could not be told before deployment is judged soon after it",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=("obligation",),
        judge=_is_rechecked_in_time,
        remedy="Deploy, export the stack and judge it: pulumi stack export --file state.json; unless check --state state.json.",
    ),
)
