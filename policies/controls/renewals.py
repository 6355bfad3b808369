"""How often an exception was renewed: what is excused for ever is no exception."""

from __future__ import annotations

from policies.answers import all_of, fails, passes
from policies.controls.exceptions import strictest
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at


def _is_renewed_few_times(subject: Subject, portfolio: Portfolio) -> Answer:
    entries = {s.id: at(s) for s in sorted(portfolio.by_type.get("exception", ()), key=lambda s: s.id)}
    earlier = _earlier(subject.id, entries)
    others = [i for i in entries if i not in (subject.id, *earlier)]
    return all_of(
        [
            lambda: _says_what_it_renews(subject.id, earlier, entries),
            lambda: _is_within_limit(subject, portfolio, entries),
            *(lambda i=i: _is_apart(subject.id, i, entries) for i in others),
        ],
        passes(f"{subject.id} renews nothing.", "renews"),
    )


def _says_what_it_renews(entry_id: str, earlier: set[str], entries: dict[str, Place]) -> Answer:
    if entry_id in earlier:
        return fails(f"{entry_id} renews itself, by way of others or at once.", "renews")
    lost = sorted(e for e in earlier if e not in entries)
    if lost:
        return fails(f"{entry_id} goes on from {', '.join(lost)}, which the register does not hold.", "renews")
    return passes(f"What {entry_id} renews is in the register.", "renews")


def _is_within_limit(subject: Subject, portfolio: Portfolio, entries: dict[str, Place]) -> Answer:
    most, why = strictest("most_renewals", at(subject).texts("controls"), portfolio)
    count = _renewals(subject.id, entries)
    if count > most:
        return fails(f"{subject.id} is renewal {count}; {why} allows {most}.", "renews")
    return passes(f"{subject.id} is renewal {count} of at most {most}." if count else f"{subject.id} renews nothing.", "renews")


def _is_apart(entry_id: str, other_id: str, entries: dict[str, Place]) -> Answer:
    if _goes_on_from(entries[entry_id], entries[other_id]):
        return fails(f"{entry_id} excuses again what {other_id} did, and does not say that it renews it.", "renews")
    return passes(f"{entry_id} has nothing to do with {other_id}.", "renews")


def _earlier(entry_id: str, entries: dict[str, Place]) -> set[str]:
    """Ids of every entry that this one continues, directly or by way of others."""
    found: set[str] = set()
    waiting = [entry_id]
    while waiting:
        here = waiting.pop()
        new = [r for r in entries[here].texts("renews") if r not in found] if here in entries else []
        found.update(new)
        waiting += new
    return found


def _goes_on_from(mine: Place, other: Place) -> bool:
    """Whether the other was approved before mine and waives one of the same controls for one of the same subjects."""
    shares = bool(set(mine.texts("controls")) & set(other.texts("controls"))) and _meets(mine.texts("subjects"), other.texts("subjects"))
    first, second = other.day("approved_on"), mine.day("approved_on")
    return shares and first is not None and second is not None and first < second


def _meets(mine: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both name one thing: by the same text, or one by a URN and the other by the name that ends it."""
    return bool({*mine, *_names(mine)} & {*other}) or bool({*mine} & _names(other))


def _names(subjects: tuple[str, ...]) -> set[str]:
    return {s.rpartition("::")[2] for s in subjects}


def _renewals(entry_id: str, entries: dict[str, Place]) -> int:
    """How often what this entry excuses was renewed, by the longest way back, those from before the register included."""

    def before(i: str) -> int:
        return int(entries[i].number("renewals_before") or 0)

    level = {entry_id: before(entry_id)}
    counts = [*level.values()]
    # No way back is longer than the register, unless entries renew one another in a ring, which the reader refuses.
    for _ in entries:
        steps = [(r, count + 1 + before(r)) for i, count in level.items() for r in entries[i].texts("renews") if r in entries]
        level = {r: max(count for i, count in steps if i == r) for r, _ in steps}
        counts += level.values()
    return max(counts)


CONTROLS = (
    Control(
        id="exception-is-renewed-few-times",
        title="Exceptions say what they renew, and are renewed only so often",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=("exception",),
        judge=_is_renewed_few_times,
        remedy="Name the entry that it goes on from in renews; when the limit is reached, mend what it excuses or change the rule.",
        looks_around=True,
    ),
)
