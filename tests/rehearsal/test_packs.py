"""Policy packs in a rehearsal: an ordinary one of Pulumi's own SDK, started and asked as Pulumi's engine does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rehearsal import PolicyPack, ProgramError, RehearsalError, rehearse

MakeProject = Callable[[str], Path]
PROGRAM = """
parent = pulumi.ComponentResource("test:index:Group", "group")
a = Thing("a", size=3, key=pulumi.Output.secret("s3cret-key"), opts=pulumi.ResourceOptions(parent=parent, protect=True))
b = Thing("b", size=8, of=a.id)
"""
PACK = """
from pulumi_policy import *


def size(args, report):
    largest = args.get_config()["largest"]
    if args.resource_type == "test:index:Thing" and args.props["size"] > largest:
        report(f"{args.name} is {args.props['size']:g}, more than {largest:g}; it knows {sorted(args.props)}")


def advice(args, report):
    if args.name == "a":
        report(f"{args.props['key']} of {args.opts.parent.rsplit('::')[-1]}, protected: {args.opts.protect}")


def together(args, report):
    for r in args.resources:
        if r.property_dependencies.get("of"):
            report(f"{r.name} is made from {r.property_dependencies['of'][0].name}", r.urn)
    report(f"{len([r for r in args.resources if r.resource_type == 'test:index:Thing'])} things")


SCHEMA = PolicyConfigSchema(properties={"largest": {"type": "number", "default": 5}})
PolicyPack("sizes", [
    ResourceValidationPolicy("size", "Things are small", size, EnforcementLevel.MANDATORY, SCHEMA),
    ResourceValidationPolicy("advice", "Keys are known", advice, EnforcementLevel.ADVISORY),
    StackValidationPolicy("together", "Things together", together, EnforcementLevel.ADVISORY),
])
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text("runtime: python\nversion: 1.2.3\n", "utf-8")
    (folder / "__main__.py").write_text(PACK, "utf-8")
    return folder


def settings(tmp_path: Path, held: object) -> Path:
    file = tmp_path / "pack.json"
    file.write_text(held if isinstance(held, str) else json.dumps(held), "utf-8")
    return file


def test_a_breach_of_a_mandatory_policy_is_an_error_and_nothing_is_kept(project: MakeProject, pack: Path, tmp_path: Path) -> None:
    state = tmp_path / "dev.json"
    with pytest.raises(ProgramError) as wrong:
        rehearse(project(PROGRAM), "dev", state, packs=[PolicyPack(pack)])
    assert not state.exists()
    assert wrong.value.faults == (
        "sizes@v1.2.3 [mandatory] size (test:index:Thing: b)\n  Things are small\n  b is 8, more than 5; it knows ['of', 'size']",
    )
    told = {(v.policy, v.urn.rsplit("::", 1)[-1], v.stops, v.message) for v in wrong.value.preview.violations}
    assert told == {
        ("size", "b", True, "Things are small\nb is 8, more than 5; it knows ['of', 'size']"),
        ("advice", "a", False, "Keys are known\n[secret] of group, protected: True"),
        ("together", "b", False, "Things together\nb is made from a"),
        ("together", "", False, "Things together\n2 things"),
    }


def test_settings_fill_up_what_the_pack_declares(project: MakeProject, pack: Path, tmp_path: Path) -> None:
    file = settings(tmp_path, {"all": "advisory", "size": {"largest": 2}, "together": {"enforcementLevel": "disabled"}})
    found = rehearse(project(PROGRAM), "dev", tmp_path / "dev.json", packs=[PolicyPack(pack, file)])
    assert {(v.policy, v.stops) for v in found.violations} == {("size", False), ("advice", False)}
    assert sum(v.policy == "size" for v in found.violations) == 2
    assert [d.severity for d in found.diagnostics if "sizes@v1.2.3" in d.message] == ["warning"] * 3


def test_the_second_rehearsal_and_a_preview_are_judged_as_the_first(project: MakeProject, pack: Path, tmp_path: Path) -> None:
    packs = [PolicyPack(pack, settings(tmp_path, {"size": {"largest": 9}}))]
    folder, state = project(PROGRAM), tmp_path / "dev.json"
    runs = [rehearse(folder, "dev", state, preview_only=only, packs=packs) for only in (True, False, False)]
    assert runs[2].summary == {"same": 5}
    first = [(v.policy, v.urn) for v in runs[0].violations if v.policy != "advice"]
    assert first
    assert all([(v.policy, v.urn) for v in r.violations if v.policy != "advice"] == first for r in runs)


def test_a_program_that_fails_is_not_judged(project: MakeProject, pack: Path, tmp_path: Path) -> None:
    with pytest.raises(ProgramError) as wrong:
        rehearse(project(PROGRAM + "raise ValueError('no')\n"), "dev", tmp_path / "dev.json", packs=[PolicyPack(pack)])
    assert wrong.value.preview.violations == ()


@pytest.mark.parametrize(
    ("held", "told"),
    [
        ("{", "is not readable as JSON"),
        ("[]", "holds no JSON object"),
        ({"size": 3}, "key size: must be a level or an object of settings. Correct it."),
        ({"size": "blocks"}, "key size: 'blocks' is no level. Write one of advisory, mandatory, disabled, remediate."),
        ({"size": {"enforcementLevel": []}}, "key size: [] is no level. Write one of advisory, mandatory, disabled, remediate."),
        ({"sise": {"largest": 3}}, "sise: the pack has no policy of this name. Correct it, or leave it out."),
    ],
)
def test_wrong_settings_are_told(held: Any, told: str, project: MakeProject, pack: Path, tmp_path: Path) -> None:
    with pytest.raises(RehearsalError) as wrong:
        rehearse(project(PROGRAM), "dev", tmp_path / "dev.json", packs=[PolicyPack(pack, settings(tmp_path, held))])
    assert any(told in f for f in wrong.value.faults), wrong.value.faults
    assert not (tmp_path / "dev.json").exists()


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("PulumiPolicy.yaml", None, "holds no PulumiPolicy.yaml. Name the folder of a policy pack, such as policies/pack."),
        ("PulumiPolicy.yaml", "version: 1\n", "key runtime: Field required. Correct it."),
        ("PulumiPolicy.yaml", "runtime: nodejs\n", "key runtime: nodejs cannot be rehearsed. Only packs in python can."),
        ("__main__.py", None, "holds no __main__.py, with which a policy pack in python begins. Name the right folder."),
        ("__main__.py", "raise SystemExit('no good')\n", "did not start: no good. Mend it, or leave it out."),
        ("__main__.py", "print('hello')\n", "did not start. Mend it, or leave it out."),
        ("__main__.py", PACK.replace("args.get_config()", "args.get_confg()"), "The policy pack "),
        (
            "__main__.py",
            PACK.replace("def advice(args, report):", "def advice(args, report):\n    import os; os._exit(7)"),
            "its process ended with",
        ),
    ],
    ids=["no pack", "no runtime", "another language", "no program", "ends at once", "prints no port", "raises", "dies"],
)
def test_a_pack_that_cannot_judge_fails_the_rehearsal(
    file: str, text: str | None, told: str, project: MakeProject, pack: Path, tmp_path: Path
) -> None:
    if text is None:
        (pack / file).unlink()
    else:
        (pack / file).write_text(text, "utf-8")
    with pytest.raises(RehearsalError) as wrong:
        rehearse(project(PROGRAM), "dev", tmp_path / "dev.json", packs=[PolicyPack(pack)])
    assert any(told in f for f in wrong.value.faults), wrong.value.faults
    assert not (tmp_path / "dev.json").exists()


def test_two_packs_are_told_together_also_when_both_cannot_judge(project: MakeProject, pack: Path, tmp_path: Path) -> None:
    file = settings(tmp_path, {"sise": {"largest": 3}})
    with pytest.raises(RehearsalError) as wrong:
        rehearse(project(PROGRAM), "dev", tmp_path / "dev.json", packs=[PolicyPack(pack, file), PolicyPack(pack, file)])
    assert len(wrong.value.faults) == 2
