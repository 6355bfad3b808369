"""What was answered where a questionnaire was asked of the workload; nothing where none was.

A knock-out blocks. A red answer blocks where the questionnaire says so, else it is a condition, as a yellow one is. What nobody has
answered is unknown. A question that is not required is in the score alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Estate, Workload
from migration.assessors.standing import soften
from migration.disposition import decide
from migration.model import Disposition, Effect, Finding
from migration.questionnaires.answers import Sheet
from migration.questionnaires.asked import Reply, replies
from migration.questionnaires.model import Risk
from migration.questionnaires.risk import result
from migration.terms import Terms

NAME = "questionnaire"
_STAYS = (Disposition.RETIRE, Disposition.RETAIN)


def assess(workload: Workload, estate: Estate, terms: Terms) -> tuple[Finding, ...]:
    """The result of each questionnaire that was asked, then one finding for each answer that stands against the move."""
    moves = decide(workload, estate, terms).disposition not in _STAYS
    return tuple(f for sheet in terms.sheets.get(workload.id, ()) for f in _findings(sheet, workload, estate, terms, moves))


def _findings(sheet: Sheet, w: Workload, estate: Estate, terms: Terms, moves: bool) -> Iterator[Finding]:
    asked = replies(sheet, w, estate, terms)
    came = result(asked, sheet.questionnaire.thresholds)
    answered = sum(r.choice is not None for r in asked)
    score = "no score" if came.score is None else f"{came.score} of 100"
    reason = (
        f"By the questionnaire {sheet.questionnaire.name} it is {came.risk.value}, {score}: {answered} of {len(asked)} questions answered."
    )
    yield Finding(NAME, w.id, w.id, Effect.NONE, reason, "", None, (f"answers: {sheet.file}",))
    for reply in asked:
        effect = effect_of(reply, sheet)
        if effect is not Effect.NONE:
            yield _finding(reply, effect, w, terms, moves)


def effect_of(reply: Reply, sheet: Sheet) -> Effect:
    """What the reply to one question does to readiness."""
    if not reply.question.required or reply.risk is Risk.GREEN:
        return Effect.NONE
    if reply.choice is None or reply.choice.risk is Risk.UNKNOWN:
        return Effect.UNKNOWN
    is_blocking_red = reply.choice.risk is Risk.RED and sheet.questionnaire.red_blocks
    return Effect.BLOCKS if reply.choice.knock_out or is_blocking_red else Effect.CONDITION


def _finding(reply: Reply, effect: Effect, w: Workload, terms: Terms, moves: bool) -> Finding:
    softened, tail = soften(effect, moves)
    question, choice = reply.question, reply.choice
    if choice is None:
        wrong = f"What is answered to “{question.text}” is wrong, so it does not count."
        reason = wrong if reply.refused else f"Nobody has answered “{question.text}”."
        remedy = f"Answer {question.id}." + (f" It asks for evidence: {question.evidence}." if question.evidence else "")
        return Finding(NAME, w.id, w.id, softened, reason + tail, remedy, terms.knowledge.efforts["find-out"])
    reason = _sentence(f"To “{question.text}” the answer is “{choice.text}”. {choice.rationale}")
    remedy = _sentence(choice.mitigation or "Find out what it takes, and answer again")
    days = terms.knowledge.efforts["find-out"] if effect is Effect.UNKNOWN else None
    return Finding(NAME, w.id, w.id, softened, reason + tail, remedy, days, reply.evidence)


def _sentence(text: str) -> str:
    whole = text.rstrip()
    return whole if whole.endswith(".") else f"{whole}."
