"""The pack gives the verdicts of `unless check`: an unmodified pack, driven over Pulumi's analyzer protocol with no CLI."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as messages
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from policies.catalogue import all_controls
from policies.controls.secrets import is_secret_name
from policies.dispatch import bare
from policies.evaluate import evaluate
from policies.model import SECRET, UNKNOWN, Portfolio, Subject, Verdict
from policies.read.properties import SECRET_SIGNATURE, SIGNATURE, known
from policies.read.recognise import read_file

PACK = Path(__file__).parents[2] / "policies" / "pack"
SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
CONTROLS = all_controls()
SEVERITIES = {c.id: c.severity for c in CONTROLS}


def encoded(value: Any) -> Any:
    """As the engine sends it: sentinels for unknowns, signed objects with the plain text for secrets."""
    if value is UNKNOWN:
        return SENTINEL
    if value is SECRET:
        return {SIGNATURE: SECRET_SIGNATURE, "value": "hunter2"}
    if isinstance(value, dict):
        return {k: encoded(v) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [encoded(v) for v in cast("list[Any]", value)]
    return value


def properties(subject: Subject, *, with_id: bool = False) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    held = {k: encoded(v) for k, v in subject.inputs.items()}
    if with_id and subject.resource_id:
        held["id"] = subject.resource_id
    made.update(held)
    return made


def as_resource(subject: Subject) -> messages.AnalyzerResource:
    return messages.AnalyzerResource(
        type=subject.type,
        urn=subject.id,
        name=subject.name,
        properties=properties(subject, with_id=True),
        options=messages.AnalyzerResourceOptions(protect=subject.protect),
        propertyDependencies={k: messages.AnalyzerPropertyDependencies(urns=v) for k, v in subject.waits_on.items()},
    )


@pytest.fixture(scope="module")
def analyzer() -> Iterator[Any]:
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PULUMI_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as served:
        assert served.stdout is not None
        port = served.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield AnalyzerStub(channel)
        served.terminate()


def said_by_the_pack(analyzer: Any, subjects: tuple[Subject, ...]) -> set[tuple[str, str, str, bool]]:
    said: set[tuple[str, str, str, bool]] = set()
    for s in subjects:
        options = messages.AnalyzerResourceOptions(protect=s.protect)
        request = messages.AnalyzeRequest(type=s.type, urn=s.id, name=s.name, properties=properties(s), options=options)
        said |= {read(d, s.id) for d in analyzer.Analyze(request).diagnostics}
    request = messages.AnalyzeStackRequest(resources=[as_resource(s) for s in subjects])
    return said | {read(d, d.urn) for d in analyzer.AnalyzeStack(request).diagnostics}


def read(diagnostic: Any, urn: str) -> tuple[str, str, str, bool]:
    assert "can't run policy" not in diagnostic.message
    told = diagnostic.message.split("\n")[1]
    control, _, rest = told.partition(" (")
    return control, urn, rest.partition(")")[0], diagnostic.enforcementLevel == messages.MANDATORY


def test_the_pack_says_what_check_says_of_every_resource_case(analyzer: Any, cases: list[Any], on: Any) -> None:
    different: list[str] = []
    for case in cases:
        if any(s.kind != "resource" for s in case.subjects):
            continue
        judged = evaluate(Portfolio(case.subjects, on, SEVERITIES), CONTROLS)
        bad = [j for j in judged if j.answer.verdict in (Verdict.FAIL, Verdict.UNKNOWN)]
        # The SDK does not say what a value is made from; the engine never sends an unknown that is made from nothing.
        plain = "inputs-hold-no-plain-secrets"
        bad = [j for j in bad if j.control.id != plain or j.answer.verdict is Verdict.FAIL or is_secret_name(j.answer.path)]
        wanted = {(j.control.id, j.subject.id, j.answer.verdict.value, j.control.mandatory) for j in bad}
        said = said_by_the_pack(analyzer, case.subjects)
        different += [f"{case.control}/{case.name}: {d}" for d in wanted ^ said]
    assert different == []


@pytest.mark.slow
@pytest.mark.parametrize("mode", [[], ["--preview"]], ids=["rehearsed", "only previewed"])
def test_the_pack_says_what_check_says_of_the_landing_zone(analyzer: Any, mode: list[str], on: Any, tmp_path: Path) -> None:
    workspace = tmp_path / ".unless"
    workspace.mkdir()
    (workspace / "unless.toml").write_text("", encoding="utf-8")
    root = PACK.parents[1]
    command = [sys.executable, "-c", "from console.cli import main; main()", "rehearse", "landing-zone", "-w", str(workspace), *mode]
    subprocess.run(command, check=True, capture_output=True, cwd=root)
    subjects = read_file(workspace / "rehearsal" / "landing-zone.preview.json").subjects
    assert len(subjects) > 100
    judged = evaluate(Portfolio(subjects, on, SEVERITIES), CONTROLS)
    bad = [j for j in judged if j.answer.verdict in (Verdict.FAIL, Verdict.UNKNOWN)]
    wanted = {(j.control.id, j.subject.id, j.answer.verdict.value, j.control.mandatory) for j in bad}
    assert said_by_the_pack(analyzer, subjects) == wanted
    assert not [j for j in judged if "failed (" in j.answer.reason]


def test_the_pack_names_its_policies_and_their_levels(analyzer: Any) -> None:
    told = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    levels = {p.name: p.enforcementLevel for p in told.policies}
    assert levels == {
        "golden-rules": messages.MANDATORY,
        "golden-rules-together": messages.MANDATORY,
        "advice": messages.ADVISORY,
        "advice-together": messages.ADVISORY,
    }


def test_an_unknown_value_blocks_in_preview(analyzer: Any) -> None:
    urn = "urn:pulumi:s::p::azure-native:storage:StorageAccount::a"
    subject = Subject("resource", "azure-native:storage:StorageAccount", urn, "a", {"publicNetworkAccess": UNKNOWN})
    said = said_by_the_pack(analyzer, (subject,))
    assert ("storage-denies-public-access", urn, "unknown", True) in said


def test_proxies_of_the_sdk_are_taken_off_at_every_depth() -> None:
    from pulumi_policy.deserialize import deserialize_properties  # pyright: ignore[reportUnknownVariableType]
    from pulumi_policy.proxy import unknown_checking_proxy  # pyright: ignore[reportUnknownVariableType]

    held: Mapping[str, Any] = {"a": [{"b": SENTINEL}], "c": {"d": [1.0, "x"]}, "s": {SIGNATURE: SECRET_SIGNATURE, "value": {"p": "q"}}}
    plain = known(bare(unknown_checking_proxy(deserialize_properties(dict(held)))))
    assert plain["a"][0]["b"] is UNKNOWN
    assert plain["c"] == {"d": [1.0, "x"]}
    kept = known(bare(deserialize_properties(dict(held), proxy_secrets=True)))
    assert kept["s"] is SECRET
    assert kept["a"][0]["b"] is UNKNOWN
