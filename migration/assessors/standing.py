"""Support on a date in words, and what it does to readiness; shared by the assessors of systems and databases."""

from __future__ import annotations

from datetime import date

from migration.knowledge.model import Release
from migration.knowledge.recognise import Standing, Support
from migration.model import Effect

EFFECTS = {
    Support.SUPPORTED: Effect.NONE,
    Support.ENDING: Effect.CONDITION,
    Support.EXTENDED: Effect.CONDITION,
    Support.ENDED: Effect.BLOCKS,
    Support.UNKNOWN: Effect.UNKNOWN,
}


def dates(standing: Standing, extended: str, cutover_on: date) -> str:
    """A clause that says how it stands at the cut-over, with the dates that decide it."""
    ends = _span([r.ends for r in standing.releases])
    later = _span([r.extended_ends for r in standing.releases])
    match standing.support:
        case Support.SUPPORTED:
            return (
                f"supported at the cut-over on {cutover_on}, until {ends}."
                if ends
                else f"supported at the cut-over on {cutover_on}; no end is announced."
            )
        case Support.ENDING:
            return f"support ends on {ends}, soon after the cut-over on {cutover_on}."
        case Support.EXTENDED:
            return f"at the cut-over on {cutover_on} it has only {extended}, until {later}; ordinary support until {ends}."
        case Support.ENDED:
            also = f", {extended} until {later}" if later else ""
            return f"not supported at the cut-over on {cutover_on}: support until {ends}{also}."
        case Support.UNKNOWN:
            return f"nobody can tell whether it is supported at the cut-over, because {standing.why}."


def ends(release: Release) -> str:
    """What is known of a release's ends: `Debian 12: ends 2028-06-10`."""
    extended = f", extended until {release.extended_ends}" if release.extended_ends else ""
    return f"{release.name}: ends {release.ends or 'on no day announced'}{extended}"


def soften(effect: Effect, moves: bool) -> tuple[Effect, str]:
    """What does not move cannot stop the move, but it is never ready either: it must be kept safe until it is switched off."""
    if moves or effect is Effect.NONE:
        return effect, ""
    return Effect.CONDITION, " It does not move: keep it safe until it is switched off."


def _span(days: list[date | None]) -> str:
    held = sorted({d for d in days if d})
    if not held:
        return ""
    return str(held[-1]) if len(held) == 1 else f"{held[0]} to {held[-1]}, by release"
