"""One judged run with every standing in it, from controls of its own, so that the forms are tested apart from what the toolkit asks.

Run it to write the golden files anew: `python tests/policies/golden_run.py`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from console.check_forms import dump
from policies.check import Check
from policies.demands import flag_is, text_is
from policies.evaluate import judge_all
from policies.frameworks import Framework, parse_frameworks
from policies.model import UNKNOWN, Control, GoldenRule, Judgement, Severity, Subject
from policies.register import parse_register
from policies.report.base import Base, parse_base
from policies.report.junit import junit
from policies.report.markdown import markdown
from policies.report.oscal import assessment_results, plan_of_action
from policies.report.sarif import sarif
from policies.report.text import report

FOLDER: Final = Path(__file__).parents[1] / "cases" / "check-forms"
ON: Final = date(2026, 11, 22)
HOSTILE: Final = "`@admins` <script>alert(1)</script> | ![x](https://evil.example/x) \x1b[2J\n# heading \u202e \ud800 -->"
_STORE: Final = "azure-native:storage:StorageAccount"
_URN: Final = "urn:pulumi:landing-zone::cloud-unless::azure-native:storage:StorageAccount::"

_FRAMEWORK: Final = """
format = "cloud-unless/framework/1"
id = "example-1.0"
title = "Example framework"
version = "1.0"
publisher = "Nobody"
source = "https://example.test/framework"
licence = "none"
read_on = 2026-11-22
mapping = "made up for a test"
[[clause]]
id = "A1"
machine = "yes"
title = "Nothing is public"
controls = ["closed"]
[[clause]]
id = "B2"
machine = "yes"
title = "Everything is encrypted"
controls = ["encrypted"]
"""

REGISTER: Final = """format = "cloud-unless/exceptions/1"
[[exception]]
id = "EX-1"
controls = ["closed"]
subjects = ["website"]
rationale = "Published reports are public by law."
requester = "A"
approver = "B"
approved_on = 2026-11-01
expires_on = 2026-12-01
[[exception]]
id = "EX-2"
controls = ["closed"]
subjects = ["leaflets"]
requester = "A"
approver = "B"
approved_on = 2026-01-01
expires_on = 2026-06-30
"""

_BASE: Final[dict[str, Any]] = {
    "format": "cloud-unless/findings/1",
    "judgements": [
        {"control": "closed", "verdict": "unknown", "subject_id": _URN + "letters", "subject_name": "letters"},
        {"control": "closed", "verdict": "fail", "subject_id": _URN + "gone", "subject_name": "<b>gone</b>"},
        {"control": "closed", "verdict": "pass", "subject_id": _URN + "photos", "subject_name": "photos"},
        {"control": "closed", "verdict": "fail", "subject_id": _URN + "leaflets", "subject_name": "leaflets", "waived_by": "EX-2"},
        {"control": "wheeled", "verdict": "fail", "subject_id": "bins", "subject_name": "bins"},
    ],
}


def frameworks() -> tuple[Framework, ...]:
    return parse_frameworks([("example.toml", _FRAMEWORK)])


def controls() -> tuple[Control, ...]:
    secure, data = GoldenRule.SECURE_BY_DESIGN, GoldenRule.DATA_AS_A_CORPORATE_RESOURCE
    return (
        Control(
            "closed",
            "Stores are closed",
            Severity.CRITICAL,
            secure,
            (_STORE,),
            flag_is("public", wanted=False, default=True),
            "Set public to false.",
            ("example-1.0:A1",),
        ),
        Control(
            "encrypted",
            "Stores are encrypted",
            Severity.MEDIUM,
            secure,
            (_STORE,),
            flag_is("encrypted", wanted=True, default=True),
            "Set encrypted to true.",
            ("example-1.0:B2",),
        ),
        Control(
            "named-well",
            "Stores have a colour",
            Severity.LOW,
            data,
            (_STORE,),
            text_is("colour", "blue", default="blue"),
            "Set colour to blue.",
            mandatory=False,
        ),
        Control(
            "wheeled",
            "Workloads have wheels",
            Severity.HIGH,
            data,
            ("workload",),
            flag_is("wheels", wanted=True, default=False),
            "Set wheels to true.",
        ),
    )


def subjects() -> tuple[Subject, ...]:
    return (
        _store("photos", {"public": False}, "stacks/photos.py", 3),
        _store("letters", {"public": True}, "stacks/a b.py", 7),
        _store("website", {"public": True}, "stacks/web.py", 12),
        _store("leaflets", {"public": True, "colour": "red"}, "stacks/web.py", 30),
        _store("later", {"public": False, "encrypted": UNKNOWN}, "stacks/later.py", 5),
        _store("blurred", {"public": UNKNOWN}, "preview.json"),
        _store(HOSTILE, {"public": False, "colour": HOSTILE}, "stacks/|`x`.py", 1),
        Subject("workload", "workload", "bins", "Bins", {"wheels": False}, file="plan.json", line=4),
    )


def _store(name: str, inputs: dict[str, Any], file: str, line: int = 0) -> Subject:
    return Subject("resource", _STORE, _URN + name, name, inputs, file=file, line=line)


def run(on: date = ON) -> Check:
    """The run; the unknown of `later` is deferred and does not block."""
    register = parse_register(REGISTER, "policies/exceptions.toml")
    judged = tuple(_deferred(j) for j in judge_all(subjects(), controls(), register, on))
    read = ("preview.json: preview, 7 resources", "plan.json: plan, 1 workload")
    return Check(judged, read, on, True, ("One thing not judged.",), register=register)


def _deferred(judgement: Judgement) -> Judgement:
    is_later = judgement.subject.name == "later" and judgement.control.id == "encrypted"
    return replace(judgement, deferred=True) if is_later else judgement


def nothing_bad(done: Check) -> Check:
    """The same run with its passes alone."""
    return replace(done, judgements=tuple(j for j in done.judgements if j.answer.verdict.value == "pass"), not_judged=())


def base() -> Base:
    return parse_base(_BASE, "base.json")


def forms() -> dict[str, str]:
    """Each golden file's name and what it must hold."""
    done = run()
    return {
        "report.txt": "\n".join(report(done.judgements, done.judged, None, done.not_judged)) + "\n",
        "findings.sarif": dump(sarif(done, controls(), frameworks(), "0.1.0")),
        "against-base.sarif": dump(sarif(done, controls(), frameworks(), "0.1.0", base())),
        "junit.xml": junit(done),
        "oscal-ar.json": dump(assessment_results(done, "0.1.0")),
        "oscal-poam.json": dump(plan_of_action(done, "0.1.0")),
        "comment.md": markdown(done),
        "comment-against-base.md": markdown(done, base()),
    }


def held(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


if __name__ == "__main__":
    for name, text in forms().items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
