"""The smoke test over HTTP: whatever answers, or does not, is a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from pydantic import ValidationError

from migration.steps.model import Bench, StepError
from migration.steps.smoke import HttpParameters, smoke

_NO_BENCH = cast("Bench", None)


@contextmanager
def _saying(answer: bytes) -> Generator[str]:
    """A server that says these bytes to the first who calls, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def say() -> None:
            with server.accept()[0] as caller:
                caller.recv(4096)
                caller.sendall(answer)

        thread = threading.Thread(target=say)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize("answer", [b"\x00\x1b[2Jgarbage\r\n\r\n", b"", b"HTTP/1.1 abc Fine\r\n\r\n"])
def test_a_server_that_speaks_no_http_is_said(answer: bytes) -> None:
    with _saying(answer) as url, pytest.raises(StepError, match="does not answer as a web service does: ") as wrong:
        smoke(_NO_BENCH, HttpParameters(url=url))
    assert str(wrong.value).isprintable()


@pytest.mark.parametrize("url", ["http://x:abc/", "http://a..b/", "http://[::1/", "http://:80/", "http://x:0/", "http://x:99999/"])
def test_an_address_that_is_none_is_refused_before_anything_runs(url: str) -> None:
    with pytest.raises(ValidationError, match="is no address"):
        HttpParameters(url=url)


def test_the_status_and_the_text_must_be_the_expected_ones(answering: Callable[..., Any]) -> None:
    with answering(200, {}, b"all is well", https=False) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert smoke(_NO_BENCH, HttpParameters(url=url, contains="well")) == {"status": 200, "bytes": 11}
        with pytest.raises(StepError, match="answered 200, not 204"):
            smoke(_NO_BENCH, HttpParameters(url=url, status=204))
        with pytest.raises(StepError, match="answered without the text 'ill'"):
            smoke(_NO_BENCH, HttpParameters(url=url, contains="ill"))
