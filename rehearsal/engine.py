"""Runs a Pulumi program against the pretend clouds: serves it, keeps its state, tells what would change.

The program is not modified and does not know: it runs in a process of its own and speaks gRPC over loopback, as it does
to Pulumi's engine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar, cast

import grpc
from pulumi.runtime.proto import engine_pb2_grpc, resource_pb2_grpc

from rehearsal import checkpoint, cloud
from rehearsal.applied import settle
from rehearsal.checkpoint import Checkpoint
from rehearsal.deployment import Deployment
from rehearsal.errors import ProgramError
from rehearsal.lock import locked
from rehearsal.monitor import Engine, Monitor
from rehearsal.pack_settings import PolicyPack
from rehearsal.packs import Deployed, started
from rehearsal.preview import Diagnostic, Preview, Violation
from rehearsal.project import Configuration, Project, read_configuration, read_project
from rehearsal.references import StackOutputs
from rehearsal.registration import Setting
from rehearsal.values import HIDDEN, each, is_secret

M = TypeVar("M", Diagnostic, Violation)
ORGANISATION = "organization"  # what Pulumi says for a backend that has none
_LARGEST_MESSAGE = 400 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be run, and how."""

    project: Project
    stack: str
    configuration: Configuration
    preview_only: bool
    python: str
    packs: tuple[PolicyPack, ...] = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """How the child process ended: what it reported, its exit code, what it printed."""

    report: Mapping[str, Any]
    code: int
    printed: str
    complained: str


def rehearse(  # noqa: PLR0913 - one parameter for each option
    root: Path,
    stack: str,
    state: Path,
    *,
    config: Mapping[str, str] | None = None,
    preview_only: bool = False,
    most: int | None = None,
    python: str = sys.executable,
    packs: Sequence[PolicyPack] = (),
) -> Preview:
    """See `rehearsal.rehearse`."""
    project = read_project(root)
    configuration = read_configuration(project, stack, config)
    with locked(state):
        return _rehearse(Wanted(project, stack, configuration, preview_only, python, tuple(packs)), state, most)


def _rehearse(wanted: Wanted, state: Path, most: int | None) -> Preview:
    project, stack, configuration, preview_only = wanted.project, wanted.stack, wanted.configuration, wanted.preview_only
    begun = time.monotonic()
    at = datetime.now(UTC)
    before = checkpoint.load(state)
    there = cloud.load(cloud.file_of(state))
    others = StackOutputs(state.parent, stack)
    setting = Setting(project.name, stack, project.folder, configuration, others, preview_only, at.isoformat(), there)
    deployment = Deployment(setting, before)
    engine = Engine()
    monitor = Monitor(deployment, project.root)
    with _served(monitor, engine) as address, started(wanted.packs, _deployed(wanted, address)) as judge:
        ended = _run(wanted, address)
        found = list(_diagnostics(ended, monitor, engine, deployment))
        if not _failed(found) and not deployment.faults:
            deployment.finish()
        found = [Diagnostic("error", told, urn) for urn, told in deployment.faults] + found
        violations = [] if _failed(found) else judge([*deployment.record.states.values()])
    if not _failed(found) and not any(v.stops for v in violations):
        after = Checkpoint(deployment.record.resources, before.salt)
        found += settle(state, deployment.record.steps, after, at, most=most, keep=not preview_only)
    secrets = _secrets(configuration, deployment)
    told = _hidden(violations, secrets)
    preview = Preview(
        project=project.name,
        stack=stack,
        steps=deployment.record.steps,
        diagnostics=(*_hidden(_once(found), secrets), *(v.diagnostic for v in told)),
        outputs=_shown(deployment.outputs),
        config=configuration.shown(secrets),
        seconds=time.monotonic() - begun,
        violations=told,
    )
    if preview.faults:
        raise ProgramError(preview)
    return preview


def _failed(found: Iterable[Diagnostic]) -> bool:
    return any(d.severity == "error" for d in found)


def _deployed(wanted: Wanted, address: str) -> Deployed:
    """What a policy pack is told of the deployment."""
    return Deployed(
        project=wanted.project.name,
        stack=wanted.stack,
        organization=ORGANISATION,
        config=wanted.configuration.values,
        secret_keys=wanted.configuration.secret_keys,
        dry_run=wanted.preview_only,
        address=address,
        environment=_environment(wanted),
        python=wanted.python,
    )


@contextmanager
def _served(monitor: Monitor, engine: Engine) -> Generator[str]:
    """Serve both on a free port of loopback; gives the address."""
    server = grpc.server(ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", _LARGEST_MESSAGE)])
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()


def _run(wanted: Wanted, address: str) -> Ended:
    """Run the program to its end."""
    project, configuration = wanted.project, wanted.configuration
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as folder:
        report = Path(folder, "report.json")
        orders = {
            "project": project.name,
            "stack": wanted.stack,
            "organization": ORGANISATION,
            "root": str(project.root),
            "folder": str(project.folder),
            "program": str(project.program),
            "config": dict(configuration.values),
            "secret_keys": list(configuration.secret_keys),
            "address": address,
            "dry_run": wanted.preview_only,
            "report": str(report),
        }
        command = [wanted.python, "-P", "-u", str(Path(__file__).with_name("program.py"))]
        with Path(folder, "out").open("wb") as out, Path(folder, "err").open("wb") as err:
            code = _obeyed(command, json.dumps(orders), _environment(wanted), out, err)
        told = cast("dict[str, Any]", json.loads(report.read_text("utf-8"))) if report.is_file() else {}
        printed, complained = (Path(folder, n).read_text("utf-8", errors="replace") for n in ("out", "err"))
        return Ended(told, code, printed, complained)


def _obeyed(command: list[str], orders: str, environment: dict[str, str], out: IO[bytes], err: IO[bytes]) -> int:
    """Start the child, give it its orders, and wait. Its standard input stays open: it ends when we do."""
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err, env=environment)
    pipe = cast("IO[bytes]", child.stdin)
    try:
        pipe.write(orders.encode() + b"\n")
        pipe.flush()
        return child.wait()
    except BrokenPipeError:
        return child.wait()
    finally:
        child.kill()
        child.wait()
        with suppress(BrokenPipeError):
            pipe.close()


def _environment(wanted: Wanted) -> dict[str, str]:
    """What Pulumi's language host puts in a program's environment, and where compiled modules are kept."""
    configuration = wanted.configuration
    return {
        **_with_compiled_modules(os.environ),
        "PULUMI_CONFIG": json.dumps(dict(configuration.values)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(configuration.secret_keys)),
        "PULUMI_PROJECT": wanted.project.name,
        "PULUMI_STACK": wanted.stack,
        "PULUMI_ORGANIZATION": ORGANISATION,
        "PULUMI_DRY_RUN": "true" if wanted.preview_only else "false",
        "PYTHONIOENCODING": "utf-8",
        "GRPC_VERBOSITY": "ERROR",
    }


def _with_compiled_modules(given: Mapping[str, str]) -> dict[str, str]:
    """The environment with compiled modules kept in the virtual environment, where it says to write none beside sources.

    azure-native is so large that compiling it anew takes longer than all the rest of a rehearsal.
    """
    if not given.get("PYTHONDONTWRITEBYTECODE") or given.get("PYTHONPYCACHEPREFIX") or sys.prefix == sys.base_prefix:
        return dict(given)
    kept = {k: v for k, v in given.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(sys.prefix, ".compiled"))}


def _diagnostics(ended: Ended, monitor: Monitor, engine: Engine, deployment: Deployment) -> Iterable[Diagnostic]:
    yield from engine.diagnostics
    if ended.printed.strip():
        yield Diagnostic("info", ended.printed.strip())
    if monitor.hooks:
        yield Diagnostic("warning", f"These hooks are not run in rehearsal: {', '.join(monitor.hooks)}.")
    yield from (Diagnostic("error", f) for f in ended.report.get("faults", ()))
    if told := ended.report.get("unexpected"):
        yield Diagnostic("error", _lacking(ended, deployment) or f"{ended.report['place']}: {told}")
        yield Diagnostic("debug", str(ended.report["traceback"]))
    if not ended.report:
        yield Diagnostic("error", f"The program's process ended with exit code {ended.code} before the program was done.")
    if ended.complained.strip():
        yield Diagnostic("debug" if ended.report.get("unexpected") else "info", ended.complained.strip())


def _lacking(ended: Ended, deployment: Deployment) -> str:
    """The sentence for an output that a stack reference requires and its stack does not have."""
    key = str(ended.report.get("missing_key", ""))
    without = [name for name, outputs in deployment.referred.items() if key and key not in outputs]
    return f"The stack {' or '.join(without)} has no output {key!r}. Correct the name, or rehearse that stack again." if without else ""


def _once(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Without errors that only repeat another one (an exception carries the fault that caused it)."""
    kept: list[Diagnostic] = []
    for d in found:
        if not any(d.severity == k.severity == "error" and (k.message in d.message) for k in kept):
            kept.append(d)
    return kept


def _secrets(configuration: Configuration, deployment: Deployment) -> set[str]:
    texts = {configuration.values[k] for k in configuration.secret_keys if k in configuration.values}
    return {t for t in texts | deployment.record.secret_texts if len(t) > 3}


def _hidden(found: Iterable[M], secrets: set[str]) -> tuple[M, ...]:
    """The messages without any secret that the program let slip, or a policy pack, which is told secrets in plain."""

    def clean(text: str) -> str:
        for s in sorted(secrets, key=len, reverse=True):
            text = text.replace(s, HIDDEN)
        return text

    return tuple(replace(d, message=clean(d.message)) for d in found)


def _shown(value: Any) -> Any:
    return HIDDEN if is_secret(value) else each(value, _shown)
