"""The evidence pack of a run: one zip file that can be kept for years and checked without this program's workspace.

It holds what the run's folder holds (not the engine's own databases), the gates as they are now, the rehearsal that counted, timings and a
retrospective, and `pack.json`, which lists every file with its SHA-256 and may be signed with an SSH key.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from inventory.whole import write_whole
from migration import journal as journals
from migration.errors import MigrationError
from migration.evidence import retrospective
from migration.execution import runs
from migration.execution.rehearsal import last_of
from migration.gates.approval import ssh_keygen
from migration.runbooks import file as runbook_file
from migration.runbooks import render

FORMAT: Final = "cloud-unless/evidence/1"
NAMESPACE: Final = "cloud-unless-evidence"
LIST: Final = "pack.json"
SIGNATURE: Final = "pack.json.sig"
_KEPT: Final = (
    "runbook.yaml",
    "journal.jsonl",
    "journal.head",
    "stand-ins.json",
    "survey-*.json",
    "manifest-*.json",
    "certificate-*.json",
    "frozen-*.json",
    "caught-up-*.json",
    "approvals/*.json",
)
_WHEN: Final = (1980, 1, 1, 0, 0, 0)  # the zip format's first day, so that the same contents give the same bytes

_README: Final = """\
Evidence of one run of a migration runbook.

With the program:     unless verify PACK
Without it:           sha256sum of each file, against pack.json
The signature:        ssh-keygen -Y verify -f ALLOWED -I SIGNER -n cloud-unless-evidence -s pack.json.sig < pack.json
The journal:          each line's digest is SHA-256 of [number, at, kind, step, body, previous] as JSON with sorted keys and no spaces
An approval:          likewise, namespace cloud-unless-approval, over the approval as JSON with sorted keys, indented by one
"""


def make(folder: Path, run: str, out: Path, now: datetime, *, gates: Path | None = None, key: Path | None = None) -> dict[str, Any]:
    """Write the pack of the run RUN of the folder `runs` to `out`, signed when there is a key. Returns what pack.json says.

    Raises MigrationError when the run's journal is damaged, its runbook is another, or the key does not sign.
    """
    status = runs.status(folder, run)
    files = dict(_files(folder, run, gates))
    held: dict[str, Any] = {
        "format": FORMAT,
        "run": run,
        "state": status.state,
        "is_rehearsal": status.is_rehearsal,
        "wave": status.wave,
        "made_at": now.isoformat(),
        "files": {name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)} for name, content in sorted(files.items())},
    }
    listed = json.dumps(held, indent=1, sort_keys=True).encode("ascii") + b"\n"
    signature = {SIGNATURE: _signed(listed, key)} if key else {}
    try:
        write_whole(out, _zipped({**files, LIST: listed, **signature}))
    except OSError as wrong:
        raise MigrationError(f"{out} cannot be written: {wrong.strerror}. Make room or correct its permissions.") from wrong
    return held


def _files(folder: Path, run: str, gates: Path | None) -> Iterator[tuple[str, bytes]]:
    """Every file of the pack, by its name in it."""
    records, _ = journals.read(folder / run / "journal.jsonl")
    runbook = runbook_file.read(folder / run / "runbook.yaml")
    yield from _kept(folder / run, "")
    yield "runbook.md", render.as_markdown(runbook).encode("utf-8")
    yield "timings.json", json.dumps(retrospective.timings(run, runbook, records), indent=1).encode("ascii") + b"\n"
    yield "retrospective.md", retrospective.as_markdown(run, runbook, records).encode("utf-8")
    yield "README.txt", _README.encode("ascii")
    if gates is not None and gates.is_file():
        yield "gates.toml", gates.read_bytes()
    if (rehearsed := last_of(folder, runbook.digest)) and rehearsed.run != run:
        yield from _kept(folder / rehearsed.run, "rehearsal/")


def _kept(folder: Path, under: str) -> Iterator[tuple[str, bytes]]:
    for pattern in _KEPT:
        for file in sorted(folder.glob(pattern)):
            yield under + file.relative_to(folder).as_posix(), file.read_bytes()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _signed(listed: bytes, key: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        message = Path(folder) / LIST
        message.write_bytes(listed)
        done: subprocess.CompletedProcess[bytes] = ssh_keygen("-Y", "sign", "-f", str(key.expanduser()), "-n", NAMESPACE, str(message))
        if done.returncode:
            raise MigrationError(f"{key} did not sign: {' '.join(done.stderr.decode('utf-8', 'replace').split())}. Name a private SSH key.")
        return message.with_name(SIGNATURE).read_bytes()
