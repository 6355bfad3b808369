"""The journal: the durable record of a run, and the truth about it.

One JSON object a line, each with the digest of the one before (`previous`) and of itself (`digest`), synced to disk
before anything goes on. Beside it `journal.head` holds the number and digest of the last record, so that records cut
off the end are noticed. A last line that a crash tore is set aside, and a record says so.

Kinds of record: `opened`, `intent`, `effect`, `read-back`, `receipt`, `late`, `fault`, `resumed`, `mended`, `closed` (of a
rehearsal `rehearsed`), and for a rollback `undo-opened`, `undo-intent`, `undo-effect`, `undo-read-back`, `undo-receipt`,
`undo-skipped`, `undo-closed`.

The chain shows damage and careless editing. It is no signature: who can write the folder can write a new chain.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from migration.errors import MigrationError

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `step` is "" for records of the whole run; `body` is plain JSON data."""

    number: int
    at: str
    kind: str
    step: str
    body: Mapping[str, Any]
    previous: str
    digest: str


def _digest(number: int, at: str, kind: str, step: str, body: Mapping[str, Any], previous: str) -> str:
    content = json.dumps([number, at, kind, step, body, previous], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def _parse(file: Path, line: bytes, number: int, previous: str) -> Record:
    where = f"{file}, line {number + 1}"
    try:
        held = json.loads(line)
        record = Record(**held)
        right = _digest(record.number, record.at, record.kind, record.step, record.body, record.previous)
    except (ValueError, TypeError) as wrong:
        raise MigrationError(f"{where}: the journal is damaged: this is not a record. {_ADVICE}") from wrong
    if record.digest != right:
        raise MigrationError(f"{where}: the journal was changed after it was written: the record does not have its digest. {_ADVICE}")
    if record.previous != previous or record.number != number:
        raise MigrationError(f"{where}: the journal's chain is broken: a record before it was removed, added or moved. {_ADVICE}")
    return record


_ADVICE = "Nothing is run on it. Restore runs/RUN from its backup, or look at what is where by hand and start a new run."


def read(file: Path) -> tuple[tuple[Record, ...], bytes]:
    """Every record of a journal, its chain checked, and the bytes of a torn last line (b"" when there is none).

    Raises MigrationError when the journal is missing, damaged, changed or cut short.
    """
    if not file.is_file():
        raise MigrationError(f"{file} does not exist: there is no such run, or its folder was moved.")
    *lines, torn = file.read_bytes().split(b"\n")
    records: list[Record] = []
    for number, line in enumerate(lines):
        records.append(_parse(file, line, number, records[-1].digest if records else FIRST))
    _check_head(file, records)
    return tuple(records), torn


def _head(file: Path) -> Path:
    return file.with_suffix(".head")


def _check_head(file: Path, records: list[Record]) -> None:
    """The head is written after its record, so it may lag by one record, and never leads."""
    head = _head(file)
    try:
        number, digest = head.read_text("ascii").split()
        last = int(number)
    except (OSError, ValueError) as wrong:
        if len(records) <= 1:
            return
        raise MigrationError(f"{head} is missing or damaged, so nobody can tell whether the journal is whole. {_ADVICE}") from wrong
    if last >= len(records) or records[last].digest != digest or len(records) - 1 - last > 1:
        raise MigrationError(
            f"{file} ends at record {len(records) - 1}, and its head says {last}: it was cut short or exchanged. {_ADVICE}"
        )


def _here_only(number: int, line: bytes) -> None:
    del number, line


class Journal:
    """A journal open for writing. One writer at a time: the run's lock sees to that."""

    def __init__(
        self,
        file: Path,
        now: Callable[[], datetime],
        observe: Callable[[Record], None],
        first: Callable[[int, bytes], None] = _here_only,
    ) -> None:
        """Read and check what is there, setting a torn last line aside. `observe` sees each new record once it is on disk.

        `first` is given each record's number and line before it is written here: where a run is shared, it is kept elsewhere first.
        """
        self.file = file
        self._now, self._observe, self._first = now, observe, first
        torn = b""
        self.records: list[Record] = []
        if file.is_file():
            records, torn = read(file)
            self.records = list(records)
        if torn:
            with file.open("r+b") as whole:
                whole.truncate(file.stat().st_size - len(torn))
        self._out = file.open("ab")
        if torn:
            self.add("mended", body={"torn_bytes": len(torn), "began": torn[:80].decode("utf-8", "replace")})

    def add(self, kind: str, step: str = "", body: Mapping[str, Any] | None = None) -> Record:
        """Append a record, synced. Raises OSError when the disk is full: nothing goes on without its record."""
        number, at = len(self.records), self._now().isoformat()
        previous = self.records[-1].digest if self.records else FIRST
        held = json.loads(json.dumps(dict(body or {})))  # as it will be read back, so that the digest is of the same
        record = Record(number, at, kind, step, held, previous, _digest(number, at, kind, step, held, previous))
        line = json.dumps(asdict(record)).encode("ascii")
        self._first(number, line)
        self._out.write(line + b"\n")
        self._out.flush()
        os.fsync(self._out.fileno())
        self.records.append(record)
        self._write_head(record)
        self._observe(record)
        return record

    def _write_head(self, record: Record) -> None:
        """In place and of one length, below a disk's sector, so that a crash leaves the old or the new."""
        descriptor = os.open(_head(self.file), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{record.number:012} {record.digest}\n".encode("ascii"))
        finally:
            os.close(descriptor)

    def last(self, kinds: tuple[str, ...], step: str) -> Record | None:
        """The step's latest record of one of these kinds."""
        return next((r for r in reversed(self.records) if r.step == step and r.kind in kinds), None)

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()
