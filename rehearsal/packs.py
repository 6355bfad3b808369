# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
"""Policy packs, run for real: each in a process of its own, asked over Pulumi's analyzer protocol what its engine asks.

The engine asks before it makes each resource, and again of all of them at the end; a rehearsal asks once the program is done, since nothing
is made in between, and so hears of every breach at once. As there, the first question is of what was asked for, the second of what the
cloud answered, and what is only read is in the second alone (pulumi/pulumi pkg/resource/deploy/step_generator.go, read 2026-11-25).
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from rehearsal.errors import RehearsalError
from rehearsal.pack_messages import after, before
from rehearsal.pack_settings import Policy, PolicyPack, filled, nameless, pack_version, read_pack_settings
from rehearsal.preview import Violation
from rehearsal.state import State
from rehearsal.values import from_struct, to_struct

Judge = Callable[[Sequence[State]], list[Violation]]
_LARGEST_BYTES: Final = 400 * 1024 * 1024
_OPTIONS: Final = [("grpc.max_receive_message_length", _LARGEST_BYTES), ("grpc.max_send_message_length", _LARGEST_BYTES)]
_START_SECONDS: Final = 120.0
_CALL_SECONDS: Final = 600.0
_END_SECONDS: Final = 5.0
_AT_ONCE: Final = 64
_SEVERITIES: Final = ("", "low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Deployed:
    """Of which deployment a pack judges, as the engine tells it; and with what it is started."""

    project: str
    stack: str
    organization: str
    config: Mapping[str, str]
    secret_keys: Sequence[str]
    dry_run: bool
    address: str
    environment: Mapping[str, str]
    python: str


@contextmanager
def started(packs: Sequence[PolicyPack], deployed: Deployed) -> Generator[Judge]:
    """Start every pack in the background; gives what judges resources by all of them. Raises RehearsalError when a folder is no pack."""
    read = [_read(p) for p in packs]
    with ThreadPoolExecutor(max(len(packs), 1)) as pool, ExitStack() as open_:
        running = [open_.enter_context(_running(pack, version, settings, deployed)) for pack, version, settings in read]
        begun = [pool.submit(r.begin, deployed) for r in running]
        yield lambda states: _judged(running, begun, states)


def _read(pack: PolicyPack) -> tuple[PolicyPack, str, dict[str, Policy]]:
    return pack, pack_version(pack), read_pack_settings(pack.settings)


def _judged(running: Sequence[_Running], begun: Sequence[Future[None]], states: Sequence[State]) -> list[Violation]:
    """Raises RehearsalError with the faults of every pack that could not judge: to be judged by fewer is no rehearsal."""
    found: list[Violation] = []
    faults: list[str] = []
    for pack, beginning in zip(running, begun, strict=True):
        try:
            beginning.result()
            found += pack.judge(states)
        except RehearsalError as wrong:
            faults += wrong.faults
    if faults:
        raise RehearsalError(*faults)
    return found


@contextmanager
def _running(pack: PolicyPack, version: str, settings: Mapping[str, Policy], deployed: Deployed) -> Generator[_Running]:
    """As Pulumi's Python language host starts a pack, in its own folder (sdk/python/cmd/pulumi-language-python/main.go)."""
    folder = pack.folder.resolve()
    command = [deployed.python, "-u", "-m", "pulumi.policy", deployed.address, str(folder)]
    with tempfile.TemporaryFile() as complaints:
        environment = dict(deployed.environment)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, env=environment, cwd=folder) as process:
            try:
                yield _Running(pack, version, settings, process, complaints)
            finally:
                process.kill()


class _Running:
    """One pack that was started."""

    def __init__(
        self, pack: PolicyPack, version: str, settings: Mapping[str, Policy], process: subprocess.Popen[bytes], complaints: Any
    ) -> None:
        self._pack, self._version, self._settings = pack, version, settings
        self._process, self._complaints = process, complaints
        self._stub: Any = None

    def begin(self, deployed: Deployed) -> None:
        """Connect, and say of what and by which settings it is to judge. Raises RehearsalError with what the pack has to say."""
        self._stub = analyzer_pb2_grpc.AnalyzerStub(grpc.insecure_channel(f"127.0.0.1:{self._port()}", options=_OPTIONS))
        asked = analyzer_pb2.AnalyzerStackConfigureRequest(
            stack=deployed.stack,
            project=deployed.project,
            organization=deployed.organization,
            dry_run=deployed.dry_run,
            config=deployed.config,
            config_secret_keys=deployed.secret_keys,
        )
        self._ask(lambda: self._stub.ConfigureStack(asked, timeout=_CALL_SECONDS))
        told: analyzer_pb2.AnalyzerInfo = self._ask(lambda: self._stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=_CALL_SECONDS))
        if told.supportsConfig:
            self._configure({p.name: Policy(p.enforcementLevel, _defaults(p)) for p in told.policies})
        elif self._settings:
            raise RehearsalError(f"{self._pack.settings}: the policy pack {told.name} takes no settings. Leave the file out.")

    def judge(self, states: Sequence[State]) -> list[Violation]:
        """What it says of the resources, one by one and then together. Raises RehearsalError when it cannot."""
        held = {s.urn: s for s in states}
        made = [s for s in states if not s.external]
        found: list[Violation] = []
        for n in range(0, len(made), _AT_ONCE):
            calls = [(s, self._stub.Analyze.future(before(s, held), timeout=_CALL_SECONDS)) for s in made[n : n + _AT_ONCE]]
            for state, call in calls:
                found += self._violations(self._ask(call.result), state.urn)
        asked = analyzer_pb2.AnalyzeStackRequest(resources=[after(s, held) for s in states])
        return found + self._violations(self._ask(lambda: self._stub.AnalyzeStack(asked, timeout=_CALL_SECONDS)), "")

    def _configure(self, declared: Mapping[str, Policy]) -> None:
        settings = filled(declared, self._settings)
        if faults := [f"{self._pack.settings}: {sentence}" for sentence in nameless(settings)]:
            raise RehearsalError(*faults)
        sent = {
            name: analyzer_pb2.PolicyConfig(
                enforcementLevel=cast("Any", policy.level),
                properties=to_struct(policy.properties or {}),
            )
            for name, policy in settings.items()
        }
        request = analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=sent)
        self._ask(lambda: self._stub.Configure(request, timeout=_CALL_SECONDS))

    def _port(self) -> int:
        """The first line that it prints. One that prints none in time is ended."""
        watchdog = threading.Timer(_START_SECONDS, self._process.kill)
        watchdog.start()
        try:
            line = cast("Any", self._process.stdout).readline().strip()
        finally:
            watchdog.cancel()
        if not line.isdigit():
            raise RehearsalError(f"The policy pack {self._pack.folder} did not start{self._complained()}. Mend it, or leave it out.")
        return int(line)

    def _ask(self, call: Callable[[], Any]) -> Any:
        """The call's answer. Raises RehearsalError with the sentences of a pack that refuses, a line each."""
        try:
            return call()
        except grpc.RpcError as wrong:
            status: Any = wrong
            lines = [line for line in str(status.details() or status.code().name).splitlines() if line.strip()]
            if status.code() is grpc.StatusCode.UNAVAILABLE and self._has_ended():
                lines = [f"its process ended with exit code {self._process.returncode}{self._complained()}"]
            raise RehearsalError(*(f"The policy pack {self._pack.folder}: {line}" for line in lines)) from wrong

    def _has_ended(self) -> bool:
        """The connection is lost a moment before the process is gone."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        return self._process.returncode is not None

    def _complained(self) -> str:
        self._complaints.seek(0)
        said = " ".join(self._complaints.read().decode("utf-8", errors="replace").split())
        return f": {said[-1500:]}" if said else ""

    def _violations(self, answer: analyzer_pb2.AnalyzeResponse, urn: str) -> list[Violation]:
        return [
            Violation(
                pack=d.policyPackName,
                version=self._version or d.policyPackVersion,
                policy=d.policyName,
                message=d.message,
                urn=d.urn or urn,
                stops=d.enforcementLevel in (analyzer_pb2.MANDATORY, analyzer_pb2.REMEDIATE),
                severity=_SEVERITIES[d.severity] if d.severity < len(_SEVERITIES) else "",
            )
            for d in answer.diagnostics
        ]


def _defaults(policy: analyzer_pb2.PolicyInfo) -> dict[str, Any]:
    """The defaults that its settings' JSON schema gives."""
    schemas = from_struct(policy.configSchema.properties)
    return {name: held["default"] for name, held in schemas.items() if isinstance(held, Mapping) and "default" in held}
