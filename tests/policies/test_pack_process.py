"""The pack as a process, when what it is asked is malformed or huge, when many ask at once, and when nobody asks any more."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policies.model import Subject
from tests.policies.analyzer_engine import RULES, Engine, after, before, command, environment, running, said

ACCOUNT = "azure-native:storage:StorageAccount"
FOUR_MIB = 4 * 1024 * 1024  # gRPC's default for what is received, which Pulumi's language host keeps


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running() as started:
        yield started


def account(name: str = "a", **inputs: Any) -> Subject:
    return Subject("resource", ACCOUNT, f"urn:pulumi:s::p::{ACCOUNT}::{name}", name, inputs)


def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as wrong:
        call()
    status: Any = wrong.value
    return status.code(), status.details()


@pytest.mark.parametrize(
    "request_",
    [
        analyzer_pb2.AnalyzeRequest(),
        analyzer_pb2.AnalyzeRequest(type=ACCOUNT, urn="a"),
        analyzer_pb2.AnalyzeRequest(urn="urn:pulumi:s::p::t::n"),
    ],
)
def test_a_resource_that_does_not_say_what_it_is_is_refused(engine: Engine, request_: Any) -> None:
    code, told = refused(lambda: engine.stub.Analyze(request_))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert told == "Resource 1 of 1 has no type or no URN, so it cannot be judged. Update Pulumi and cloud-unless."


def test_one_bad_resource_of_a_stack_refuses_the_stack(engine: Engine) -> None:
    request = analyzer_pb2.AnalyzeStackRequest(resources=[after(account()), analyzer_pb2.AnalyzerResource(type=ACCOUNT)])
    code, told = refused(lambda: engine.stub.AnalyzeStack(request))
    assert (code, told[:15]) == (grpc.StatusCode.INVALID_ARGUMENT, "Resource 2 of 2")


def test_bytes_that_are_no_request_are_refused_and_the_next_is_answered(engine: Engine) -> None:
    call: Any = engine.channel.unary_unary("/pulumirpc.Analyzer/Analyze")
    assert refused(lambda: call(b"\xff this is no message"))[0] is grpc.StatusCode.INTERNAL
    assert engine.one(account()).diagnostics


SHAPES: list[Any] = [None, 1.5, float("inf"), float("nan"), True, "", [[[]]], {"a": {"b": [None]}}]


@pytest.mark.parametrize("value", SHAPES, ids=repr)
def test_properties_of_any_shape_are_judged_or_unknown_and_never_lose_the_run(engine: Engine, value: Any) -> None:
    held = struct_pb2.Struct()
    held.update({"publicNetworkAccess": value, "networkRuleSet": value, "allowSharedKeyAccess": value, "tags": value})
    request = before(account())
    request.properties.CopyFrom(held)
    verdicts = {said(d).verdict for d in engine.stub.Analyze(request).diagnostics}
    assert verdicts <= {"fail", "unknown"}
    assert verdicts


def test_a_value_without_a_kind_is_nothing(engine: Engine) -> None:
    request = before(account())
    request.properties.fields["publicNetworkAccess"].CopyFrom(struct_pb2.Value())
    assert {d.policyName for d in engine.stub.Analyze(request).diagnostics} == {d.policyName for d in engine.one(account()).diagnostics}


def test_a_huge_resource_is_judged_and_its_text_does_not_fill_the_answer(engine: Engine) -> None:
    huge = "x" * (8 * 1024 * 1024)
    answer = engine.one(account(publicNetworkAccess=huge, allowSharedKeyAccess=True, tags={"a": huge}))
    assert "storage-denies-shared-keys" in {d.policyName for d in answer.diagnostics}
    assert answer.ByteSize() < 100_000


def test_an_answer_stays_below_what_pulumi_takes_and_says_what_it_left_out(engine: Engine) -> None:
    many = [account(f"account-{n}-{'y' * 200}", allowSharedKeyAccess=True, minimumTlsVersion="TLS1_0") for n in range(1500)]
    engine.stub.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest())
    answer = engine.all(many)
    assert answer.ByteSize() < FOUR_MIB
    last = answer.diagnostics[-1]
    assert last.policyName == RULES
    assert last.enforcementLevel == analyzer_pb2.MANDATORY
    left, stopping = (int(w) for w in last.message.split() if w.isdigit())
    assert left >= stopping > 0
    assert last.message.endswith("Run: unless check --all")


def test_many_ask_at_once_and_each_has_its_own_answer(engine: Engine) -> None:
    subjects = [account(f"a{n}", allowSharedKeyAccess=bool(n % 2)) for n in range(64)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(engine.one, subjects))
    for n, answer in enumerate(answers):
        assert {d.urn for d in answer.diagnostics} == {subjects[n].id}
        assert ("storage-denies-shared-keys" in {d.policyName for d in answer.diagnostics}) is bool(n % 2)


def test_a_new_stack_knows_nothing_of_the_one_before(engine: Engine) -> None:
    """The same URN, now only read: what was asked for it in another run must not be judged again."""
    engine.begin()
    engine.one(account(allowSharedKeyAccess=True))
    engine.begin()
    engine.one(account("b", allowSharedKeyAccess=False))
    assert account().id not in {d.urn for d in engine.all([account(), account("b")]).diagnostics}


def test_it_does_not_change_what_is_asked_for(engine: Engine) -> None:
    answer = engine.stub.Remediate(before(account()))
    assert list(answer.remediations) == []
    assert len(answer.not_applicable) > 20


def test_cancel_ends_what_is_under_way_and_the_process() -> None:
    with running() as engine:
        resources = [after(account(f"a{n}")) for n in range(20_000)]
        call = engine.stub.AnalyzeStack.future(analyzer_pb2.AnalyzeStackRequest(resources=resources))
        time.sleep(0.3)
        engine.stub.Cancel(empty_pb2.Empty())
        assert call.exception(timeout=20) is not None
        assert engine.process.wait(20) == 0


def test_a_call_that_nobody_waits_for_any_more_gives_way_to_the_next(engine: Engine) -> None:
    engine.begin()
    request = analyzer_pb2.AnalyzeStackRequest(resources=[after(account(f"a{n}")) for n in range(20_000)])
    assert refused(lambda: engine.stub.AnalyzeStack(request, timeout=0.2))[0] is grpc.StatusCode.DEADLINE_EXCEEDED
    assert engine.one(account()).diagnostics


def test_it_ends_when_the_engine_that_it_reached_is_gone() -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with running(f"127.0.0.1:{port}") as engine:
        assert engine.info().name == "cloud-unless"
        time.sleep(1.5)
        assert engine.process.poll() is None
        server.stop(grace=None).wait()
        assert engine.process.wait(20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="on Windows an orphan keeps its parent's number")
def test_it_ends_when_the_process_that_started_it_is_gone(tmp_path: Path) -> None:
    between = (
        "import subprocess, sys, time\n"
        f"pack = subprocess.Popen({command()!r}, stdout=subprocess.PIPE, text=True)\n"
        "pack.stdout.readline()\n"
        "print(pack.pid, flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", between], capture_output=True, text=True, env=environment(), check=True, cwd=tmp_path)
    pid = int(done.stdout)
    for _ in range(200):
        if not _is_running(pid):
            return
        time.sleep(0.1)
    os.kill(pid, 9)
    pytest.fail("the pack outlived the process that started it")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.is_file() or stat.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


def test_started_by_hand_it_says_what_starts_it() -> None:
    code = "from policies.analyzer.serve import main; raise SystemExit(main([]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "This is started by Pulumi. Run: pulumi preview --policy-pack policies/pack\n"
