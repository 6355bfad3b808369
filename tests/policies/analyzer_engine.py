"""Pulumi's engine's half of the conversation with the pack, for tests: a real process, a real connection, its own words."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.model import SECRET, UNKNOWN, Subject
from policies.read.properties import SECRET_SIGNATURE, SIGNATURE

PACK = Path(__file__).parents[2] / "policies" / "pack"
SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
NOBODY = "127.0.0.1:1"
PLAIN_SECRET = "hunter2-in-plain"
_LARGEST = 400 * 1024 * 1024
RULES = "golden-rules"


@dataclass(frozen=True)
class Said:
    """One diagnostic, taken apart."""

    control: str
    subject: str
    verdict: str
    reason: str
    stops: bool
    message: str


def said(diagnostic: analyzer_pb2.AnalyzeDiagnostic) -> Said:
    _, _, rest = diagnostic.message.partition("\n")
    verdict, _, reason = rest.split("\n")[0].partition(": ")
    stops = diagnostic.enforcementLevel == analyzer_pb2.MANDATORY
    return Said(diagnostic.policyName, diagnostic.urn, verdict, reason, stops, diagnostic.message)


@dataclass(frozen=True)
class Engine:
    """What the engine asks."""

    stub: Any
    process: subprocess.Popen[str]
    channel: Any

    def info(self) -> analyzer_pb2.AnalyzerInfo:
        return self.stub.GetAnalyzerInfo(empty_pb2.Empty())

    def configure(self, settings: Mapping[str, Any] | None = None, levels: Mapping[str, str] | None = None) -> None:
        """As the engine does: every policy with its declared level, then what a person wrote."""
        held = {p.name: analyzer_pb2.PolicyConfig(enforcementLevel=p.enforcementLevel) for p in self.info().policies}
        for name, level in (levels or {}).items():
            held.setdefault(name, analyzer_pb2.PolicyConfig()).enforcementLevel = analyzer_pb2.EnforcementLevel.Value(level.upper())
        for name, written in (settings or {}).items():
            held.setdefault(name, analyzer_pb2.PolicyConfig(enforcementLevel=analyzer_pb2.MANDATORY)).properties.update(written)
        self.stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=held))

    def begin(self) -> None:
        self.stub.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="dev", project="case"))

    def one(self, subject: Subject) -> analyzer_pb2.AnalyzeResponse:
        return self.stub.Analyze(before(subject))

    def all(self, subjects: Iterable[Subject]) -> analyzer_pb2.AnalyzeResponse:
        return self.stub.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[after(s) for s in subjects]))

    def stack(self, subjects: Sequence[Subject]) -> set[Said]:
        """Everything that is said of a stack from its beginning to its end."""
        self.begin()
        answers = [*(self.one(s) for s in subjects), self.all(subjects)]
        return {said(d) for a in answers for d in a.diagnostics}


def sent(value: Any) -> Any:
    """As the engine sends it: sentinels for unknowns, signed objects with the plain text for secrets."""
    if value is UNKNOWN:
        return SENTINEL
    if value is SECRET:
        return {SIGNATURE: SECRET_SIGNATURE, "value": PLAIN_SECRET}
    if isinstance(value, dict):
        return {k: sent(v) for k, v in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [sent(v) for v in cast("list[Any]", value)]
    return value


def properties(held: Mapping[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update({k: sent(v) for k, v in held.items()})
    return made


def _provider(subject: Subject) -> analyzer_pb2.AnalyzerProviderResource | None:
    if subject.is_component or subject.type.startswith("pulumi:providers:"):
        return None
    return analyzer_pb2.AnalyzerProviderResource(type="pulumi:providers:azure-native", name="default")


def before(subject: Subject) -> analyzer_pb2.AnalyzeRequest:
    return analyzer_pb2.AnalyzeRequest(
        type=subject.type,
        urn=subject.id,
        name=subject.name,
        properties=properties(subject.inputs),
        options=analyzer_pb2.AnalyzerResourceOptions(protect=subject.protect, parent=subject.parent),
        provider=_provider(subject),
    )


def after(subject: Subject) -> analyzer_pb2.AnalyzerResource:
    """The cloud's answer: it gives an id, and nothing of what was asked for, so that nothing can be taken from here by mistake."""
    return analyzer_pb2.AnalyzerResource(
        type=subject.type,
        urn=subject.id,
        name=subject.name,
        properties=properties({"id": subject.resource_id} if subject.resource_id else {}),
        options=analyzer_pb2.AnalyzerResourceOptions(protect=subject.protect, parent=subject.parent),
        provider=_provider(subject),
        parent=subject.parent,
        dependencies=subject.depends_on,
        propertyDependencies={k: analyzer_pb2.AnalyzerPropertyDependencies(urns=v) for k, v in subject.waits_on.items()},
    )


def command(engine: str = NOBODY, pack: Path = PACK) -> list[str]:
    """As Pulumi's Python language host starts a pack (sdk/python/cmd/pulumi-language-python/main.go of pulumi/pulumi)."""
    return [sys.executable, "-u", "-m", "pulumi.policy", engine, str(pack)]


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("PULUMI_")}


@contextmanager
def running(engine: str = NOBODY, pack: Path = PACK) -> Generator[Engine]:
    """Start the pack as Pulumi does, and end it."""
    with subprocess.Popen(command(engine, pack), stdout=subprocess.PIPE, text=True, env=environment(), cwd=pack) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            options = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
                yield Engine(analyzer_pb2_grpc.AnalyzerStub(channel), process, channel)
        finally:
            process.kill()
