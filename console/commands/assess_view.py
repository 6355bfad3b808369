"""How assessments are shown in a terminal: the summary, the list, and one workload with every reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import typer

from console.output import say, table

if TYPE_CHECKING:
    from migration.model import Assessment, Disposition, Finding, Readiness, Target

SUMMARY = ("disposition", "ready", "conditions", "not_ready", "unknown", "workloads", "cost_known", "cost_unknown")
LISTED = ("workload_id", "readiness", "disposition", "because")
EFFECTS = {"blocks": "BLOCKS", "unknown": "UNKNOWN", "condition": "CONDITION", "none": "NOTED"}


def summary(made: Sequence[Assessment]) -> list[Mapping[str, object]]:
    """Workloads by disposition and readiness, and of how many the whole cost is known; all of them last."""
    from migration.model import Disposition

    kinds = [d for d in Disposition if any(a.disposition is d for a in made)]
    return [*(_counted(d.value, [a for a in made if a.disposition is d]) for d in kinds), _counted("all", made)]


def _counted(name: str, held: Sequence[Assessment]) -> Mapping[str, object]:
    from migration.model import Readiness

    names = {Readiness.READY: "ready", Readiness.CONDITIONS: "conditions", Readiness.NOT_READY: "not_ready", Readiness.UNKNOWN: "unknown"}
    by_readiness = {name: sum(a.readiness is r for a in held) for r, name in names.items()}
    known = sum(a.monthly_pence is not None for a in held)
    return {"disposition": name, **by_readiness, "workloads": len(held), "cost_known": known, "cost_unknown": len(held) - known}


def money(made: Iterable[Assessment]) -> str:
    """What is known of the cost in a sentence, never as if it were all of it."""
    from migration.cost import priced

    targets = [t for a in made for t in a.targets]
    missing = sum(len(a.unpriced) for a in made)
    sentence = f"Prices known: {pounds(priced(targets))} a month for {sum(t.price is not None for t in targets):,} lines."
    return (
        f"{sentence} {missing:,} lines have no price (disks, databases, services), so this is not the whole cost." if missing else sentence
    )


def row(a: Assessment) -> Mapping[str, object]:
    """One line of the list."""
    from migration.readiness import deciding

    whole = pounds(a.monthly_pence) if a.monthly_pence is not None else "not known"
    because = list(dict.fromkeys(f.reason for f in deciding(a.findings) if f.effect.value != "none"))
    more = f" And {len(because) - 1} more." if len(because) > 1 else ""
    return {
        "workload_id": a.workload_id,
        "readiness": a.readiness,
        "disposition": a.disposition,
        "pounds_a_month": whole,
        "monthly_pence": a.monthly_pence,
        "because": " ".join(filter(None, (a.overruled, because[0] + more if because else ""))),
    }


def about(made: Iterable[Assessment], what: str) -> list[Assessment]:
    """The workload of that id, else the workloads that have a target of that id."""
    held = list(made)
    return [a for a in held if a.workload_id == what] or [a for a in held if any(t.subject == what for t in a.targets)]


def nearest(made: Iterable[Assessment], what: str) -> str:
    """The ids that a person may have meant, as the end of a sentence; "" when none is near."""
    ids = {a.workload_id for a in made} | {t.subject for a in made for t in a.targets}
    held = sorted(i for i in ids if what.lower() in i)[:3] or get_close_matches(what.lower(), ids, 3)
    return f" Near it are: {', '.join(held)}." if held else ""


def draw(a: Assessment) -> None:
    """One workload: what, why, finding by finding, then its targets."""
    from migration.readiness import deciding

    say(f"{a.workload_id}: {a.readiness.value}, {a.disposition.value} (assessed on {a.on})")
    say(a.disposition_reason)
    if a.overruled:
        say(a.overruled)
    decisive = [f for f in deciding(a.findings) if f.effect.value != "none"]
    say(f"Decided by {len(decisive)} of {len(a.findings)} findings, the worst." if decisive else "Nothing stands against it.")
    for effect in EFFECTS:
        for finding in a.findings:
            if finding.effect.value == effect:
                _finding(finding)
    _targets(a)


def _finding(f: Finding) -> None:
    days = f" ({f.effort_days:g} days)" if f.effort_days is not None else ""
    say(f"\n{EFFECTS[f.effect.value]}  {f.assessor}: {f.reason}")
    if f.remedy:
        say(f"  To do{days}: {f.remedy}")
    for line in f.evidence:
        say(f"  - {line}")


def _targets(a: Assessment) -> None:
    if not a.targets:
        return
    say("")
    columns = ("subject", "kind", "sku", "storage_gb", "pounds_a_month", "price_of")
    table([_target(t) for t in a.targets], columns, as_json=False, title="Targets")
    for t in a.targets:
        say(f"  {t.subject}, {t.kind}: {t.reason}")
        for other in t.alternatives:
            cost = f"{pounds(other.price.monthly_pence)} a month, {other.price.region} {other.price.on}" if other.price else "no price"
            say(f"    or {other.kind} {other.sku} ({cost}): {other.gives_up}")
        for offer in t.offers:
            held = offer.price
            say(f"    {held.term}, {held.hours} hours: {pounds(held.monthly_pence)} a month ({held.region} {held.on}). {offer.gives_up}")
    for source in sorted({t.price.source for t in a.targets if t.price}):
        say(f"Prices: {source}.")
    for caveat in sorted({c for t in a.targets if t.price and (c := t.price.caveat(t.region))}):
        say(caveat)
    if a.monthly_pence is not None:
        say(f"Whole cost in the cloud: {pounds(a.monthly_pence)} a month.")
    else:
        say(f"The whole cost is not known. No price for: {'; '.join(a.unpriced)}.")


def _target(t: Target) -> Mapping[str, object]:
    from migration.model import COSTS_NOTHING

    held = {"subject": t.subject, "kind": t.kind, "sku": t.sku, "storage_gb": t.storage_gb or ""}
    if t.price is None:
        return {**held, "pounds_a_month": "" if t.kind in COSTS_NOTHING else "no price", "price_of": ""}
    return {**held, "pounds_a_month": pounds(t.price.monthly_pence), "price_of": f"{t.price.region} {t.price.on}"}


def pounds(pence: int) -> str:
    """Pence as pounds, exactly."""
    return f"£{pence // 100:,}.{pence % 100:02}"


def readiness_named(name: str) -> Readiness:
    """The readiness that somebody typed, with hyphens or spaces; a usage error names those there are."""
    from migration.model import Readiness

    found = next((r for r in Readiness if r.value.replace(" ", "-") == _typed(name)), None)
    if found is None:
        raise typer.BadParameter(
            f"{name!r} is none of {', '.join(r.value.replace(' ', '-') for r in Readiness)}.", param_hint="--readiness"
        )
    return found


def disposition_named(name: str) -> Disposition:
    """The disposition that somebody typed; a usage error names those there are."""
    from migration.model import Disposition

    found = next((d for d in Disposition if d.value == _typed(name)), None)
    if found is None:
        raise typer.BadParameter(f"{name!r} is none of {', '.join(d.value for d in Disposition)}.", param_hint="--disposition")
    return found


def _typed(name: str) -> str:
    return "-".join(name.strip().lower().replace("_", " ").replace("-", " ").split())
