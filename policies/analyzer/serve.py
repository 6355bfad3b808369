"""The analyzer as a process: Pulumi starts it with its engine's address, reads the port from its first line of output, and ends it.

It also ends by itself: when the engine cancels, when the process that started it is gone, and when the engine, once reached, is gone.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import grpc
from pulumi.runtime.proto import analyzer_pb2_grpc

from policies.analyzer.judge import resource_controls
from policies.analyzer.service import Analyzer
from policies.errors import PoliciesError

_LARGEST_BYTES: Final = 400 * 1024 * 1024  # as Pulumi's own SDKs
_OPTIONS: Final = [("grpc.max_receive_message_length", _LARGEST_BYTES), ("grpc.max_send_message_length", _LARGEST_BYTES)]
_WATCH_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 5.0


def main(words: Sequence[str]) -> int:
    """Serve until nobody needs us. 1 when our own controls cannot be read, 2 when nobody says where the engine is."""
    parent = os.getppid()
    engine = next((w for w in words if not w.startswith("-")), "")
    if not engine:
        sys.stderr.write("This is started by Pulumi. Run: pulumi preview --policy-pack policies/pack\n")
        return 2
    try:
        resource_controls()
    except PoliciesError as wrong:
        sys.stderr.write("".join(f"{fault}\n" for fault in wrong.faults))
        return 1
    analyzer = Analyzer()
    server = grpc.server(ThreadPoolExecutor(8), options=_OPTIONS)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    _wait(analyzer.cancelled, engine, parent)
    server.stop(grace=_WATCH_SECONDS).wait()
    return 0


def _wait(cancelled: threading.Event, address: str, parent: int) -> None:
    """Until we are cancelled or left alone."""
    engine = _Engine(address)
    with grpc.insecure_channel(address) as channel:
        channel.subscribe(engine.changed, try_to_connect=True)
        while not cancelled.wait(_WATCH_SECONDS):
            if os.getppid() != parent or engine.is_gone:
                return


class _Engine:
    """The engine as seen from here. One that was never reached is not gone: tests and proxies need none."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._was_ready = self._is_lost = False

    def changed(self, state: grpc.ChannelConnectivity) -> None:
        """What gRPC tells of the connection; it also closes one that was long unused."""
        is_ready = state is grpc.ChannelConnectivity.READY
        self._is_lost = self._was_ready and not is_ready
        self._was_ready = self._was_ready or is_ready

    @property
    def is_gone(self) -> bool:
        """Whether the connection was lost and nobody answers at the address any more."""
        return self._is_lost and not self._answers()

    def _answers(self) -> bool:
        host, _, port = self._address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=_PATIENCE_SECONDS).close()
        except OSError:
            return False
        return True
