"""Why a workload is in no wave, in words for its owner. Every reason is its kind, a colon and a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from inventory.model import Estate, Workload
from migration.model import Assessment, Disposition, Effect, Readiness
from migration.move_groups import listed, workload_name


class Why(StrEnum):
    """The kinds of reason, as they begin the sentence."""

    NOT_READY = "Not ready"
    UNKNOWN = "Readiness unknown"
    WAITS = "Waits for others"
    TOO_LARGE = "Too large"
    NO_WINDOW = "No window"
    NOT_ASSESSED = "Not assessed"
    RETIRES = "Retires"
    BOUGHT = "Bought as a service"
    STAYS = "Stays"


def cannot_move(a: Assessment) -> str:
    """Why a workload that is not ready, or of which readiness is unknown, cannot be planned: its first finding."""
    unknown = a.readiness is Readiness.UNKNOWN
    effect = Effect.UNKNOWN if unknown else Effect.BLOCKS
    deciding = [f.reason for f in a.findings if f.effect is effect and f.reason.strip()]
    if not deciding:
        return _reason(
            Why.UNKNOWN if unknown else Why.NOT_READY, f"the assessment names no finding. Run: unless assess show {a.workload_id}"
        )
    more = f"And {_count(len(deciding) - 1, 'more finding')}: unless assess show {a.workload_id}" if len(deciding) > 1 else ""
    return _reason(Why.UNKNOWN if unknown else Why.NOT_READY, f"{_sentence(deciding[0])} {more}")


def waits(a: Assessment, stuck: Sequence[str], estate: Estate, held: Mapping[str, Assessment]) -> str:
    """Why a workload that could move does not: `stuck` members of its group cannot."""
    names = [f"{workload_name(estate, s)} ({_state(held[s])})" for s in stuck[:3]]
    who = listed(names + ([f"{len(stuck) - 3} more"] if len(stuck) > 3 else []))
    return _reason(Why.WAITS, f"it is {a.readiness.value} itself, but must move together with {who}.")


def too_large(group_id: str, excess: str) -> str:
    """Why a group that no wave can take is not split behind anybody's back."""
    return _reason(Why.TOO_LARGE, f"its move group {group_id} has {excess}. Raise the capacity under [plan], or loosen a tie of the group.")


def no_window(first: date, days: int) -> str:
    """Why a group whose freezes leave no room is not planned."""
    where = f"no window of {days} days in the thirty years from {first} has room outside the freezes that bind it."
    return _reason(Why.NO_WINDOW, f"{where} Correct the calendar, shorten wave_days or raise the capacity under [plan].")


def not_assessed() -> str:
    """Why a workload without an assessment is not planned."""
    return _reason(Why.NOT_ASSESSED, "nobody has assessed it since it joined the estate. Run: unless assess")


def stands(w: Workload, a: Assessment) -> str:
    """Where a workload stands whose disposition moves no server."""
    if a.disposition is Disposition.RETIRE:
        servers = f"its {_count(len(w.server_ids), 'server')} can be switched off" if w.server_ids else "it can be switched off"
        return _reason(Why.RETIRES, f"{servers} once its data is kept for as long as retention asks.")
    if a.disposition is Disposition.REPURCHASE:
        what = f"{w.saas_product}; " if w.saas_product else ""
        ends = f"Its present contract ends on {w.contract_ends}." if w.contract_ends else ""
        return _reason(Why.BOUGHT, f"{what}its data goes into the service with the supplier, and no server moves. {ends}")
    cited = f"under exception {a.exception_id}." if a.exception_id else "although no exception is cited: it needs one."
    return _reason(Why.STAYS, f"in the data centre {cited} {_sentence(a.disposition_reason)}")


def kind_of(reason: str) -> str:
    """The kind of a reason as written: what stands before its first colon."""
    return reason.partition(":")[0]


def _reason(why: Why, sentence: str) -> str:
    return f"{why}: {sentence.strip()}"


def _state(a: Assessment) -> str:
    return "readiness unknown" if a.readiness is Readiness.UNKNOWN else a.readiness.value


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _sentence(text: str) -> str:
    held = text.strip()
    return held if not held or held[-1] in ".!?" else f"{held}."
