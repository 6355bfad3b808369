"""Asks the Azure Retail Prices API for one page at a time, over HTTPS alone; what stands in the way is said plainly.

Address, filter, currency and paging: Microsoft Learn, "Azure Retail Prices overview" (rest/api/cost-management/retail-prices), read
2026-11-25. A link to the next page names the port, as in https://prices.azure.com:443/api/retail/prices?…, and is the same address.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

from migration.errors import MigrationError, UnansweredError

HOST: Final = "https://prices.azure.com"
PATH: Final = "/api/retail/prices"
VERSION: Final = "2023-01-01-preview"
"""Savings plans are told from this version on; its filters tell capital letters from small ones. Source: as above."""
TRIES: Final = 6
LONGEST_WAIT: Final = 300.0
"""Seconds that one wait may last; whoever asks for more is told, and asked again another day."""
LARGEST_PAGE: Final = 64 * 2**20
"""Bytes. A page holds at most 1,000 rows, which are about a megabyte."""
_TIMEOUT: Final = httpx.Timeout(60.0, connect=15.0)
_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
_BY_STATUS: Final = {
    403: "it refuses. A proxy or a filter may stand in the way: ask for this address to be let through.",
    404: "it does not know this address. Look at --mirror.",
    407: "the proxy wants a name and a password. Put them into HTTPS_PROXY, or ask for this address to be let through.",
}
BY_HAND: Final = "Where this machine has no way out, bring the pages from another: unless prices sync --from FOLDER"


@dataclass(frozen=True)
class Clock:
    """The time of day in UTC, and how to let seconds pass."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Asker:
    """Asks one host. Make it with `asker`."""

    client: httpx.Client
    host: str
    clock: Clock

    def first(self, region: str, service: str) -> str:
        """The address of the first page of a service in a region, every kind of price, in pounds."""
        told = f"armRegionName eq '{region}' and serviceName eq '{service}'"
        return str(httpx.URL(self.host + PATH, params={"api-version": VERSION, "currencyCode": "'GBP'", "$filter": told}))

    def page(self, address: str) -> bytes:
        """A page as it comes, after as many tries as it takes and TRIES allows.

        Raises MigrationError for an address of elsewhere, UnansweredError when there is no page to be had now.
        """
        self.check(address)
        for number in range(1, TRIES):
            content, wait = self._try(address, number)
            if content is not None:
                return content
            self.clock.sleep(wait)
        content, _ = self._try(address, TRIES)
        return content or b""

    def check(self, address: str) -> None:
        """Raises MigrationError when an address is not of this very host and path, by HTTPS."""
        wrong = f"The page says that the next one is at {address}, which is not {self.host}{PATH}. It is not asked. {BY_HAND}"
        try:
            told, own = httpx.URL(address), httpx.URL(self.host)
        except httpx.InvalidURL as invalid:
            raise MigrationError(wrong) from invalid
        if (told.scheme, told.host, told.port, told.path, told.userinfo) != ("https", own.host, own.port, PATH, b""):
            raise MigrationError(wrong)

    def _try(self, address: str, number: int) -> tuple[bytes | None, float]:
        """The page, or the seconds to wait before the next try. Raises when there shall be none, as after the last."""
        is_last = number == TRIES
        try:
            with self.client.stream("GET", address) as answer:
                if answer.is_success:
                    return _whole(answer, address), 0
                reason = f"it answers {answer.status_code}"
                told = _BY_STATUS.get(answer.status_code, "look at the network and HTTPS_PROXY, or run it again later.")
                wait = _wait(answer.headers.get("Retry-After", ""), number, self.clock.now())
                if is_last or answer.status_code not in _AGAIN:
                    raise UnansweredError(f"{address} cannot be had: {reason}: {told} {BY_HAND}")
        except httpx.RequestError as wrong:
            if isinstance(_cause(wrong), ssl.SSLCertVerificationError):
                raise UnansweredError(_untrusted(address)) from wrong
            if is_last:
                said = str(wrong) or type(wrong).__name__
                raise UnansweredError(f"{address} cannot be had ({said}). Look at the network and HTTPS_PROXY. {BY_HAND}") from wrong
            wait = _wait("", number, self.clock.now())
        if wait > LONGEST_WAIT:
            raise UnansweredError(f"{self.host} asks to be left alone for {wait:,.0f} seconds. Run it then: it goes on where it stopped.")
        return None, wait


@contextmanager
def asker(host: str = HOST, clock: Clock | None = None) -> Generator[Asker]:
    """Asks `host`. HTTPS_PROXY and NO_PROXY are honoured; SSL_CERT_FILE names certificates to trust instead of those known.

    Raises MigrationError when one of these, or the host, is no address or file that can be used.
    """
    with _client(host) as client:
        yield Asker(client, host.rstrip("/"), clock or Clock())


def _client(host: str) -> httpx.Client:
    try:
        httpx.URL(host)
        return httpx.Client(timeout=_TIMEOUT, follow_redirects=False, headers={"Accept": "application/json"})
    except OSError as wrong:
        raise MigrationError(
            f"The certificates that SSL_CERT_FILE names cannot be read ({wrong.strerror}). Correct it or unset it."
        ) from wrong
    except (httpx.InvalidURL, ValueError, ImportError) as wrong:
        raise MigrationError(f"{host}, or the proxy that HTTPS_PROXY or ALL_PROXY names, cannot be asked: {wrong}. Correct it.") from wrong


def _whole(answer: httpx.Response, address: str) -> bytes:
    held = bytearray()
    for part in answer.iter_bytes():
        held += part
        if len(held) > LARGEST_PAGE:
            raise MigrationError(f"{address} sends more than {LARGEST_PAGE // 2**20} MiB, which is no page of prices. It is not kept.")
    return bytes(held)


def _wait(told: str, number: int, now: datetime) -> float:
    """Seconds before the next try: what was asked for, as seconds or as a date (RFC 9110, 10.2.3), else 1, 2, 4, 8, 16."""
    if told.strip().isdecimal():
        return float(told)
    try:
        return max(0.0, (parsedate_to_datetime(told) - now).total_seconds())
    except (ValueError, TypeError):
        return 2.0 ** (number - 1)


def _cause(wrong: BaseException) -> BaseException:
    """The first of the errors that led to this one."""
    while (before := wrong.__cause__ or wrong.__context__) is not None:
        wrong = before
    return wrong


def _untrusted(address: str) -> str:
    return (
        f"The certificate shown for {address} is not trusted. If your proxy opens TLS, put its authority's certificate into a PEM file "
        "and name that in SSL_CERT_FILE."
    )
