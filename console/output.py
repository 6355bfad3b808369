"""What people see in a terminal: tables, sentences, faults, progress. Results go to stdout, the rest to stderr.

Colour is rich's decision: none when the stream is not a terminal, or when NO_COLOR is set.
"""

from __future__ import annotations

import codecs
import dataclasses
import json
import os
import sys
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from console.exits import Exit

_UNWRAPPED: Final = 2000
"""Columns of a console that is not a terminal; a table takes only what it needs."""


_SPELT: Final = {"£": "GBP ", "…": "...", "\N{EN DASH}": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{MULTIPLICATION SIGN}": "x"}
"""How characters of our own sentences are written where the terminal does not know them."""


def _spelt(wrong: UnicodeError) -> tuple[str, int]:
    """The error handler `spelt` of codecs: our own signs in words, anything else a question mark."""
    if not isinstance(wrong, UnicodeEncodeError):
        raise wrong
    return "".join(_SPELT.get(c, "?") for c in wrong.object[wrong.start : wrong.end]), wrong.end


def speakable(stream: TextIO) -> None:
    """Make a stream write what its encoding does not know in other words, rather than fail."""
    codecs.register_error("spelt", _spelt)
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="spelt")


class _Console(Console):
    """A console whose reader may go away, as `head` does, with the exit code that shells give that."""

    def on_broken_pipe(self) -> None:
        """Rich asks here; its own answer would be exit code 1, which says something else with us."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(Exit.READER_GONE)


def out() -> Console:
    """The console of results (made anew, so a test that replaces sys.stdout is honoured)."""
    return _console(sys.stdout, stderr=False)


def err() -> Console:
    """The console of progress and faults."""
    return _console(sys.stderr, stderr=True)


def _console(stream: TextIO, *, stderr: bool) -> Console:
    """Into a pipe or a file nothing is wrapped, so that an id can be found by grep."""
    is_terminal = stream.isatty()
    return _Console(stderr=stderr, highlight=False, soft_wrap=not is_terminal, width=None if is_terminal else _UNWRAPPED)


def say(sentence: str) -> None:
    """One sentence of result for a person; markup in it is not interpreted."""
    out().print(Text(sentence))


def note(sentence: str) -> None:
    """One sentence of progress for a person, on stderr."""
    err().print(Text(sentence, style="dim"))


def plain(value: object) -> Any:
    """Any of our records as JSON types: dates ISO, enums by value, dataclasses as objects."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in cast("Iterable[object]", value)]
    return value


def show_json(value: object) -> None:
    """The value as JSON on stdout, two spaces, unsorted keys, nothing else."""
    show_whole(json.dumps(plain(value), indent=2, ensure_ascii=not _is_unicode(sys.stdout)) + "\n")


def show_whole(text: str) -> None:
    """A document on stdout as it is, nothing else."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        out().on_broken_pipe()


def _is_unicode(stream: TextIO) -> bool:
    return (stream.encoding or "utf-8").lower().replace("-", "").startswith("utf")


def table(rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, as_json: bool, title: str = "") -> None:
    """A table of the named columns, or with `as_json` all keys of every row as a JSON list."""
    held = list(rows)
    if as_json:
        show_json(held)
        return
    drawn = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        drawn.add_column(column.replace("_", " "), overflow="fold", no_wrap=column in ("id", "workload"))
    for row in held:
        drawn.add_row(*(Text("" if (v := plain(row.get(c))) is None else str(v)) for c in columns))
    out().print(drawn)


def fail(sentences: Iterable[object], code: Exit = Exit.FOUND) -> NoReturn:
    """Print every sentence on stderr, all at once, and leave with `code`."""
    for sentence in sentences:
        err().print(Text(str(sentence)))
    raise typer.Exit(code)


@contextmanager
def progress(what: str, total: int | None = None) -> Generator[Progress]:
    """A progress bar on stderr; invisible when stderr is not a terminal. Use `bar.advance(bar.task_ids[0])`."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err(), transient=True, disable=not sys.stderr.isatty()) as bar:
        bar.add_task(what, total=total)
        yield bar


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 row`, `1,200 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def between(low: float, high: float) -> str:
    """A range as a person reads it, with a decimal place where it is small: `3.8 to 14.0`, `2,467 to 59,546`."""
    one, other = (f"{v:,.1f}" if v < 100 else f"{v:,.0f}" for v in (low, high))
    return one if one == other else f"{one} to {other}"
