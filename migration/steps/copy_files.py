"""Copy a share over SSH to an object store: in parallel, hashed while it is read, resumable, and never twice."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field

import paramiko

from migration.steps.endpoints import ObjectPlace, SharePlace
from migration.steps.ledger import Carried, Ledger
from migration.steps.manifest import manifest_file, write_manifest
from migration.steps.model import Bench, Facts, Found, Kind, Parameters, ReadBack, StepError
from migration.steps.names import key_for, raw, shown
from migration.steps.open_store import open_store
from migration.steps.ssh import Entry, Listing, list_share, plainly, sftp
from migration.steps.stores import PART_BYTES, Held, Store

TRIES = 3
SHOWN = 5


class CopyParameters(Parameters):
    """From a share to an object store."""

    share: str
    source: SharePlace
    target: ObjectPlace


@dataclass(slots=True)
class _Copy:
    """One copy under way: what workers share."""

    bench: Bench
    parameters: CopyParameters
    store: Store
    ledger: Ledger
    held: dict[str, Held]
    total: int
    skipped: int = 0
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def about(self) -> dict[str, str]:
        """Metadata of every object: which step of which run put it."""
        return {"unless-run": self.bench.run, "unless-token": self.bench.token}

    def count(self, *, skipped: bool) -> None:
        """One more file is at its target."""
        with self.lock:
            self.done += 1
            self.skipped += skipped
            if self.done % 100 == 0 or self.done == self.total:
                self.bench.say(f"{self.done} of {self.total} files at {self.store.name}")


def copy(bench: Bench, parameters: CopyParameters) -> Facts:
    """Bring every file of the share to the target and write the manifest. Raises StepError."""
    listing = list_share(parameters.source)
    store = open_store(parameters.target, bench.environment, bench.workers)
    store.prepare()
    ledger = Ledger(bench.folder / f"carried-{bench.step}.jsonl")
    try:
        _abandon_uploads(store, ledger)
        work = _Copy(bench, parameters, store, ledger, store.listing(), len(listing.files))
        _remove_stale(work, listing)
        _all_files(work, listing.files)
        return _manifest(work, listing)
    finally:
        ledger.close()


def _abandon_uploads(store: Store, ledger: Ledger) -> None:
    """Clear away what an attempt that was killed left half sent; uploads of anybody else stay."""
    for upload, key in list(ledger.uploads.items()):
        store.abandon(key, upload)
        ledger.ended(key)


def _remove_stale(work: _Copy, listing: Listing) -> None:
    """Delete what an earlier attempt carried and the share no longer holds; nothing that we did not put there."""
    now = {entry.path for entry in listing.files}
    gone = [c for c in work.ledger.carried.values() if c.path not in now]
    work.store.delete(c.key for c in gone if c.key in work.held)
    for carried in gone:
        del work.ledger.carried[carried.path]
        work.held.pop(carried.key, None)


def _all_files(work: _Copy, files: list[Entry]) -> None:
    """Share the files out among workers, each with its own connection; large ones first, so that none is left for last."""
    waiting = iter(sorted(files, key=lambda e: -e.size))
    workers = min(work.bench.workers, max(1, len(files) // 4))
    taking = threading.Lock()
    failed = threading.Event()
    with ThreadPoolExecutor(workers, thread_name_prefix="copy") as pool:
        running = [pool.submit(_worker, work, waiting, taking, failed) for _ in range(workers)]
        wait(running, return_when=FIRST_EXCEPTION)
        faults = [f for future in running for f in _faults_of(future.exception())]
    if faults:
        raise StepError(*dict.fromkeys(faults))
    if work.bench.stop.is_set():
        raise StepError(f"Stopped by hand after {work.done} of {work.total} files; resume goes on from there.")


def _manifest(work: _Copy, listing: Listing) -> Facts:
    source, target = work.parameters.source, work.parameters.target
    heading = {
        "share": work.parameters.share,
        "source": f"{source.name}:{source.path}",
        "target": work.store.name,
    }
    facts = write_manifest(work.bench, heading, target.prefix, listing, work.ledger.carried)
    return {**facts, "already_there": work.skipped, "target": work.store.name, "service": work.parameters.target.service}


def _faults_of(wrong: BaseException | None) -> tuple[str, ...]:
    if wrong is None:
        return ()
    if isinstance(wrong, StepError):
        return wrong.faults
    raise wrong


def _worker(work: _Copy, waiting: Iterator[Entry], taking: threading.Lock, failed: threading.Event) -> None:
    """Carry files until none is waiting, somebody failed, or a person stops the run."""
    try:
        with taking, ExitStack() as opening:
            # One at a time: SSH servers refuse a crowd that is not yet logged in.
            session = opening.enter_context(sftp(work.parameters.source))
            closing = opening.pop_all()
        with closing:
            while not failed.is_set() and not work.bench.stop.is_set():
                with taking:
                    entry = next(waiting, None)
                if entry is None:
                    return
                _carry(work, session, entry)
    except BaseException:
        failed.set()
        raise


def _carry(work: _Copy, session: paramiko.SFTPClient, entry: Entry) -> None:
    """Bring one file, unless it is there already."""
    key = key_for(entry.path, work.parameters.target.prefix)
    before, there = work.ledger.carried.get(entry.path), work.held.get(key)
    if before and there and before.is_of(entry) and before.stamp == there.stamp and there.size == entry.size:
        work.count(skipped=True)
        return
    for _ in range(TRIES):
        carried = _once(work, session, entry, key)
        if carried:
            work.ledger.add(carried)
            work.count(skipped=False)
            return
        with plainly(work.parameters.source, _whole(work, entry)):
            found = session.lstat(_whole(work, entry))
        entry = Entry(entry.path, found.st_size or 0, found.st_mtime or 0, found.st_mode or 0, found.st_uid or 0, found.st_gid or 0)
    raise StepError(
        f"{work.parameters.share}: {shown(entry.path)} kept changing while it was copied. Stop whatever writes to the share, then resume."
    )


def _whole(work: _Copy, entry: Entry) -> bytes:
    return raw(f"{work.parameters.source.path.rstrip('/')}/{entry.path}")


def _once(work: _Copy, session: paramiko.SFTPClient, entry: Entry, key: str) -> Carried | None:
    """One attempt: None when the file changed between its listing and the end of the reading."""
    digest = hashlib.sha256()
    with plainly(work.parameters.source, _whole(work, entry)), session.open(_whole(work, entry), "rb", 32768) as file:
        if entry.size > PART_BYTES:
            file.prefetch(entry.size, max_concurrent_requests=64)
            stamp = work.store.put_parts(key, _parts(file, digest.update), work.about(), work.ledger.begun)
            work.ledger.ended(key)
        else:
            content = file.read(entry.size) if entry.size else file.read(1)
            digest.update(content)
            if len(content) != entry.size:
                return None
            stamp = ""
        after = file.stat()
        if ((after.st_size or 0), (after.st_mtime or 0)) != (entry.size, entry.modified):
            return None
    if entry.size <= PART_BYTES:
        stamp = _put_small(work, key, content, digest.digest())  # pyright: ignore[reportPossiblyUnboundVariable]
    return Carried(entry.path, key, entry.size, entry.modified, digest.hexdigest(), stamp)


def _parts(file: paramiko.SFTPFile, read: Callable[[bytes], None]) -> Iterator[bytes]:
    """Whole parts and a shorter last one: the first short part is the end, even where the file has grown since (S3 refuses more)."""
    while part := file.read(PART_BYTES):
        read(part)
        yield part
        if len(part) < PART_BYTES:
            return


def _put_small(work: _Copy, key: str, content: bytes, sha256: bytes) -> str:
    """Put it, unless an attempt that was killed before its record has put the very same."""
    there = work.held.get(key)
    if there and there.size == len(content) and work.store.digest(key) == sha256.hex():
        return there.stamp
    return work.store.put(key, content, sha256, work.about())


def read_back(bench: Bench, parameters: CopyParameters) -> ReadBack:
    """Whether every file of the manifest is at the target with the size and stamp that its upload returned."""
    file = manifest_file(bench)
    if not file.is_file():
        return ReadBack(Found.NOT_DONE, "no manifest was written, so the copy did not end")
    files = json.loads(file.read_bytes())["files"]
    held = open_store(parameters.target, bench.environment, bench.workers).listing()
    wrong = [f["path"] for f in files if held.get(f["key"]) != Held(f["size"], f["stamp"])]
    if wrong:
        few = ", ".join(shown(p) for p in wrong[:SHOWN])
        return ReadBack(Found.NOT_DONE, f"{len(wrong)} of {len(files)} files are not at the target as they were put: {few}")
    return ReadBack(Found.DONE, f"{len(files)} files are at the target as they were put", {"files": len(files)})


def _ours(bench: Bench, parameters: CopyParameters, store: Store) -> list[str]:
    """Keys at the target that this copy put: those of its ledger, and those of files of the share, by name."""
    ledger = Ledger(bench.folder / f"carried-{bench.step}.jsonl")
    ledger.close()
    keys = {c.key for c in ledger.carried.values()}
    keys |= {key_for(e.path, parameters.target.prefix) for e in list_share(parameters.source).files}
    return [key for key in store.listing() if key in keys]


def remove(bench: Bench, parameters: CopyParameters) -> Facts:
    """Delete what the copy put at the target; what others put there stays. The source was only read."""
    store = open_store(parameters.target, bench.environment, bench.workers)
    ours = _ours(bench, parameters, store)
    store.delete(ours)
    ledger = Ledger(bench.folder / f"carried-{bench.step}.jsonl")
    _abandon_uploads(store, ledger)
    ledger.close()
    for name in (f"carried-{bench.step}.jsonl", f"manifest-{bench.step}.json"):
        (bench.folder / name).unlink(missing_ok=True)
    return {"deleted": len(ours), "target": store.name}


def read_back_removed(bench: Bench, parameters: CopyParameters) -> ReadBack:
    """Whether nothing that the copy put is left at the target."""
    left = _ours(bench, parameters, open_store(parameters.target, bench.environment, bench.workers))
    if left:
        return ReadBack(Found.DONE, f"{len(left)} files of the copy are still at the target")
    return ReadBack(Found.UNDONE, "nothing of the copy is left at the target")


COPY_FILES = Kind("copy-files", True, CopyParameters, copy, read_back, remove, read_back_removed)
