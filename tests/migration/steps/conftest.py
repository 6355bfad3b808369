"""Real servers for stores: Azurite over https, taking tokens as Microsoft Entra gives them, and a server that only refuses."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AccessToken

from rehearsal.servers import AzureBlob, azurite, azurite_program
from rehearsal.servers.certificate import loopback_certificate

REPOSITORY = Path(__file__).parents[3]


def token(**claims: Any) -> str:
    """A token as Microsoft Entra gives it, but for its signature."""
    now = int(time.time())
    said = {
        "aud": "https://storage.azure.com",
        "iss": "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 3600,
    } | claims
    parts = [json.dumps(part).encode() for part in ({"typ": "JWT", "alg": "RS256"}, said)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, b"no signature"])


@dataclass
class SignedIn:
    """A sign-in that gives the same token each time, and keeps what it was asked for."""

    held: str = field(default_factory=token)
    scopes: list[str] = field(default_factory=list[str])
    token = staticmethod(token)

    def get_token(self, *scopes: str, **other: Any) -> AccessToken:
        self.scopes += scopes
        return AccessToken(self.held, int(time.time()) + 3600)


@dataclass
class Answering:
    """A server, the certificate to trust it by, and the headers of every request."""

    port: int
    ca_file: str
    seen: list[dict[str, str]]


@pytest.fixture
def signed_in() -> type[SignedIn]:
    return SignedIn


@pytest.fixture(scope="session")
def blob(tmp_path_factory: pytest.TempPathFactory) -> Generator[AzureBlob]:
    program, why = azurite_program(REPOSITORY)
    if program is None:
        pytest.skip(why)
    with azurite(tmp_path_factory.mktemp("azurite"), program, https=True) as server:
        yield server


@pytest.fixture
def answering(tmp_path: Path) -> Callable[..., AbstractContextManager[Answering]]:
    """A server on loopback that gives every request the same answer: `answering(status, headers, body, https=True)`."""

    @contextmanager
    def serve(status: int, headers: dict[str, str], body: bytes = b"", *, https: bool = True) -> Generator[Answering]:
        seen: list[dict[str, str]] = []

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                seen.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                del format, args

        certificate, key = loopback_certificate(tmp_path)
        with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
            if https:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(certificate, key)
                server.socket = context.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            yield Answering(server.server_address[1], str(certificate), seen)
            server.shutdown()

    return serve
