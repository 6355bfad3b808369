"""A server of retail prices on loopback, over HTTPS, that can be told to misbehave."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rehearsal.servers.certificate import loopback_certificate

SERVICES = ("Storage", "Virtual Machines")
MACHINE: dict[str, Any] = {
    "currencyCode": "GBP",
    "type": "Consumption",
    "serviceName": "Virtual Machines",
    "productName": "Virtual Machines Dsv5 Series",
    "meterName": "a size",
    "skuName": "a size",
    "armRegionName": "uksouth",
    "unitOfMeasure": "1 Hour",
    "effectiveStartDate": "2026-10-01T00:00:00Z",
}


def page(rows: list[dict[str, Any]], link: str | None) -> bytes:
    """A page as the API writes it."""
    return json.dumps({"BillingCurrency": "GBP", "Items": rows, "NextPageLink": link, "Count": len(rows)}).encode()


@dataclass
class Answer:
    """What is sent: `cut` sends only so many bytes of what was announced, then closes."""

    content: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    cut: int | None = None


@dataclass
class Prices:
    """Three pages of machines, one of disks and none of anything else; `misbehave` is asked first, with the question's number."""

    address: str = ""
    asked: list[str] = field(default_factory=list[str])
    misbehave: Callable[[int, str], Answer | None] = lambda _number, _path: None

    def link(self, path: str) -> str:
        """The address of a path of this server."""
        return self.address + path

    def answer(self, path: str) -> Answer:
        """The answer to a question."""
        self.asked.append(path)
        return self.misbehave(len(self.asked), path) or self.right(path)

    def right(self, path: str) -> Answer:
        """The answer as it should be."""
        query = parse_qs(urlsplit(path).query)
        skip = int(query.get("$skip", ["0"])[0])
        if "Storage" in query["$filter"][0]:
            disk = {**MACHINE, "serviceName": "Storage", "productName": "Premium SSD Managed Disks", "skuName": "P10 LRS"}
            return Answer(page([{**disk, "meterName": "P10 LRS Disk", "unitOfMeasure": "1/Month", "retailPrice": 16}], None))
        if "Virtual Machines" not in query["$filter"][0]:
            return Answer(page([], None))
        rows = [{**MACHINE, "armSkuName": f"Standard_D{skip + n}s_v5", "retailPrice": (skip + n) / 10} for n in (2, 4)]
        follows = self.link(f"{path.split('&$skip', maxsplit=1)[0]}&$skip={skip + 4}") if skip < 8 else None
        return Answer(page(rows, follows))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return loopback_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def prices(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Generator[Prices]:
    """A running server; this process trusts its certificate, and goes to it by no proxy."""
    held = Prices()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told = held.answer(self.path)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.content)))
            self.end_headers()
            self.wfile.write(told.content[: told.cut])
            self.close_connection = told.cut is not None

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that is killed while it is answered is what some tests want."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    held.address = f"https://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield held
    server.shutdown()
    server.server_close()
    thread.join()
