# ruff: noqa: N802 - the methods are named by the protocol
"""Pulumi's analyzer protocol (pulumi/analyzer.proto): each call translated for `judge` and its answer back.

What a person can mend is the status FAILED_PRECONDITION or INVALID_ARGUMENT with its sentences, a line each: the engine shows them and
fails the update. It never gets an answer that merely lacks something.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2

from policies.analyzer.judge import Judged, Judging, StoppedError, resource_controls
from policies.analyzer.messages import answer, info, nothing_mended, own_version
from policies.analyzer.settings import Given, Settings, read_settings, unset
from policies.analyzer.subjects import Sent, plain
from policies.errors import PoliciesError
from policies.waivers import london_day

T = TypeVar("T")
Asked = Callable[[Settings], Judged]


def today() -> date:
    """This day in London."""
    return london_day(datetime.now(UTC))


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers for every control of resources. `cancelled` is set once the engine has asked us to leave."""

    def __init__(self, day: Callable[[], date] = today) -> None:
        """With no settings yet: the strictest environment and our own register."""
        self._day = day
        self._judging = Judging(day)
        self._settings: Settings | None = None
        self.cancelled = threading.Event()

    def Handshake(
        self, request: analyzer_pb2.AnalyzerHandshakeRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerHandshakeResponse:
        """Nothing to agree upon."""
        return analyzer_pb2.AnalyzerHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Our version."""
        return plugin_pb2.PluginInfo(version=own_version())

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzerInfo:
        """What is in the pack."""
        return _mendable(info, context)

    def ConfigureStack(
        self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> analyzer_pb2.AnalyzerStackConfigureResponse:
        """A stack begins: what was seen of another one is forgotten. Its configuration holds secrets, and no control needs it."""
        self._judging = Judging(self._day)
        return analyzer_pb2.AnalyzerStackConfigureResponse()

    def Configure(self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """The pack's settings."""
        given = {name: Given(held.enforcementLevel, plain(held.properties)) for name, held in request.policyConfig.items()}
        self._settings = _mendable(lambda: read_settings(given, resource_controls()), context)
        return empty_pb2.Empty()

    def Analyze(self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzeResponse:
        """A resource that is about to be made."""
        _named((request,), context)
        return self._answer(lambda settings: self._judging.one(request, settings, lambda: self._has_stopped(context)), context)

    def AnalyzeStack(self, request: analyzer_pb2.AnalyzeStackRequest, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzeResponse:
        """All resources of the stack."""
        _named(request.resources, context)
        return self._answer(lambda settings: self._judging.all(request.resources, settings, lambda: self._has_stopped(context)), context)

    def Remediate(self, request: analyzer_pb2.AnalyzeRequest, context: grpc.ServicerContext) -> analyzer_pb2.RemediateResponse:
        """Nothing is changed: a stack says what it wants, and a reviewer reads that."""
        return nothing_mended()

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Judgements under way end, and so does the process."""
        self.cancelled.set()
        return empty_pb2.Empty()

    def _answer(self, asked: Asked, context: grpc.ServicerContext) -> analyzer_pb2.AnalyzeResponse:
        settings = self._settings = self._settings or _mendable(unset, context)
        try:
            return answer(asked(settings), settings)
        except StoppedError:
            _refuse(context, grpc.StatusCode.CANCELLED, "The judgement was stopped before it was done.")

    def _has_stopped(self, context: grpc.ServicerContext) -> bool:
        return self.cancelled.is_set() or not context.is_active()


def _mendable(do: Callable[[], T], context: grpc.ServicerContext) -> T:
    try:
        return do()
    except PoliciesError as wrong:
        _refuse(context, grpc.StatusCode.FAILED_PRECONDITION, "\n".join(wrong.faults))


def _named(sent: Any, context: grpc.ServicerContext) -> None:
    """Every resource must say what it is: judged as nothing it would meet no control."""
    resources: list[Sent] = list(sent)
    wrong = [n for n, r in enumerate(resources, start=1) if not r.type or not r.urn.startswith("urn:pulumi:")]
    if wrong:
        told = f"Resource {wrong[0]} of {len(resources)} has no type or no URN, so it cannot be judged. Update Pulumi and cloud-unless."
        _refuse(context, grpc.StatusCode.INVALID_ARGUMENT, told)


def _refuse(context: grpc.ServicerContext, status: grpc.StatusCode, told: str) -> NoReturn:
    context.abort(status, told)
    raise AssertionError("abort raises")
