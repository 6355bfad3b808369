"""Syncing prices from a real server over HTTPS: pages, refusals, waits, and going on after a stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from migration.errors import MigrationError, UnansweredError
from migration.price_folder import Record, pages_of, read_record, regions_of
from migration.price_sync import sync
from migration.retail_api import TRIES, Clock, asker
from tests.migration.prices.conftest import MACHINE, SERVICES, Answer, Prices, page

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BOOK = {"0001.json", "0002.json", "0003.json", "0004.json"}


def _sync(root: Path, prices: Prices, waits: list[float] | None = None, now: datetime = NOW, region: str = "uksouth") -> Record:
    held = [] if waits is None else waits
    with asker(prices.address, Clock(lambda: now, held.append)) as ask:
        return sync(root, region, SERVICES, ask, lambda _: None)


def _book(root: Path, number: int = 1) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in (root / "uksouth" / f"book-{number}").iterdir() if f.name != "cursor.json"}


def _only(number: int, answer: Callable[[], Answer]) -> Callable[[int, str], Answer | None]:
    return lambda n, _path: answer() if n == number else None


def test_every_page_of_every_service_is_kept_as_it_was_received(tmp_path: Path, prices: Prices) -> None:
    record = _sync(tmp_path, prices)
    assert (record.rows, len(record.pages), record.finished, record.to_ask) == (7, 4, NOW, ())
    assert _book(tmp_path) == {f"{n:04}.json": prices.right(path).content for n, path in enumerate(list(prices.asked), 1)}
    first = prices.asked[0]
    assert first.startswith("/api/retail/prices?api-version=2023-01-01-preview&currencyCode=%27GBP%27&")
    assert "armRegionName+eq+%27uksouth%27+and+serviceName+eq+%27Storage%27" in first
    assert regions_of(tmp_path) == ["uksouth"]
    held = pages_of(tmp_path / "uksouth")
    assert held
    assert (held[0], {f.name for f in held[1]}) == (record, BOOK)


def test_a_newer_book_takes_the_place_of_the_older_whole(tmp_path: Path, prices: Prices) -> None:
    _sync(tmp_path, prices)
    newer = _sync(tmp_path, prices, now=NOW + timedelta(days=40))
    assert newer.book == 2
    assert sorted(f.name for f in (tmp_path / "uksouth").iterdir()) == ["book-2", "lock.sqlite", "sync.json"]
    assert set(_book(tmp_path, 2)) == BOOK


@pytest.mark.parametrize(
    ("status", "after", "waited"),
    [(429, "7", 7), (503, "", 1), (429, "Wed, 25 Nov 2026 09:00:30 GMT", 30), (500, "soon", 1), (503, "Wed, 25 Nov 2026 08:00:00 GMT", 0)],
)
def test_it_waits_as_long_as_it_is_asked_to(tmp_path: Path, prices: Prices, status: int, after: str, waited: float) -> None:
    prices.misbehave = _only(2, lambda: Answer(b"{}", status, {"Retry-After": after} if after else {}))
    waits: list[float] = []
    assert _sync(tmp_path, prices, waits).rows == 7
    assert waits == [waited]


def test_it_tries_so_often_and_no_more_then_goes_on_where_it_stopped(tmp_path: Path, prices: Prices) -> None:
    prices.misbehave = lambda n, _: Answer(b"", 503) if n > 2 else None
    waits: list[float] = []
    with pytest.raises(UnansweredError, match="answers 503"):
        _sync(tmp_path, prices, waits)
    assert (waits, len(prices.asked)) == ([1, 2, 4, 8, 16], 2 + TRIES)
    assert (regions_of(tmp_path), set(_book(tmp_path))) == ([], {"0001.json", "0002.json"})
    asked = len(prices.asked)
    prices.misbehave = lambda _n, _path: None
    assert _sync(tmp_path, prices, now=NOW + timedelta(hours=2)).started == NOW
    assert len(prices.asked) - asked == 2


def test_an_older_half_and_a_changed_page_are_not_gone_on_with(tmp_path: Path, prices: Prices) -> None:
    prices.misbehave = lambda n, _: Answer(b"", 404) if n == 4 else None
    with pytest.raises(UnansweredError, match="answers 404"):
        _sync(tmp_path, prices)
    (tmp_path / "uksouth" / "book-1" / "0002.json").write_text("changed", "utf-8")
    _sync(tmp_path, prices)
    assert [("skip" in p, "Storage" in p) for p in prices.asked[4:]] == [(False, False), (True, False), (True, False)]
    prices.misbehave = lambda n, _: Answer(b"", 404) if n == 9 else None
    with pytest.raises(UnansweredError):
        _sync(tmp_path, prices)
    asked = len(prices.asked)
    assert _sync(tmp_path, prices, now=NOW + timedelta(days=2)).started == NOW + timedelta(days=2)
    assert len(prices.asked) - asked == 4


def test_a_wait_of_an_hour_is_told_and_not_waited(tmp_path: Path, prices: Prices) -> None:
    prices.misbehave = _only(2, lambda: Answer(b"", 429, {"Retry-After": "3600"}))
    waits: list[float] = []
    with pytest.raises(UnansweredError, match="left alone for 3,600 seconds"):
        _sync(tmp_path, prices, waits)
    assert waits == []


def test_a_dropped_connection_is_tried_again(tmp_path: Path, prices: Prices) -> None:
    prices.misbehave = lambda n, path: Answer(prices.right(path).content, cut=20) if n in (2, 3) else None
    waits: list[float] = []
    assert _sync(tmp_path, prices, waits).rows == 7
    assert waits == [1, 2]


def _elsewhere(prices: Prices) -> dict[str, tuple[Answer, str]]:
    machine = [{**MACHINE, "retailPrice": 1}]
    same = prices.address + "/api/retail/prices"
    port = int(prices.address.rsplit(":", 1)[1])
    links = {
        "another host": "https://prices.example/api/retail/prices?$skip=4",
        "another port": f"https://127.0.0.1:{port + 1}/api/retail/prices?$skip=4",
        "plain http": f"http://127.0.0.1:{port}/api/retail/prices?$skip=4",
        "another path": f"{prices.address}/api/retail/other?$skip=4",
        "another path by dots": f"{same}/../other?$skip=4",
        "a user": f"https://me@127.0.0.1:{port}/api/retail/prices?$skip=4",
        "no address": "https://[::1",
    }
    foreign = {name: (Answer(page(machine, link)), "It is not asked") for name, link in links.items()}
    return {
        **foreign,
        "truncated": (Answer(page(machine, None)[:-9]), "is not readable as JSON"),
        "dollars": (Answer(page([{**machine[0], "currencyCode": "USD"}], None)), "has prices in USD"),
        "no page": (Answer(b'{"Error": "none"}'), "key Items"),
        "a redirect": (Answer(b"", 302, {"Location": "https://prices.example/"}), "answers 302"),
        "no gzip": (Answer(b"{}", 200, {"Content-Encoding": "gzip"}), "cannot be had"),
        "refused": (Answer(b"", 403), "ask for this address to be let through"),
        "itself again": (Answer(page(machine, same + "?x")), "repeats one that came before"),
    }


KINDS = sorted(_elsewhere(Prices(address="https://127.0.0.1:1")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_cannot_be_used_is_told_and_the_book_of_before_still_counts(tmp_path: Path, prices: Prices, kind: str) -> None:
    before = _sync(tmp_path, prices)
    answer, says = _elsewhere(prices)[kind]
    prices.misbehave = lambda n, _: answer if n >= 6 else None
    with pytest.raises(MigrationError) as refused:
        _sync(tmp_path, prices)
    assert [says in f for f in refused.value.faults] == [True]
    held = pages_of(tmp_path / "uksouth")
    assert held
    assert held[0] == before
    assert set(_book(tmp_path)) == BOOK
    prices.misbehave = lambda _n, _path: None
    assert (_sync(tmp_path, prices).book, set(_book(tmp_path, 2))) == (2, BOOK)


def test_a_region_without_prices_is_told_and_asked_again_the_next_time(tmp_path: Path, prices: Prices) -> None:
    prices.misbehave = lambda _n, _path: Answer(page([], None))
    for asked in (2, 4):
        with pytest.raises(MigrationError, match="No service has a price in nowhere"):
            _sync(tmp_path, prices, region="nowhere")
        assert len(prices.asked) == asked
    assert regions_of(tmp_path) == []


def test_a_page_larger_than_any_is_not_kept(tmp_path: Path, prices: Prices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migration.retail_api.LARGEST_PAGE", 100)
    with pytest.raises(MigrationError, match="which is no page of prices"):
        _sync(tmp_path, prices)


def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path: Path, prices: Prices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(UnansweredError, match=r"is not trusted.*SSL_CERT_FILE"):
        _sync(tmp_path, prices)
    assert prices.asked == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SSL_CERT_FILE", "absent.pem", "SSL_CERT_FILE names cannot be read"),
        ("SSL_CERT_FILE", __file__, "SSL_CERT_FILE names cannot be read"),
        ("HTTPS_PROXY", "gopher://proxy", "HTTPS_PROXY or ALL_PROXY names, cannot be asked"),
        ("HTTPS_PROXY", "http://proxy:what", "HTTPS_PROXY or ALL_PROXY names, cannot be asked"),
    ],
)
def test_surroundings_that_cannot_be_used_are_told(
    tmp_path: Path, prices: Prices, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(MigrationError, match=says):
        _sync(tmp_path, prices)
    assert prices.asked == []


@pytest.mark.parametrize("host", ["https://host:99999", "https://a b", "https://\0"])
def test_a_host_that_is_none_is_told(tmp_path: Path, host: str) -> None:
    with pytest.raises(MigrationError):
        _sync(tmp_path, Prices(address=host))


def test_a_lock_that_is_none_is_told(tmp_path: Path, prices: Prices) -> None:
    (tmp_path / "uksouth").mkdir()
    (tmp_path / "uksouth" / "lock.sqlite").write_text("no database " * 100, "utf-8")
    with pytest.raises(MigrationError, match=r"lock.sqlite cannot be used"):
        _sync(tmp_path, prices)


def test_only_one_syncs_a_region_at_a_time(tmp_path: Path, prices: Prices) -> None:
    def meanwhile(number: int, _path: str) -> None:
        if number == 2:
            with pytest.raises(MigrationError, match="is being synced already"):
                _sync(tmp_path, prices)

    prices.misbehave = meanwhile
    assert _sync(tmp_path, prices).rows == 7


def test_a_changed_page_and_a_changed_record_are_told(tmp_path: Path, prices: Prices) -> None:
    _sync(tmp_path, prices)
    folder = tmp_path / "uksouth"
    (folder / "book-1" / "0003.json").unlink()
    (folder / "book-1" / "0002.json").write_text("{}", "utf-8")
    with pytest.raises(MigrationError) as refused:
        pages_of(folder)
    assert ["000" in f and "missing or was changed" in f for f in refused.value.faults] == [True, True]
    (folder / "sync.json").write_text("{}", "utf-8")
    with pytest.raises(MigrationError, match=r"key region: .*unless prices sync --region uksouth"):
        read_record(folder / "sync.json")
