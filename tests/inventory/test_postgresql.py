from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from inventory.errors import InventoryError
from inventory.importing import import_files
from inventory.store import open_store
from rehearsal.servers import postgresql_server
from tests.parts import postgresql_or_skip

pytestmark = pytest.mark.xdist_group("postgresql")
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    programs = postgresql_or_skip()
    with postgresql_server(programs) as held:
        yield held.url()


def test_the_estate_lives_in_postgresql_as_it_does_in_sqlite(server: str, tmp_path: Path) -> None:
    (tmp_path / "servers.csv").write_text("Server name,Cores,Memory (GB)\nweb01,2,4\nwéb02,x,4\n", encoding="utf-8")
    (tmp_path / "calendar.csv").write_text("Freeze,Starts,Ends\nBilling,2027-02-24,2027-03-31\n", encoding="utf-8")
    paths = [tmp_path / "servers.csv", tmp_path / "calendar.csv"]
    with open_store(server) as shared, open_store(f"sqlite:///{(tmp_path / 'e.sqlite').as_posix()}") as own:
        results = [import_files(s, paths, TODAY) for s in (shared, own)]
        assert results[0] == results[1]
        assert shared.load() == own.load()
        assert shared.faults() == own.faults()
        assert import_files(shared, paths, TODAY).files[0].is_unchanged
        shared.forget("servers.csv")
        assert shared.load().servers == ()
    with open_store(server) as again:
        assert [f.id for f in again.load().freezes] == ["billing"]


def test_a_database_that_does_not_exist_is_a_plain_sentence(server: str) -> None:
    with pytest.raises(InventoryError) as wrong:
        open_store(server.replace("/postgres", "/nothing"))
    assert 'database "nothing" does not exist' in str(wrong.value)
    assert "Check its address, its name and your password." in str(wrong.value)
