"""The findings in NIST's OSCAL 1.1.3: assessment results, and the plan of action and milestones that follows from them.

Assessment results: one finding for each control that was judged (the objective is the control; its clauses are properties), one observation
for each fail and unknown, one for all the passes of a control, and every subject as an inventory item. Plan of action: one item and one
risk for each fail and unknown. A waived one stays in it as a risk whose deviation is approved, with the end of the exception's last day as
its deadline; an unknown is under investigation. Every id is a UUID of version 5 made from ids of ours, so that the same findings give the
same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from policies.check import Check
from policies.model import Control, Judgement, Subject, Verdict
from policies.report.base import fingerprint
from policies.report.lines import Standing, by_weight, one_line, place, standing

VERSION: Final = "1.1.3"
_SPACE: Final = UUID("57e9760a-4491-4365-b337-1cc820b04dc1")
_NS: Final = f"urn:uuid:{_SPACE}"
_STATUS: Final = {Standing.WAIVED: "deviation-approved", Standing.DEFERRED: "investigating"}


def assessment_results(done: Check, version: str) -> dict[str, Any]:
    """One assessment-results document with one result. `version` is the tool's."""
    judged = sorted((j for j in done.judgements if j.answer.verdict is not Verdict.NOT_APPLICABLE), key=by_weight)
    bad = [j for j in judged if standing(j) is not None]
    by_control = [(held[0].control, held) for held in _grouped(judged)]
    controls = [c for c, _ in by_control]
    result: dict[str, Any] = {
        "uuid": _id("result", done.on.isoformat(), *_marks(bad)),
        "title": f"unless check of {done.on.isoformat()}",
        "description": _text(" ".join(done.judged), "Nothing was read."),
        "start": _moment(done.on),
        "local-definitions": _definitions(judged, version) | _inventory(judged),
        "reviewed-controls": {"control-selections": [_selection(controls)]},
        "observations": [*(_observed(j, done.on) for j in bad), *_passed(by_control, done.on)],
        "risks": [_risk(j, done.on) for j in bad],
        "findings": [_finding(c, held, done.on) for c, held in by_control],
        "remarks": _text(" ".join(done.not_judged), "Everything that was read was judged."),
    }
    return {
        "assessment-results": {
            "uuid": _id("assessment-results", done.on.isoformat(), *_marks(judged)),
            "metadata": _metadata("Assessment results of the golden rules", done.on, version),
            "import-ap": {"href": f"#{_id('plan')}", "remarks": "What is assessed is each control of the toolkit, by its reference."},
            "results": [{key: value for key, value in result.items() if value}],
            "back-matter": _sources(),
        }
    }


def plan_of_action(done: Check, version: str) -> dict[str, Any]:
    """One plan of action and milestones. OSCAL has no empty plan, so where nothing is owed its one item says so."""
    bad = sorted((j for j in done.judgements if standing(j) is not None), key=by_weight)
    held: dict[str, Any] = {
        "uuid": _id("plan-of-action", done.on.isoformat(), *_marks(bad)),
        "metadata": _metadata("Plan of action and milestones for the golden rules", done.on, version),
        "system-id": {"identifier-type": "http://ietf.org/rfc/rfc4122", "id": _id("system")},
        "local-definitions": _definitions(bad, version) | _inventory(bad),
        "observations": [_observed(j, done.on) for j in bad],
        "risks": [_risk(j, done.on) for j in bad],
        "poam-items": [_item(j) for j in bad] or [_nothing(done.on)],
        "back-matter": _sources(),
    }
    return {"plan-of-action-and-milestones": {key: value for key, value in held.items() if value}}


def _metadata(title: str, on: date, version: str) -> dict[str, Any]:
    return {"title": title, "last-modified": _moment(on), "version": on.isoformat(), "oscal-version": VERSION} | {
        "props": [_property("tool", f"cloud-unless {version}")]
    }


def _sources() -> dict[str, Any]:
    resource = {
        "uuid": _id("plan"),
        "title": "The controls of cloud-unless",
        "description": "What each control asks, of what, how severe it is, how to mend it and which clauses it serves.",
        "rlinks": [{"href": "docs/reference/controls.md", "media-type": "text/markdown"}],
    }
    return {"resources": [resource]}


def _definitions(judgements: Sequence[Judgement], version: str) -> dict[str, Any]:
    """The tool, to which origins point."""
    tool = {
        "uuid": _id("tool"),
        "type": "software",
        "title": "cloud-unless",
        "description": "Judges what would be deployed, the plan and the exception register, before deployment.",
        "status": {"state": "operational"},
        "props": [_property("version", version)],
    }
    platform = {"uuid": _id("platform"), "title": "unless check", "uses-components": [{"component-uuid": _id("tool")}]}
    return {"assessment-assets": {"components": [tool], "assessment-platforms": [platform]}} if judgements else {}


def _inventory(judgements: Iterable[Judgement]) -> dict[str, Any]:
    subjects = {_subject_id(j.subject): j.subject for j in judgements}
    items = [_inventory_item(mark, subjects[mark]) for mark in sorted(subjects)]
    return {"inventory-items": items} if items else {}


def _inventory_item(mark: str, subject: Subject) -> dict[str, Any]:
    where = [_property("place", place(subject.file, subject.line))] if subject.file else []
    return {
        "uuid": mark,
        "description": _text(f"{subject.name} ({subject.type})"),
        "props": [_property("kind", subject.kind), _property("id", subject.id), *where],
    }


def _selection(controls: Sequence[Control]) -> dict[str, Any]:
    if not controls:
        return {"description": "No control applied to anything that was read.", "include-all": {}}
    return {"include-controls": [{"control-id": c.id} for c in controls]}


def _finding(control: Control, judgements: Sequence[Judgement], on: date) -> dict[str, Any]:
    """Satisfied only when every subject passes; a waiver does not satisfy, and neither does an unknown."""
    bad = [j for j in judgements if standing(j) is not None]
    failed = sum(j.answer.verdict is Verdict.FAIL for j in bad)
    passed = len(judgements) - len(bad)
    status = {"state": "not-satisfied" if bad else "satisfied", "reason": "fail" if failed else "other" if bad else "pass"}
    observed = [_observation_id(j) for j in bad] + ([_passes_id(control)] if passed else [])
    return {
        "uuid": _id("finding", control.id, on.isoformat()),
        "title": control.title,
        "description": f"{passed} pass, {failed} fail, {len(bad) - failed} unknown.",
        "props": [*_props(control), *(_property("clause", c) for c in control.clauses)],
        "origins": [_origin()],
        "target": {"type": "objective-id", "target-id": control.id, "status": status},
        "related-observations": [{"observation-uuid": o} for o in observed],
        **({"related-risks": [{"risk-uuid": _risk_id(j)} for j in bad]} if bad else {}),
    }


def _observed(judgement: Judgement, on: date) -> dict[str, Any]:
    subject, answer = judgement.subject, judgement.answer
    evidence = (
        [{"href": quote(subject.file, errors="replace"), "description": _text(place(subject.file, judgement.line))}] if subject.file else []
    )
    return {
        "uuid": _observation_id(judgement),
        "title": _text(f"{judgement.control.id}: {subject.name}"),
        "description": _text(answer.reason, "No reason was given."),
        "props": [_property("verdict", answer.verdict.value), *([_property("path", answer.path)] if answer.path else [])],
        "methods": ["TEST"],
        "types": ["control-objective"],
        "origins": [_origin()],
        "subjects": [_reference(subject)],
        "collected": _moment(on),
        **({"relevant-evidence": evidence} if evidence else {}),
    }


def _passed(by_control: Iterable[tuple[Control, Sequence[Judgement]]], on: date) -> list[dict[str, Any]]:
    """One observation for each control that some subject meets, naming those subjects."""
    made: list[dict[str, Any]] = []
    for control, judgements in by_control:
        passing = [j for j in judgements if j.answer.verdict is Verdict.PASS]
        if passing:
            made.append(
                {
                    "uuid": _passes_id(control),
                    "title": f"{control.id}: passes",
                    "description": f"{len(passing)} pass: {control.title}.",
                    "methods": ["TEST"],
                    "types": ["control-objective"],
                    "origins": [_origin()],
                    "subjects": [_reference(j.subject) for j in passing],
                    "collected": _moment(on),
                }
            )
    return made


def _risk(judgement: Judgement, on: date) -> dict[str, Any]:
    control, subject = judgement.control, judgement.subject
    until = judgement.waived_until
    unknown = "investigating" if judgement.answer.verdict is Verdict.UNKNOWN else "open"
    waiver = [_property("exception", judgement.waived_by)] if judgement.waived_by else []
    stands = standing(judgement)
    return {
        "uuid": _risk_id(judgement),
        "title": _text(f"{control.title}: {subject.name}"),
        "description": _text(judgement.answer.reason, "No reason was given."),
        "statement": _text(judgement.waiver, "No exception waives this."),
        "props": [*_props(control), *([_property("standing", stands.value)] if stands else []), *waiver],
        "status": _STATUS.get(stands, unknown) if stands else unknown,
        "origins": [_origin()],
        **({"deadline": _moment(until, time(23, 59, 59))} if until else {}),
        "remediations": [
            {
                "uuid": _id("remedy", fingerprint(judgement)),
                "lifecycle": "recommendation",
                "title": control.title,
                "description": control.remedy,
            }
        ],
        "related-observations": [{"observation-uuid": _observation_id(judgement)}],
    }


def _item(judgement: Judgement) -> dict[str, Any]:
    control = judgement.control
    return {
        "uuid": _id("item", fingerprint(judgement)),
        "title": _text(f"{control.id}: {judgement.subject.name}"),
        "description": _text(f"{judgement.answer.reason} Remedy: {control.remedy}"),
        "props": [*_props(control), *(_property("clause", c) for c in control.clauses)],
        "origins": [{"actors": _origin()["actors"]}],
        "related-observations": [{"observation-uuid": _observation_id(judgement)}],
        "related-risks": [{"risk-uuid": _risk_id(judgement)}],
    }


def _nothing(on: date) -> dict[str, Any]:
    return {
        "uuid": _id("item", "nothing", on.isoformat()),
        "title": "Nothing is owed",
        "description": f"On {on.isoformat()} no control that was judged fails, and none could not tell.",
    }


def _props(control: Control) -> list[dict[str, str]]:
    return [
        _property("severity", control.severity.value),
        _property("golden-rule", control.rule.value),
        _property("mandatory", "yes" if control.mandatory else "no"),
    ]


def _property(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": _NS, "value": _text(value, "none")}


def _origin() -> dict[str, Any]:
    return {"actors": [{"type": "tool", "actor-uuid": _id("tool")}]}


def _reference(subject: Subject) -> dict[str, str]:
    return {"subject-uuid": _subject_id(subject), "type": "inventory-item", "title": _text(subject.name, "unnamed")}


def _grouped(judgements: Iterable[Judgement]) -> list[list[Judgement]]:
    ordered = sorted(judgements, key=lambda j: (j.control.id, j.subject.id))
    return [list(held) for _, held in groupby(ordered, key=lambda j: j.control.id)]


def _subject_id(subject: Subject) -> str:
    return _id("subject", subject.kind, subject.id)


def _observation_id(judgement: Judgement) -> str:
    return _id("observation", fingerprint(judgement))


def _passes_id(control: Control) -> str:
    return _id("passes", control.id)


def _risk_id(judgement: Judgement) -> str:
    return _id("risk", fingerprint(judgement))


def _marks(judgements: Iterable[Judgement]) -> list[str]:
    return [f"{fingerprint(j)} {j.answer.verdict.value}" for j in judgements]


def _id(*parts: str) -> str:
    """A UUID of version 5 from ids of ours. What is not valid Unicode in them is replaced, since UTF-8 cannot carry it."""
    return str(uuid5(_SPACE, "\0".join(parts).encode("utf-8", "replace").decode()))


def _moment(on: date, at: time = time()) -> str:
    """A moment of that day in London, its start unless told, as OSCAL wants it: with its offset."""
    return datetime.combine(on, at, ZoneInfo("Europe/London")).isoformat()


def _text(text: str, otherwise: str = "none") -> str:
    """One line without spaces around it, which OSCAL's strings may not have; never empty."""
    return one_line(text).strip() or otherwise
