"""What holds of every questionnaire: not knowing never helps, one red answer of many costs its own weight, and order changes nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.model import Classification, Environment, Estate, Workload
from migration.assess import Terms, assess
from migration.model import Effect, Readiness
from migration.questionnaires.answers import Given, Sheet
from migration.questionnaires.asked import Reply, replies
from migration.questionnaires.model import Choice, Question, Questionnaire, Risk, Section, Thresholds
from migration.questionnaires.read import read_questionnaires
from migration.questionnaires.risk import result

PAGE = (Path(__file__).parents[3] / "docs/guides/questionnaires.md").read_text("utf-8")
RELAXED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WORSE = {Risk.GREEN: 0, Risk.YELLOW: 1, Risk.UNKNOWN: 2, Risk.RED: 2}
CAN_MOVE = {Readiness.READY: 0, Readiness.CONDITIONS: 1, Readiness.UNKNOWN: 2, Readiness.NOT_READY: 2}

choices = st.sampled_from(
    [
        Choice("g", Risk.GREEN),
        Choice("y", Risk.YELLOW),
        Choice("r", Risk.RED),
        Choice("u", Risk.UNKNOWN),
        Choice("k", Risk.RED, knock_out=True),
    ]
)
thresholds = st.builds(Thresholds, *(st.integers(1, 100) for _ in range(3)))


@st.composite
def answered(draw: st.DrawFn) -> Reply:
    offered = tuple(draw(st.lists(choices, min_size=1, max_size=4, unique=True)))
    stops = any(c.knock_out for c in offered)
    question = Question(
        draw(st.text("abc", min_size=1)), "?", offered, weight=draw(st.integers(1, 100)), required=stops or draw(st.booleans())
    )
    return Reply("s", question, draw(st.sampled_from((*offered, None))))


@RELAXED
@given(held=st.lists(answered(), min_size=1, max_size=12), at=thresholds, which=st.integers(0, 11))
def test_forgetting_an_answer_never_gives_a_better_score_or_colour(held: list[Reply], at: Thresholds, which: int) -> None:
    poorer = [replace(r, choice=None) if n == which % len(held) else r for n, r in enumerate(held)]
    before, after = result(held, at), result(poorer, at)
    assert (after.score or 0) <= (before.score or 0)
    assert WORSE[after.risk] >= WORSE[before.risk]


@RELAXED
@given(held=st.lists(answered(), max_size=12), at=thresholds, seed=st.randoms())
def test_the_order_of_answers_changes_nothing(held: list[Reply], at: Thresholds, seed: object) -> None:
    shuffled = sorted(held, key=lambda r: (r.question.id, r.question.weight, r.risk.value))
    assert result(shuffled, at) == result(held, at) == result(list(reversed(held)), at)


@RELAXED
@given(data=st.data(), owner=st.sampled_from(["", "Somebody"]), personal=st.sampled_from([None, True, False]), public=st.booleans())
def test_forgetting_what_a_person_answered_brings_no_workload_nearer(
    data: st.DataObject, owner: str, personal: bool | None, public: bool, terms: Terms
) -> None:
    council = read_questionnaires(None)["council"]
    workload = Workload(
        "w", "Zebra", owner=owner, environment=Environment.PRODUCTION, classification=Classification.OFFICIAL, personal_data=personal
    )
    workload = replace(workload, public_facing=public)
    estate = Estate(workloads=(workload,))
    bare = Sheet("w", council, {})
    open_ids = [r.question for r in replies(bare, workload, estate, terms) if r.choice is None]
    said = {q.id: data.draw(st.sampled_from(q.choices)).text for q in open_ids}
    sheet = replace(bare, given={q: Given(q, text, "A", date(2026, 11, 1)) for q, text in said.items()})
    lost = data.draw(st.sampled_from(sorted(said)))
    poorer = replace(sheet, given={q: g for q, g in sheet.given.items() if q != lost})
    before, after = (assess(workload, estate, replace(terms, sheets={"w": (s,)})) for s in (sheet, poorer))
    assert CAN_MOVE[after.readiness] >= CAN_MOVE[before.readiness], lost
    unasked = replace(workload, public_facing=None, personal_data=None)
    blinder = assess(unasked, Estate(workloads=(unasked,)), replace(terms, sheets={"w": (sheet,)}))
    mine, theirs = ({f.effect for f in a.findings if f.assessor == "questionnaire"} for a in (before, blinder))
    assert Effect.UNKNOWN in theirs or Effect.BLOCKS in theirs or mine <= {Effect.NONE, Effect.CONDITION}


def test_one_red_answer_of_twenty_costs_a_twentieth_not_a_half() -> None:
    green, red = Choice("g", Risk.GREEN), Choice("r", Risk.RED)
    held = [Reply("s", Question(str(n), "?", (green, red)), green) for n in range(19)]
    made = result([*held, Reply("s", Question("19", "?", (green, red)), red)], Thresholds(15, 30, 15))
    assert (made.score, made.risk) == (95, Risk.GREEN)


def test_nothing_asked_is_no_score_and_unknown() -> None:
    assert result([], Thresholds(1, 1, 1)).score is None
    assert result([], Thresholds(100, 100, 100)).risk is Risk.UNKNOWN


def test_the_sums_of_the_page_come_out() -> None:
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (yes|no) \| (\d+) \| (\w+) \|$", PAGE, re.MULTILINE)
    assert len(rows) >= 5
    council = read_questionnaires(None)["council"]
    for green, yellow, red, unknown, knocked, score, colour in rows:
        weights = {Risk.GREEN: int(green), Risk.YELLOW: int(yellow), Risk.RED: int(red), Risk.UNKNOWN: int(unknown)}
        made = result(_replies(weights, knocked == "yes"), council.thresholds)
        assert (made.score, made.risk.value) == (int(score), colour)


def _replies(weights: dict[Risk, int], knocked: bool) -> list[Reply]:
    held: list[Reply] = []
    for risk, weight in weights.items():
        chosen = Choice(risk.value, risk, knock_out=knocked and risk is Risk.RED)
        held += [Reply("s", Question(risk.value, "?", (chosen,), weight=weight), chosen)] if weight else []
    return held


def test_the_page_names_every_kind_of_tag_and_every_section(terms: Terms) -> None:
    from inventory.model import Database, Server
    from migration.questionnaires.tags import facts_of

    estate = Estate(
        servers=(Server("s", "s", operating_system="Windows Server 2022"),),
        databases=(Database("d", "d", "s", workload_id="w", engine="SQL Server", version="2022"),),
    )
    categories = {f.tag.category for f in facts_of(Workload("w", "w", server_ids=("s",)), estate, terms)}
    assert [c for c in categories if f"`{c}`" not in PAGE] == []


def test_a_shipped_questionnaire_asks_only_by_tags_that_the_inventory_knows(terms: Terms) -> None:
    council: Questionnaire = read_questionnaires(None)["council"]
    asked = {t.category for q in council.questions() for t in (*q.include_for, *q.exclude_for)}
    answered_by = {t.category for q in council.questions() for c in q.choices for t in c.auto_answer_for}
    assert [c for c in asked | answered_by if f"`{c}`" not in PAGE] == []
    assert all(isinstance(s, Section) and s.questions for s in council.sections)
