"""Where samples are kept: Parquet, one file for a day and a range of servers, each replaced whole or not at all.

::

    telemetry/servers.json                         the servers' names; a server's number is its place in the list
    telemetry/files.json                           what was imported: digest, day of reading, servers, samples, first and last time
    telemetry/day=2026-11-01/servers=000000.parquet   the first 500 servers' samples of that day, by server and then by time

A sample that comes again (the same server and second) replaces what it measures and leaves the rest, so an import that was
interrupted is simply run again, and processors and network may come from two files.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from inventory.errors import InventoryError
from inventory.telemetry.metrics import metrics
from inventory.telemetry.summary import Samples, Window
from inventory.whole import write_whole

RANGE: Final = 500
_FORMAT = "cloud-unless/telemetry/1"
_DAY_SECONDS = 86_400
_WIDTHS: Final = {16: pl.UInt16, 32: pl.UInt32}
SCHEMA: Final[Mapping[str, Any]] = {"server": pl.UInt32, "at": pl.UInt32, **{m.name: _WIDTHS[m.bits] for m in metrics()}}


@dataclass(frozen=True, slots=True)
class Imported:
    """One file that was imported. `first` and `last` are its times in UTC, ISO 8601."""

    file: str
    digest: str
    read_on: str
    layout: str
    servers: int
    samples: int
    first: str
    last: str


class Telemetry:
    """The samples below one folder."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made by the first import."""
        self._folder = folder

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of all servers, each at the place of its number. Raises InventoryError when the list cannot be read."""
        return tuple(self._json("servers.json").get("servers", ()))

    @property
    def files(self) -> tuple[Imported, ...]:
        """What was imported, in the order of import. Raises InventoryError."""
        return tuple(Imported(**of) for of in self._json("files.json").get("files", ()))

    @property
    def days(self) -> tuple[date, ...]:
        """The days that hold samples, in order."""
        if not self._folder.is_dir():
            return ()
        return tuple(sorted(date.fromisoformat(d.name.removeprefix("day=")) for d in self._folder.glob("day=????-??-??")))

    def window(self) -> Window | None:
        """From the first day that holds samples to the last; None when none does."""
        days = self.days
        return Window(days[0], days[-1]) if days else None

    def add(self, samples: pl.DataFrame, imported: Imported) -> None:
        """Keep samples: `server` is a name, `at` seconds since 1970 in UTC, each metric a whole number or null.

        Names come first and the note of the file last, so that an import that is cut off is taken up again by running it again.
        Raises InventoryError when the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            numbers = self._numbered(samples["server"].unique().sort().to_list())
            held = samples.with_columns(pl.col("server").replace_strict(numbers, return_dtype=pl.UInt32)).cast(pl.Schema(SCHEMA))
            for (day, of), part in held.group_by(_DAY, _RANGE, maintain_order=True):
                self._merge(self._file(_date(int(str(day))), int(str(of))), part)
            kept = [f for f in self.files if f.file != imported.file]
            self._write("files.json", {"files": [asdict(f) for f in (*kept, imported)]})
        except OSError as wrong:
            raise InventoryError(f"{self._folder}: samples cannot be kept there: {wrong.strerror or wrong}. Free the disk.") from wrong

    def ranges(self, window: Window) -> tuple[int, ...]:
        """The first number of every range of servers that has samples in the window."""
        return tuple(sorted({int(f.stem.removeprefix("servers=")) for f in self._files(window, "servers=*.parquet")}))

    def read(self, first: int, window: Window) -> tuple[Samples, ...]:
        """The samples of one range in the window, a piece for each day, by server and then by time.

        Raises InventoryError when a file is damaged.
        """
        return tuple(map(self._piece, self._files(window, f"servers={first:06d}.parquet")))

    def _piece(self, file: Path) -> Samples:
        try:
            held = pl.read_parquet(file, columns=list(SCHEMA), hive_partitioning=False).rechunk()
        except (pl.exceptions.PolarsError, OSError) as wrong:
            raise InventoryError(f"{file} cannot be read. Delete it, and import again the files that hold its day.") from wrong
        values = {m.name: held[m.name].fill_null(m.absent).to_numpy() for m in metrics()}
        return Samples(held["server"].to_numpy(), held["at"].to_numpy(), values)

    def _files(self, window: Window, name: str) -> list[Path]:
        days = (d for d in self.days if window.first <= d <= window.last)
        return [f for d in days for f in sorted((self._folder / f"day={d.isoformat()}").glob(name))]

    def _file(self, day: date, first: int) -> Path:
        return self._folder / f"day={day.isoformat()}" / f"servers={first:06d}.parquet"

    def _numbered(self, names: Sequence[str]) -> dict[str, int]:
        """A number for each name; new names go to the end, so no number ever changes."""
        held = list(self.servers)
        known = set(held)
        new = [n for n in names if n not in known]
        if new:
            self._write("servers.json", {"servers": [*held, *new]})
        return {name: number for number, name in enumerate([*held, *new])}

    def _merge(self, file: Path, part: pl.DataFrame) -> None:
        parts = [pl.read_parquet(file, hive_partitioning=False), part] if file.is_file() else [part]
        whole = (
            pl.concat(parts)
            .group_by("server", "at", maintain_order=True)
            .agg(pl.col(m.name).drop_nulls().last() for m in metrics())
            .sort("server", "at")
        )
        file.parent.mkdir(exist_ok=True)
        half = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
        try:
            whole.write_parquet(half, compression="zstd", statistics=True)
            with half.open("rb+") as written:
                os.fsync(written.fileno())
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)

    def _json(self, name: str) -> dict[str, Any]:
        file = self._folder / name
        if not file.is_file():
            return {}
        try:
            held = json.loads(file.read_text("utf-8"))
            if held["format"] != _FORMAT:
                raise InventoryError(
                    f"{file} is of the form {held['format']}, and this program knows {_FORMAT}. Use the program that wrote it."
                )
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            raise InventoryError(f"{file} is damaged. Move the folder {self._folder} away, and import its files again.") from wrong
        return held

    def _write(self, name: str, held: Mapping[str, Any]) -> None:
        write_whole(self._folder / name, json.dumps({"format": _FORMAT, **held}, indent=1, ensure_ascii=False) + "\n")


_DAY = (pl.col("at") // _DAY_SECONDS).alias("day")
_RANGE = (pl.col("server") // RANGE * RANGE).alias("range")


def _date(days: int) -> date:
    return datetime.fromtimestamp(days * _DAY_SECONDS, UTC).date()
