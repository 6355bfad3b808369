"""The judgements as JUnit XML, in the form that Jenkins' xunit plugin publishes a schema of (junit-10.xsd).

Red exactly when `unless check` does not end with 0: a failure is a mandatory control that fails, an error one that cannot
tell or something that was not judged. What is waived, deferred or only advised is skipped, and says why. What does not apply
is left out. Suites are the stacks and the kinds of other subjects; names hold ids only, so that a test keeps its history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Final
from xml.etree import ElementTree as ET

from policies.check import Check
from policies.model import Judgement, Subject, Verdict
from policies.report.lines import Standing, one_line, place, standing

_URN: Final = "urn:pulumi:"
_SKIPPED: Final = {
    Standing.WAIVED: "Waived",
    Standing.DEFERRED: "Deferred until it is deployed",
    Standing.ADVICE: "Advice",
}


def junit(done: Check) -> str:
    """The whole document, with its XML declaration."""
    judged = sorted(
        (j for j in done.judgements if j.answer.verdict is not Verdict.NOT_APPLICABLE),
        key=lambda j: (suite(j.subject), j.control.id, case(j.subject), j.about),
    )
    suites = [_suite(name, [_case(j) for j in held]) for name, held in groupby(judged, key=lambda j: suite(j.subject))]
    lacking = [*done.not_judged, *(() if done.found_anything else ("Nothing was judged, so nothing can be said.",))]
    if lacking:
        suites.append(_suite("not judged", [_lacking(sentence) for sentence in lacking]))
    counts = _counts(c for s in suites for c in s)
    counts.pop("skipped")  # which the schema has on suites only
    root = ET.Element("testsuites", {"name": "unless check", **counts})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def suite(subject: Subject) -> str:
    """The suite of a subject: its stack, as `stack landing-zone`, or its kind."""
    if subject.kind == "resource" and subject.id.startswith(_URN):
        return one_line(f"stack {subject.id.removeprefix(_URN).split('::')[0]}")
    return one_line(subject.kind)


def case(subject: Subject) -> str:
    """What a subject is called within its suite: a resource by its types and its name, as in its URN."""
    if subject.kind == "resource" and subject.id.startswith(_URN):
        return one_line("::".join(subject.id.split("::")[2:]))
    return one_line(subject.id)


def _suite(name: str, cases: list[ET.Element]) -> ET.Element:
    made = ET.Element("testsuite", {"name": name, **_counts(cases)})
    made.extend(cases)
    return made


def _counts(cases: Iterable[ET.Element]) -> dict[str, str]:
    held = Counter(child.tag for case in cases for child in (case, *case))
    return {
        "tests": str(held["testcase"]),
        "failures": str(held["failure"]),
        "errors": str(held["error"]),
        "skipped": str(held["skipped"]),
    }


def _case(judgement: Judgement) -> ET.Element:
    about = f" [{one_line(judgement.about)}]" if judgement.about else ""
    made = ET.Element("testcase", classname=judgement.control.id, name=f"{case(judgement.subject)}{about}")
    stands = standing(judgement)
    if stands is None:
        return made
    verdict, reason = judgement.answer.verdict, one_line(judgement.answer.reason)
    if stands is Standing.BLOCKING:
        told = ET.SubElement(made, "failure" if verdict is Verdict.FAIL else "error", type=verdict.value, message=reason)
    else:
        told = ET.SubElement(made, "skipped", type=stands.value, message=f"{_SKIPPED[stands]} ({verdict.value}): {reason}")
    told.text = _body(judgement)
    return made


def _lacking(sentence: str) -> ET.Element:
    told = one_line(sentence)
    made = ET.Element("testcase", classname="not-judged", name=told)
    ET.SubElement(made, "error", type="not judged", message=told)
    return made


def _body(judgement: Judgement) -> str:
    control, subject = judgement.control, judgement.subject
    lines = (
        f"{control.title} [{control.severity.value}; {control.rule.value}]",
        f"{subject.name} ({subject.type}) {place(subject.file, judgement.line)}".rstrip(),
        judgement.answer.reason,
        judgement.waiver,
        f"Remedy: {control.remedy}",
        f"Clauses: {', '.join(control.clauses)}" if control.clauses else "",
    )
    return "\n".join(one_line(line) for line in lines if line)
