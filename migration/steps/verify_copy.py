"""Verify a copy, file by file and byte by byte, and write its certificate.

The target is read back whole. The source's digests are taken again on the server with `sha256sum` where it lets us run
commands; otherwise the digests of the copy's own reading stand, and the certificate says so.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from inventory.whole import write_whole
from migration.steps.copy_files import SHOWN, CopyParameters
from migration.steps.endpoints import SharePlace
from migration.steps.manifest import manifest_file
from migration.steps.model import Bench, Facts, Found, Kind, ReadBack, StepError
from migration.steps.names import shown, text
from migration.steps.open_store import open_store
from migration.steps.ssh import OUR_PREFIX, list_share, run
from migration.steps.stores import Store


class VerifyParameters(CopyParameters):
    """The copy step whose work is verified, its source and target, and which sides are read: once users write at the target,
    only the source can be held against the manifest.
    """

    copy_step: str
    sides: Literal["both", "source"] = "both"


def source_digests(source: SharePlace) -> dict[str, str] | None:
    """SHA-256 of every file by path, computed on the server; None where it runs no such command."""
    find = f"cd {shlex.quote(source.path)} && find . -type f ! -path './{OUR_PREFIX}*' -print0 | xargs -0 -r sha256sum -z --"
    try:
        ran = run(source, f"LC_ALL=C; {find}", seconds=3600)
    except StepError:
        return None
    if ran.code != 0:
        return None
    lines = (line for line in ran.out.split(b"\0") if line)
    return {text(line[68:]): line[:64].decode("ascii") for line in lines}


def target_digests(store: Store, keys: list[str], workers: int) -> dict[str, str]:
    """SHA-256 of every object by key, of its bytes as the target gives them back. Raises StepError."""

    def digest(key: str) -> tuple[str, str]:
        found = hashlib.sha256()
        for piece in store.read(key):
            found.update(piece)
        return key, found.hexdigest()

    with ThreadPoolExecutor(workers, thread_name_prefix="verify") as pool:
        return dict(pool.map(digest, keys))


def differences(
    manifest: Mapping[str, Any], now: Mapping[str, tuple[int, int]], again: Mapping[str, str] | None, back: Mapping[str, str]
) -> list[str]:
    """Every disagreement between manifest, source (`now`: size and time by path; `again`: digests) and target (`back`), a line each."""
    found: list[str] = []
    files: dict[str, dict[str, Any]] = {f["path"]: f for f in manifest["files"]}
    for path, file in files.items():
        if path not in now:
            found.append(f"{shown(path)}: gone from the share since it was copied")
        elif now[path] != (file["size"], file["modified"]) or (again is not None and again.get(path) != file["sha256"]):
            found.append(f"{shown(path)}: changed in the share since it was copied")
        if back.get(file["key"], "") != file["sha256"]:
            found.append(f"{shown(path)}: not at the target, or with other content")
    found += [f"{shown(path)}: new in the share since it was copied" for path in now if path not in files]
    keys = {f["key"] for f in files.values()}
    found += [f"{shown(key)}: at the target, but not from this share" for key in back if key not in keys]
    return sorted(found)


def compare(bench: Bench, parameters: VerifyParameters) -> tuple[list[str], Facts]:
    """Read both sides and say every difference. Raises StepError when there is no manifest or a side cannot be read."""
    file = manifest_file(bench, parameters.copy_step)
    if not file.is_file():
        raise StepError(f"{parameters.share}: the manifest {file.name} is missing, so nothing says what was copied.")
    content = file.read_bytes()
    manifest = json.loads(content)
    listing = list_share(parameters.source)
    again = source_digests(parameters.source)
    store = open_store(parameters.target, bench.environment, bench.workers)
    if parameters.sides == "both":
        back = target_digests(store, sorted(store.listing()), bench.workers)
    else:
        back = {f["key"]: f["sha256"] for f in manifest["files"]}
    found = differences(manifest, {e.path: (e.size, e.modified) for e in listing.files}, again, back)
    facts: Facts = {
        "format": "cloud-unless/certificate/1",
        "share": parameters.share,
        "target": store.name,
        "sides": parameters.sides,
        "files": len(back),
        "bytes": sum(f["size"] for f in manifest["files"]),
        "source_read_again": again is not None,
        "manifest": hashlib.sha256(content).hexdigest(),
        "not_carried": len(manifest["not_carried"]),
        "differences": len(found),
    }
    return found, facts


def certify(bench: Bench, parameters: VerifyParameters) -> Facts:
    """Write the certificate. Raises StepError naming the first differences."""
    found, facts = compare(bench, parameters)
    if found:
        more = [f"… and {len(found) - SHOWN} more."] if len(found) > SHOWN else []
        head = f"{parameters.share}: {len(found)} differences between the share and {facts['target']}:"
        tail = (
            "Stop whatever writes there. Then either put the files right, as the manifest has them, and resume; or, since a resume does "
            f"not copy again, take the whole run back (unless runbook undo {bench.run}) and start a new one."
        )
        raise StepError(head, *(f"  {line}" for line in found[:SHOWN]), *more, tail)
    content = json.dumps({**facts, "run": bench.run, "at": bench.now().isoformat()}, indent=1).encode("ascii")
    write_whole(bench.folder / f"certificate-{bench.step}.json", content)
    return {**facts, "certificate": hashlib.sha256(content).hexdigest()}


def is_certified(bench: Bench, parameters: VerifyParameters) -> ReadBack:
    """Whether the certificate in the run's folder is the one that the journal speaks of."""
    file = bench.folder / f"certificate-{bench.step}.json"
    if bench.effect is None or not file.is_file():
        return ReadBack(Found.NOT_DONE, f"{parameters.share} has no certificate yet")
    if hashlib.sha256(file.read_bytes()).hexdigest() != bench.effect.get("certificate"):
        return ReadBack(Found.NOT_DONE, "the certificate was changed after it was written")
    return ReadBack(Found.DONE, f"{bench.effect['files']} files are at {bench.effect['target']} with the right content")


VERIFY_COPY = Kind("verify-copy", False, VerifyParameters, certify, is_certified)
