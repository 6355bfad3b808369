"""Archives of commits, whole and hostile, and a server on loopback that gives them over HTTPS."""

from __future__ import annotations

import gzip
import io
import socket
import ssl
import tarfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from rehearsal.servers.certificate import loopback_certificate

KINDS = {"folder": tarfile.DIRTYPE, "symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE}
DAMAGES: Mapping[str, Callable[[bytes], bytes]] = {
    "": lambda held: held,
    "cut": lambda held: held[: len(held) // 2],
    "flip": lambda held: held[:40] + bytes([held[40] ^ 0xFF]) + held[41:],
    "page": lambda _: b"<!doctype html><title>Sign in</title>",
    "empty": lambda _: b"",
    "rubbish": lambda _: gzip.compress(b"not an archive at all" * 100),
}


def packed(members: Sequence[Mapping[str, Any]], damage: str = "") -> bytes:
    """An archive that holds `members`: path, and content, noughts (how many), or kind and link."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for member in members:
            entry = tarfile.TarInfo(member["path"])
            entry.type, entry.linkname = KINDS.get(member.get("kind", ""), tarfile.REGTYPE), member.get("link", "")
            content = member.get("content", "").encode() or bytes(member.get("noughts", 0))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return DAMAGES[damage](made.getvalue())


def packed_folder(folder: Path) -> bytes:
    """An archive of a folder's files."""
    files = sorted(f for f in folder.rglob("*") if f.is_file())
    return packed([{"path": f"top/{f.relative_to(folder).as_posix()}", "content": f.read_text("utf-8")} for f in files])


Answer = Callable[[BaseHTTPRequestHandler], None]


def giving(content: bytes) -> Answer:
    """An answer that gives everything."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


def refusing(status: int, location: str = "") -> Answer:
    """An answer that gives a status alone, or leads elsewhere."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        if location:
            request.send_header("Location", location)
        request.end_headers()

    return answer


@contextmanager
def https_server(folder: Path, answer: Answer) -> Generator[tuple[str, Path, list[str]]]:
    """A server on loopback: its address, the certificate to trust, and the paths that were asked for."""
    asked: list[str] = []

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    certificate, key = loopback_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_address[1]}", certificate, asked
        server.shutdown()


@contextmanager
def proxy() -> Generator[tuple[str, list[str]]]:
    """A proxy on loopback that knows CONNECT alone: its address, and where it was asked to lead."""
    led: list[str] = []

    class Request(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            led.append(self.path)
            host, _, port = self.path.partition(":")
            with socket.create_connection((host, int(port))) as away:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_carry, args=(away, self.connection), daemon=True)
                back.start()
                _carry(self.connection, away)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Request) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", led
        server.shutdown()


def _carry(one: socket.socket, other: socket.socket) -> None:
    try:
        while held := one.recv(65536):
            other.sendall(held)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        return
