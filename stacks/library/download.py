"""Asks for a commit's archive over HTTPS, and over nothing else; what stands in the way is said plainly."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Final, cast
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

from stacks.errors import StacksError
from stacks.library.archive import Readable
from stacks.library.pins import Pin

HOST: Final = "https://github.com"
_SECONDS: Final = 60
_BY_STATUS: Final = {
    401: "it wants a name and a password, which public data does not. Look at the mirror.",
    403: "it refuses. A proxy or a filter may stand in the way: ask for this address to be let through.",
    404: "it has not this commit. Look at the mirror, or bring the archive yourself.",
    407: "the proxy wants a name and a password. Put them into HTTPS_PROXY, or ask for this address to be let through.",
    429: "too much was asked of it. Wait for some minutes, then run it again.",
}


@contextmanager
def archive_of(pin: Pin, host: str = HOST) -> Generator[Readable]:
    """The archive of the pinned commit, as it comes.

    HTTPS_PROXY and NO_PROXY are honoured, and SSL_CERT_FILE names certificates to trust instead of the system's. Raises StacksError
    when it cannot be had, or when what is sent breaks off.
    """
    address = pin.address(host)
    try:
        with _opener().open(address, timeout=_SECONDS) as answer:
            yield cast("Readable", answer)
    except HTTPError as wrong:
        reason = _BY_STATUS.get(wrong.code, "it cannot serve this now. Run it again later.")
        raise StacksError(f"{pin.name}: {address} answers {wrong.code}: {reason} {_by_hand(pin, address)}") from wrong
    except (URLError, HTTPException, OSError) as wrong:
        cause = wrong.reason if isinstance(wrong, URLError) else wrong
        raise StacksError(f"{pin.name}: {_told(address, cause)} {_by_hand(pin, address)}") from wrong


def archive_file(file: Path) -> Callable[[Pin], AbstractContextManager[Readable]]:
    """A source that gives a file, brought by hand. Its use raises StacksError when it cannot be read."""

    @contextmanager
    def source(pin: Pin) -> Generator[Readable]:
        try:
            with file.open("rb") as held:
                yield held
        except OSError as wrong:
            raise StacksError(f"{pin.name}: {file} cannot be read ({wrong.strerror}). Look at the path and its permissions.") from wrong

    return source


def _opener() -> OpenerDirector:
    """Made of the parts that are wanted alone: with no part for plain HTTP, no redirect can lead to it."""
    opener = OpenerDirector()
    parts = (ProxyHandler(), UnknownHandler(), HTTPDefaultErrorHandler(), HTTPRedirectHandler(), HTTPErrorProcessor())
    for part in (*parts, HTTPSHandler(context=ssl.create_default_context())):
        opener.add_handler(part)
    return opener


def _told(address: str, cause: object) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"the certificate shown for {address} is not trusted ({cause.verify_message}). If your proxy opens TLS, put its authority's "
            "certificate into a PEM file and name that in SSL_CERT_FILE."
        )
    said = (cause.strerror if isinstance(cause, OSError) else "") or str(cause) or type(cause).__name__
    return f"{address} cannot be had ({said}). Look at the network and HTTPS_PROXY, then run it again."


def _by_hand(pin: Pin, address: str) -> str:
    return f"Where this machine has no way out, bring that file from another: unless library sync {pin.name} --from FILE.tar.gz"
