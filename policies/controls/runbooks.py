"""Runbooks: steps that can be undone and verified, no secret, nothing destroyed on one person's word; tested; an end with a day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from policies.answers import all_of, cannot_tell, fails, not_applicable, passes, some
from policies.knowledge import runbook_rules
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject, UnknownValueError, Verdict
from policies.places import Place, at, same

StepJudge = Callable[[Place], Answer]
_RUNBOOK = ("runbook",)
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def _steps(subject: Subject) -> tuple[Place, ...]:
    """The steps. Raises UnknownValueError when they are unknown, or when there are none: then nothing of the runbook is known."""
    steps = at(subject).items("steps")
    if not steps:
        raise UnknownValueError("steps", "the runbook has none")
    return steps


def _has_a_way_back(subject: Subject, _: Portfolio) -> Answer:
    def one(step: Place) -> Answer:
        if same(step.text("kind"), *runbook_rules()["looks_only"]):
            return passes("It only looks.", step.path)
        undo, why_none = step.text("undo").strip(), step.text("no_undo_because").strip()
        if step.flag("is_point_of_no_return", default=False) and not why_none:
            return fails(f"Step {step.text('id')} is the point of no return and does not say why.", f"{step.path}.no_undo_because")
        if not undo and not why_none:
            return fails(f"Step {step.text('id')} changes something and does not say how it is undone.", f"{step.path}.undo")
        return passes("It can be undone, or says why not.", step.path)

    return _each(subject, one, f"Every step of {subject.name} can be undone, or says why not.")


def _each(subject: Subject, one: StepJudge, otherwise: str) -> Answer:
    """The worst of what is said of the steps; where all pass, one sentence of the whole."""
    worst = all_of([lambda s=s: one(s) for s in _steps(subject)], not_applicable("It has no steps."))
    return passes(otherwise, "steps") if worst.verdict is Verdict.PASS else worst


def _is_verified(subject: Subject, _: Portfolio) -> Answer:
    def one(step: Place) -> Answer:
        if not step.text("verify").strip():
            return fails(f"Step {step.text('id')} does not say how one sees that it worked.", f"{step.path}.verify")
        return passes("It says how it is verified.", step.path)

    return _each(subject, one, f"Every step of {subject.name} says how it is verified.")


def _holds_no_secret(subject: Subject, _: Portfolio) -> Answer:
    def one(leaf: Place) -> Answer:
        if leaf.is_secret():
            return fails(f"{leaf.path} is a secret; a runbook is read by many.", leaf.path)
        if leaf.is_unknown():
            return cannot_tell(f"Cannot tell: {leaf.path} is unknown.", leaf.path)
        # Never the text itself: the reason is printed.
        found = next((s["what"] for s in runbook_rules()["secret"] if isinstance(leaf.raw, str) and re.search(s["pattern"], leaf.raw)), "")
        return fails(f"{leaf.path} looks like it holds {found}.", leaf.path) if found else passes("It holds none.", leaf.path)

    worst = all_of([lambda leaf=leaf: one(leaf) for leaf in at(subject).leaves()], not_applicable("Nothing is written in it."))
    return passes(f"Nothing in {subject.name} looks like a secret.", "steps") if worst.verdict is Verdict.PASS else worst


def _destroys_only_with_two_people(subject: Subject, _: Portfolio) -> Answer:
    steps = _steps(subject)
    destructive = [s for s in steps if _destroys(s)]
    if not destructive:
        return not_applicable(f"Nothing in {subject.name} destroys anything.")
    by_id = {s.text("id"): s for s in steps}

    def one(step: Place) -> Answer:
        role = step.text("role")
        others = [by_id[i] for i in _needed(step, by_id) if same(by_id[i].text("kind"), *runbook_rules()["by_people"])]
        if not any(o.text("role").strip() and not same(o.text("role"), role) for o in others):
            return fails(f"Step {step.text('id')} destroys on the word of {role or 'nobody'} alone.", f"{step.path}.after")
        return passes(f"Somebody else has a say before {step.text('id')}.", step.path)

    worst = all_of([lambda s=s: one(s) for s in destructive], not_applicable("Nothing is destroyed."))
    return passes(f"Nothing in {subject.name} destroys on one person's word.", "steps") if worst.verdict is Verdict.PASS else worst


def _destroys(step: Place) -> bool:
    said = re.findall(r"[a-z]+", f"{step.text('title')} {step.text('do')}".casefold())
    return some(
        [
            lambda: step.flag("is_point_of_no_return", default=False),
            lambda: any(word in runbook_rules()["destructive_words"] for word in said),
        ]
    )


def _needed(step: Place, by_id: dict[str, Place]) -> list[str]:
    """Ids of every step that this one needs, directly or by way of others, as far as the runbook has them."""
    found: list[str] = []
    waiting = [*step.texts("after")]
    while waiting:
        here = waiting.pop()
        if here in by_id and here not in found:
            found.append(here)
            waiting += by_id[here].texts("after")
    return found


def _was_tested(subject: Subject, portfolio: Portfolio) -> Answer:
    wave = at(subject).text("wave_id")
    runs = portfolio.by_type.get("run", ())
    if not runs:
        return cannot_tell(f"No journal of a run was judged, so nobody can say whether {subject.name} was tested.", "wave_id")
    first = portfolio.on - timedelta(days=runbook_rules()["tested_within_days"])
    if some(lambda r=r: _is_test(at(r), wave, first, portfolio.on) for r in runs):
        return passes(f"{wave} was run to its end since {first}.", "wave_id")
    return fails(f"No run of {wave} has come to its end since {first}.", "wave_id")


def _is_test(run: Place, wave: str, first: date, on: date) -> bool:
    """Whether a run of that wave, whose journal is whole, ended or was rolled back in time."""
    if run.text("wave_id") != wave or not run.flag("is_whole", default=False):
        return False
    return any(day is not None and first <= day <= on for day in (run.day("closed_on"), run.day("rolled_back_on")))


def _decommissions_on_a_day(subject: Subject, _: Portfolio) -> Answer:
    place = at(subject)
    ends = place.day("ends")
    workloads = _ids(place)
    if not workloads or ends is None:
        return not_applicable(f"{subject.name} moves nothing, or has no window.")
    dated = {s.text("workload_id") for s in _steps(subject) if same(s.text("phase"), "decommission") and _is_after(s, ends)}
    lacking = sorted(w for w in workloads if w not in dated)
    if lacking:
        return fails(f"{subject.name} names no day after {ends} on which the old place goes: {', '.join(lacking)}.", "steps")
    return passes(f"{subject.name} says when each old place goes.", "steps")


def _ids(runbook: Place) -> tuple[str, ...]:
    """The ids of the runbook's workloads, which are the keys of an object. Raises UnknownValueError when that is unknown."""
    prefix = "workloads."
    if not runbook.has("workloads"):
        return ()
    return tuple(leaf.path.removeprefix(prefix) for leaf in runbook.leaves() if leaf.path.startswith(prefix))


def _is_after(step: Place, ends: date) -> bool:
    """Whether the step names a day after the wave's window."""
    for written in _DAY.findall(f"{step.text('title')} {step.text('do')}"):
        try:
            if date.fromisoformat(written) > ends:
                return True
        except ValueError:
            continue
    return False


def _is_as_compiled(subject: Subject, _: Portfolio) -> Answer:
    if at(subject).flag("is_as_compiled", default=False):
        return passes(f"{subject.name} is what was compiled.", "is_as_compiled")
    return fails(f"{subject.name} was changed after it was compiled: nobody has reviewed what it says now.", "is_as_compiled")


CONTROLS = (
    Control(
        id="runbook-steps-can-be-undone",
        title="Every step that changes something says how it is undone, or why it cannot be",
        severity=Severity.HIGH,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_RUNBOOK,
        judge=_has_a_way_back,
        remedy="Write undo, or no_undo_because, in the step's template (migration/runbooks/steps.toml) and compile again.",
    ),
    Control(
        id="runbook-steps-are-verified",
        title="Every step says how one sees that it worked",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_RUNBOOK,
        judge=_is_verified,
        remedy="Write verify in the step's template (migration/runbooks/steps.toml) and compile again.",
    ),
    Control(
        id="runbook-holds-no-secrets",
        title="Runbooks hold no secrets",
        severity=Severity.CRITICAL,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RUNBOOK,
        judge=_holds_no_secret,
        remedy="Name where the secret is kept instead, change the secret, and compile again.",
    ),
    Control(
        id="runbook-destroys-only-with-two-people",
        title="Nothing is destroyed on one person's word",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RUNBOOK,
        judge=_destroys_only_with_two_people,
        remedy="Let the step need (after) a decision of another role, in migration/runbooks/steps.toml, and compile again.",
    ),
    Control(
        id="runbook-was-tested-within-a-year",
        title="Every wave's runbook was run to its end, or rolled back, within twelve months",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_RUNBOOK,
        judge=_was_tested,
        remedy="Run the wave against places made for the test, and roll it back.",
        mandatory=False,
        looks_around=True,
    ),
    Control(
        id="runbook-decommissions-on-a-day",
        title="Runbooks say on which day each old place is switched off and wiped",
        severity=Severity.MEDIUM,
        rule=GoldenRule.CLOUD_UNLESS,
        types=_RUNBOOK,
        judge=_decommissions_on_a_day,
        remedy="Compile the runbook again: its decommission steps name the day.",
    ),
    Control(
        id="runbook-is-as-compiled",
        title="Runbooks are as they were compiled from the plan",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_RUNBOOK,
        judge=_is_as_compiled,
        remedy="Change the plan, targets.toml or the templates instead, and compile again: unless runbook compile WAVE.",
    ),
)
