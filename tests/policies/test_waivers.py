"""An exception waives what it names and nothing beside it: a name that several go by says nothing."""

from __future__ import annotations

from datetime import date

import pytest

from policies.answers import fails, not_applicable, passes
from policies.evaluate import evaluate
from policies.model import Answer, Control, GoldenRule, Judgement, Portfolio, Severity, Subject
from policies.register import Entry, Register
from policies.waivers import waive_all

ON = date(2026, 11, 22)
DEV = "urn:pulumi:dev::p::t::store"
PROD = "urn:pulumi:prod::p::t::store"


def control(*outside: str) -> Control:
    """Fails for every subject, and does not apply to those outside."""

    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        del portfolio
        return not_applicable("It is outside.") if subject.id in outside else fails("It is open.")

    return Control("it-is-closed", "It is closed", Severity.HIGH, GoldenRule.SECURE_BY_DESIGN, ("t",), judge, "Close it.")


def waived(*names: str, ids: tuple[str, ...] = (DEV, PROD), outside: tuple[str, ...] = ()) -> dict[str, Judgement]:
    entry = Entry(
        id="EX-1",
        controls=("it-is-closed",),
        subjects=names,
        requester="A",
        approver="B",
        approved_on=date(2026, 11, 1),
        expires_on=date(2026, 12, 1),
    )
    subjects = tuple(Subject("resource", "t", i, i.rsplit("::", 1)[-1], {}) for i in ids)
    judged = waive_all(evaluate(Portfolio(subjects, ON), (control(*outside),)), Register((entry,)), ON)
    return {j.subject.id: j for j in judged}


def test_a_name_that_one_goes_by_waives_it() -> None:
    assert waived("store", ids=(DEV,))[DEV].waived_by == "EX-1"


def test_a_name_that_several_go_by_waives_none_and_says_how_to_name_one() -> None:
    found = waived("store")
    assert [j.waived_by for j in found.values()] == ["", ""]
    assert all(j.blocks for j in found.values())
    assert (
        found[PROD].waiver == f"Exception EX-1 does not waive this: several are called store. Name the one that is meant by its id, {PROD}."
    )


def test_an_id_waives_its_own_alone_and_both_ids_both() -> None:
    assert {i: j.waived_by for i, j in waived(DEV).items()} == {DEV: "EX-1", PROD: ""}
    assert {i: j.waived_by for i, j in waived(DEV, PROD).items()} == {DEV: "EX-1", PROD: "EX-1"}
    assert {i: j.waived_by for i, j in waived("store", DEV).items()} == {DEV: "EX-1", PROD: ""}


def test_what_a_control_is_not_about_makes_no_name_vague() -> None:
    assert waived("store", outside=(PROD,))[DEV].waived_by == "EX-1"


def test_a_name_that_is_anothers_id_is_that_others() -> None:
    found = waived("store", ids=("store", DEV))
    assert {i: j.waived_by for i, j in found.items()} == {"store": "EX-1", DEV: ""}


@pytest.mark.parametrize("ids", [(DEV, PROD), (PROD, DEV)])
def test_a_judgement_that_passes_counts_as_one_of_that_name(ids: tuple[str, str]) -> None:
    """Else mending the one would waive the other, which nobody approved."""
    entry = Register((Entry(id="EX-1", controls=("it-is-closed",), subjects=("store",), approver="B", approved_on=ON, expires_on=ON),))
    one, two = (Subject("resource", "t", i, "store", {}) for i in ids)
    judged = (Judgement(control(), one, passes("It is closed.")), Judgement(control(), two, fails("It is open.")))
    assert [j.waived_by for j in waive_all(judged, entry, ON)] == ["", ""]
