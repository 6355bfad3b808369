"""What sysstat prints: `sadf -d` (semicolons, times in UTC) and `sar` itself (columns of text, the machine's own times).

A section begins with its headings; figures of devices are added up. The first line of `sar` names the machine and the day, and a
time earlier than the one before it is of the next day. Source: manual pages of sar and sadf, sysstat 12.6.1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from inventory.model import Fault
from inventory.spreadsheets.dates import NotADateError, read_date
from inventory.telemetry.metrics import Term, vocabulary
from inventory.telemetry.read.model import Gathering, Misfits, named
from inventory.telemetry.read.moments import NotAMomentError, moment

SADF: Final = "sadf"
SAR: Final = "sar"
_PARTS: Final = ("CPU", "DEV", "IFACE", "FILESYSTEM", "MOUNTPOINT", "TTY", "INTR", "FAN", "TEMP", "BUS", "SCSI")
_HOST = re.compile(r"\S+ \S+ \((?P<host>[^)]+)\)\s+(?P<day>\S+)\s.*")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})(?: ([AP]M))?\s+(.*)", re.I)
_AMERICAN = re.compile(r"(\d{2})/(\d{2})/(\d{2}|\d{4})")
_Used = tuple[int, Term]


@dataclass(slots=True)
class _Section:
    """The headings in force: where the parts' names stand (-1: nowhere), and which columns are used."""

    parts: int = -1
    used: list[_Used] = field(default_factory=list[_Used])


def is_sadf(first_line: str) -> bool:
    """Whether a file that begins so is of `sadf -d`."""
    return first_line.lstrip("\ufeff").startswith("# hostname;interval;timestamp;")


def is_sar(first_line: str) -> bool:
    """Whether a file that begins so is of `sar`."""
    return bool(_HOST.fullmatch(first_line.strip())) and first_line.lstrip("\ufeff").startswith(("Linux ", "SunOS ", "AIX "))


def read_sadf(path: Path, file: str, encoding: str, gathering: Gathering) -> tuple[Fault, ...]:
    """Gather the samples of `sadf -d`. The first line after a start of the machine (LINUX-RESTART) has no figures."""
    misfits, section = Misfits(file), _Section()
    with path.open(encoding=encoding, errors="replace") as held:
        for row, line in enumerate(held, 1):
            cells = line.rstrip("\r\n").lstrip("\ufeff").split(";")
            if line.startswith("#"):
                section = _section([c.removesuffix("[...]") for c in cells[3:]])
            elif len(cells) > 4:
                try:
                    at = moment(cells[2], UTC)
                except NotAMomentError as wrong:
                    misfits.add(row, "timestamp", f"The time {wrong}.", "Take the samples again.")
                    continue
                _figures(row, named(cells[0]), at, cells[3:], section, gathering, misfits)
    return misfits.faults()


def read_sar(path: Path, file: str, encoding: str, zone: tzinfo, gathering: Gathering) -> tuple[Fault, ...]:
    """Gather the samples of `sar`. Averages, and what stands before the first headings, are passed over."""
    misfits, section = Misfits(file), _Section()
    with path.open(encoding=encoding, errors="replace") as held:
        found = _HOST.fullmatch(held.readline().strip())
        day = _day(found["day"]) if found else None
        if found is None or day is None:
            return (Fault(file, "Its first line has no date that can be read.", "Run sar with S_TIME_FORMAT=ISO, or use sadf -d.", row=1),)
        clock, headings = _Clock(day, zone), list[str]()
        for row, line in enumerate(held, 2):
            timed = _CLOCK.fullmatch(line.strip())
            if timed is None:
                continue
            cells = timed[5].split()
            if not _is_figure(cells[-1]):
                if cells != headings:  # the same again is the next page of a long section
                    clock.begin()
                headings, section = cells, _section(cells)
            else:
                _figures(row, named(found["host"]), clock.second(timed), cells, section, gathering, misfits)
    return misfits.faults()


class _Clock:
    """Times of day to seconds since 1970: each section begins on the file's day, and goes back only past midnight."""

    def __init__(self, day: date, zone: tzinfo) -> None:
        self._day, self._zone = day, zone
        self._today, self._last = day, -1

    def begin(self) -> None:
        """A new section."""
        self._today, self._last = (self._day, -1)

    def second(self, timed: re.Match[str]) -> int:
        hour = int(timed[1])
        if half := (timed[4] or "").upper():
            hour = hour % 12 + (12 if half == "PM" else 0)
        of_day = hour * 3600 + int(timed[2]) * 60 + int(timed[3])
        if of_day < self._last:
            self._today += timedelta(days=1)
        self._last = of_day
        at = datetime(self._today.year, self._today.month, self._today.day, tzinfo=self._zone)
        return int((at.replace(tzinfo=None) + timedelta(seconds=of_day)).replace(tzinfo=self._zone).timestamp())


def _section(headings: Sequence[str]) -> _Section:
    parts = next((n for n, h in enumerate(headings) if h in _PARTS), -1)
    of = headings[parts] if parts >= 0 else ""
    return _Section(parts, [(n, t) for n, h in enumerate(headings) for t in vocabulary().sar if t.column == h and t.parts == of])


def _figures(row: int, server: str, at: int, cells: Sequence[str], section: _Section, gathering: Gathering, misfits: Misfits) -> None:
    part = cells[section.parts] if 0 <= section.parts < len(cells) else ""
    for index, term in section.used:
        if (term.only and part not in term.only) or part in term.without or index >= len(cells):
            continue
        try:
            figure = float(cells[index].replace(",", "."))
        except ValueError:
            misfits.add(row, term.column, f"“{cells[index][:40]}” is no number.", "Take the samples again.")
            figure = math.inf  # then what its parts add up to cannot be right, and is left out
        gathering.add(server, at, {term.metric: term.base + term.times * figure})


def _is_figure(text: str) -> bool:
    return text.replace(",", ".").replace(".", "", 1).lstrip("-").isdigit()


def _day(text: str) -> date | None:
    """The day of the first line: ISO, or month first as sar writes it in English."""
    american = _AMERICAN.fullmatch(text)
    try:
        return read_date(f"{american[2]}/{american[1]}/{american[3]}" if american else text, last=False)
    except NotADateError:
        return None
