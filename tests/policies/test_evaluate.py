"""The evaluator: an unknown is never mistaken for a value, and a broken control is a verdict, not a lost run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, cast

import pytest

from policies.catalogue import all_controls
from policies.evaluate import evaluate
from policies.model import SECRET, UNKNOWN, Answer, Control, GoldenRule, Portfolio, Severity, Subject, UnknownValueError, Verdict
from policies.places import Place, at
from policies.waivers import london_day

ON = date(2026, 11, 22)


def control(judge: Callable[[Subject, Portfolio], Any], types: tuple[str, ...] = ("t",)) -> Control:
    return Control("it-is-well", "It is well", Severity.HIGH, GoldenRule.SECURE_BY_DESIGN, types, judge, "Mend it.")


def only(judge: Callable[[Subject, Portfolio], Any], **inputs: Any) -> Answer:
    subject = Subject("resource", "t", "urn:pulumi:s::p::t::a", "a", inputs)
    return evaluate(Portfolio((subject,), ON), [control(judge)])[0].answer


def crash(subject: Subject, portfolio: Portfolio) -> Answer:
    raise ZeroDivisionError


def test_a_control_that_raises_could_not_tell() -> None:
    answer = only(crash)
    assert answer.verdict is Verdict.UNKNOWN
    assert "control it-is-well failed (ZeroDivisionError)" in answer.reason


def test_a_control_that_gives_no_verdict_could_not_tell() -> None:
    assert only(lambda s, p: True).verdict is Verdict.UNKNOWN
    assert only(lambda s, p: None).verdict is Verdict.UNKNOWN


class Own(BaseException):
    """What a library may raise to be caught by nobody."""


@pytest.mark.parametrize("wrong", [SystemExit(0), GeneratorExit(), RecursionError(), MemoryError(), Own(), StopIteration()])
def test_whatever_a_control_raises_is_a_verdict(wrong: BaseException) -> None:
    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        raise wrong

    answer = only(judge)
    assert (answer.verdict, type(wrong).__name__ in answer.reason) == (Verdict.UNKNOWN, True)


def test_a_control_that_calls_itself_for_ever_is_a_verdict() -> None:
    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        return judge(subject, portfolio)

    assert "RecursionError" in only(judge).reason


def test_ctrl_c_in_a_control_ends_the_run() -> None:
    def judge(subject: Subject, portfolio: Portfolio) -> Answer:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        only(judge)


NO_ANSWERS: list[Any] = [
    Answer(cast("Any", "pass"), "of text, not of our verdicts"),
    Answer(cast("Any", "fail"), "the same"),
    Answer(cast("Any", None), "none"),
    Answer(Verdict.PASS, cast("Any", 7)),
    Answer(Verdict.PASS, "", cast("Any", UNKNOWN)),
    Verdict.PASS,
    (Verdict.PASS, "yes"),
]


@pytest.mark.parametrize("given", NO_ANSWERS, ids=range(len(NO_ANSWERS)))
def test_what_is_no_answer_is_no_verdict(given: Any) -> None:
    answer = only(lambda s, p: given)
    assert (answer.verdict, "gave no verdict" in answer.reason) == (Verdict.UNKNOWN, True)


def change_a_value(inputs: Any) -> None:
    inputs["x"] = "safe"


CHANGES: list[Callable[[Any], object]] = [
    change_a_value,
    lambda i: i["deep"]["list"].append(1),
    lambda i: i["deep"].update(a=1),
    lambda i: i["deep"].setdefault("b", 1),
    lambda i: i.pop("x"),
    lambda i: i["deep"]["list"].sort(),
    lambda i: i["deep"]["list"][0].clear(),
    lambda i: i.__ior__({"x": 1}),
    lambda i: i["deep"]["list"].__iadd__([1]),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_a_control_cannot_change_what_the_next_one_sees(number: int) -> None:
    inputs = {"x": "open", "deep": {"list": [{"a": 0}]}}
    subject = Subject("resource", "t", "u", "a", inputs)
    before = json.dumps(subject.inputs)

    def judge(s: Subject, _: Portfolio) -> Answer:
        CHANGES[number](s.inputs)
        return Answer(Verdict.PASS, "changed")

    judged = evaluate(Portfolio((subject,), ON), [control(judge)])
    assert "failed (TypeError)" in judged[0].answer.reason
    assert json.dumps(subject.inputs) == before


def test_a_subject_does_not_change_with_what_it_was_made_from() -> None:
    inputs: dict[str, Any] = {"deep": [1]}
    subject = Subject("resource", "t", "u", "a", inputs)
    inputs["deep"].append(2)
    assert subject.inputs == {"deep": [1]}


def test_inputs_that_hold_themselves_or_never_end_are_unknown_where_they_do() -> None:
    round_: dict[str, Any] = {"ok": 1}
    round_["self"] = [round_]
    deep: Any = 1
    for _ in range(5_000):
        deep = {"in": deep}
    subject = Subject("resource", "t", "u", "a", {"round": round_, "deep": deep, "ok": 1})
    leaves = [*at(subject).leaves()]
    assert [p.path for p in leaves if p.is_unknown()] == ["round.self[0]", f"deep{'.in' * 199}"]
    judged = evaluate(Portfolio((subject,), ON), [*all_controls(), control(lambda s, p: Answer(Verdict.PASS, at(s).text("round.self")))])
    assert [j.answer.reason for j in judged if "failed (" in j.answer.reason] == []


def test_a_broken_control_does_not_lose_the_others() -> None:
    subject = Subject("resource", "t", "u", "a", {})
    sound = Control("b", "B", Severity.LOW, GoldenRule.CLOUD_UNLESS, ("t",), lambda s, p: Answer(Verdict.PASS, "yes"), "Mend.")
    judged = evaluate(Portfolio((subject,), ON), [control(crash), sound])
    assert [j.answer.verdict for j in judged] == [Verdict.PASS, Verdict.UNKNOWN]


USES: list[Callable[[Any], object]] = [
    bool,
    len,
    iter,
    str,
    hash,
    int,
    float,
    lambda u: u == "x",
    lambda u: u != "x",
    lambda u: "x" == u,  # noqa: SIM300
    lambda u: u == u,  # noqa: PLR0124
    lambda u: u in ("x", "y"),
    lambda u: u in {"x": 1},
    lambda u: "x" in u,
    lambda u: "x" in [u],
    lambda u: u["x"],
    lambda u: u.get("x"),
    lambda u: u.lower(),
    lambda u: f"{u}",
    lambda u: u < 3,
    lambda u: 3 <= u,  # noqa: SIM300
    lambda u: u + 1,
    lambda u: u or False,
    lambda u: not u,
    sorted,
    lambda u: [u, 1].index(1),
    lambda u: {u},
]


@pytest.mark.parametrize("number", range(len(USES)))
def test_no_use_of_an_unknown_passes_for_a_known_value(number: int) -> None:
    with pytest.raises(UnknownValueError):
        USES[number](UNKNOWN)
    answer = only(lambda s, p: Answer(Verdict.PASS if USES[number](s.inputs["x"]) else Verdict.FAIL, "used"), x=UNKNOWN)
    assert answer.verdict is Verdict.UNKNOWN


def test_an_unknown_is_still_recognised_and_shown() -> None:
    assert repr(UNKNOWN) == "unknown"
    assert UNKNOWN is cast("Any", [UNKNOWN][0])


@pytest.mark.parametrize("path", ["a", "a.b", "a.b.c"])
def test_places_refuse_unknowns_and_secrets_with_their_path(path: str) -> None:
    for value, why in ((UNKNOWN, "not known"), (SECRET, "secret")):
        place = Place({"a": value})
        reads: list[Callable[[str], object]] = [place.text, place.number, place.items, place.texts, place.has, place.day]
        for read in (*reads, partial(place.flag, default=False)):
            with pytest.raises(UnknownValueError) as told:
                read(path)
            assert told.value.path == "a"
            assert why in told.value.why


def test_places_read_absent_null_and_present() -> None:
    place = Place({"n": None, "t": "x", "f": "TRUE", "i": 8080.0, "d": "2026-01-31", "l": [{"a": 1}, UNKNOWN]})
    assert (place.text("none.at.all", "default"), place.text("n", "default"), place.text("t")) == ("default", "default", "x")
    assert place.flag("f", default=False) is True
    assert place.text("i") == "8080"
    assert place.day("d") == date(2026, 1, 31)
    assert Place({"d": date(2026, 1, 31)}).day("d") == date(2026, 1, 31)
    assert [i.path for i in place.items("l")] == ["l[0]", "l[1]"]
    assert place.items("l")[0].number("a") == 1
    with pytest.raises(UnknownValueError, match=r"l\[1\]"):
        place.items("l")[1].text("a")


def test_an_unknown_says_what_it_waits_on() -> None:
    vault = Subject("resource", "v", "urn:v", "vault", {})
    subject = Subject("resource", "t", "urn:t", "a", {"x": {"y": UNKNOWN}}, waits_on={"x": ("urn:v",)})
    judged = evaluate(Portfolio((subject, vault), ON), [control(lambda s, p: Answer(Verdict.PASS, at(s).text("x.y")))])
    assert judged[0].answer.path == "x.y"
    assert judged[0].answer.reason.endswith("It waits on vault.")


def test_types_match_exactly_or_by_a_beginning_with_a_star() -> None:
    subjects = tuple(Subject("resource", t, t, t, {}) for t in ("a:b:C", "a:b:CD", "x:y:Z"))
    judged = evaluate(Portfolio(subjects, ON), [control(lambda s, p: Answer(Verdict.PASS, ""), ("a:b:C",))])
    assert [j.subject.id for j in judged] == ["a:b:C"]
    judged = evaluate(Portfolio(subjects, ON), [control(lambda s, p: Answer(Verdict.PASS, ""), ("a:*", "a:b:C"))])
    assert [j.subject.id for j in judged] == ["a:b:C", "a:b:CD"]


def test_days_are_counted_in_london() -> None:
    assert london_day(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)
    assert london_day(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2026, 12, 31)
