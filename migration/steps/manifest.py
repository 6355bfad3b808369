"""What a copy carried, file by file, and what it did not: a JSON file of the run whose digest the journal keeps."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from inventory.whole import write_whole
from migration.steps.ledger import Carried
from migration.steps.model import Bench, Facts
from migration.steps.ssh import Listing

OF_EVERY_FILE = ("owner, group and mode (kept in this manifest)", "access control lists", "extended attributes")


def manifest_file(bench: Bench, step: str = "") -> Path:
    """Where the manifest of a copy step is: this step's, or another's of the same run."""
    return bench.folder / f"manifest-{step or bench.step}.json"


def write_manifest(bench: Bench, heading: Mapping[str, str], prefix: str, listing: Listing, carried: Mapping[str, Carried]) -> Facts:
    """Write the manifest and return its counts and digest. Modes are as found, which after a freeze is without write bits."""
    files = [{**asdict(carried[e.path]), "mode": f"{e.mode & 0o7777:04o}", "uid": e.uid, "gid": e.gid} for e in listing.files]
    renamed = [f["path"] for f in files if f["key"] != f"{prefix}{f['path']}"]
    left = _not_carried(listing)
    manifest = {
        "format": "cloud-unless/manifest/1",
        "run": bench.run,
        "step": bench.step,
        **heading,
        "not_carried_of_every_file": OF_EVERY_FILE,
        "not_carried": left,
        "renamed": renamed,
        "files": files,
    }
    content = json.dumps(manifest, indent=1).encode("ascii")
    write_whole(manifest_file(bench), content)
    return {
        "files": len(files),
        "bytes": sum(e.size for e in listing.files),
        "not_carried": len(left),
        "renamed": len(renamed),
        "manifest": hashlib.sha256(content).hexdigest(),
    }


def _not_carried(listing: Listing) -> list[dict[str, str]]:
    with_children = {_parent(e.path) for e in (*listing.files, *listing.folders, *listing.others)}
    links = [{"path": e.path, "what": "link or special file", "why": "object stores hold files only"} for e in listing.others]
    empty = [e.path for e in listing.folders if e.path and e.path not in with_children]
    return links + [{"path": path, "what": "empty folder", "why": "object stores have no folders"} for path in empty]


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
