"""Copy 2,000 files from SSH to S3, ours against a plain loop of paramiko and boto3, on servers of this machine.

    python -P benchmarks/copy_files.py [FILES]

(Without -P the file rehearsal.py beside it would hide the room of that name.) Both read the same share and write to the same
server, one after the other; SSH is OpenSSH's server where it is installed, S3 is moto's.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import boto3

from migration.steps.copy_files import CopyParameters, copy
from migration.steps.endpoints import S3Place, SharePlace
from migration.steps.model import Bench, Question, Reply
from migration.steps.ssh import list_share, sftp
from rehearsal.servers import S3Server, make_share, s3_server, ssh_server


def _yes(question: Question) -> Reply:
    del question
    return Reply(is_yes=True, by="benchmark", how="--yes")


def _silent(line: str) -> None:
    del line


def plain_loop(place: SharePlace, s3: S3Server) -> None:
    """What one would write in ten minutes: one file after the other, nothing hashed, nothing checked."""
    session = cast("Any", boto3.session.Session("rehearsal", "rehearsal", region_name="eu-west-2"))
    client = session.client("s3", endpoint_url=s3.endpoint)
    files = list_share(place).files
    with sftp(place) as source:
        for entry in files:
            with source.open(f"{place.path}/{entry.path}", "rb") as file:
                client.put_object(Bucket="plain", Key=entry.path, Body=file.read())


def ours(folder: Path, place: SharePlace, s3: S3Server, workers: int) -> None:
    """The copy step: hashed while read, checked on arrival, ledger and manifest written."""
    target = S3Place(endpoint=s3.endpoint, bucket="ours")
    bench = Bench(
        folder=folder,
        run="benchmark",
        step="copy",
        token="benchmark",  # noqa: S106 - a mark, not a secret
        role="",
        title="",
        text="",
        environment=s3.environment,
        now=lambda: datetime.now(UTC),
        ask=_yes,
        say=_silent,
        stop=threading.Event(),
        workers=workers,
    )
    copy(bench, CopyParameters(share="benchmark", source=place, target=target))


def main(files: int) -> None:
    """Print seconds of both and their ratio."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        share = folder / "share"
        make_share(share, files)
        with ssh_server(share, folder) as ssh, s3_server(folder) as s3:
            s3.make_bucket("plain")
            s3.make_bucket("ours")
            place = SharePlace(
                host=ssh.host, port=ssh.port, user=ssh.user, key_file=str(ssh.key_file), fingerprint=ssh.fingerprint, path=str(share)
            )
            started = time.perf_counter()
            plain_loop(place, s3)
            between = time.perf_counter()
            ours(folder, place, s3, workers=8)
            ended = time.perf_counter()
    plain, own = between - started, ended - between
    print(f"{files} files: plain loop {plain:.1f} s, copy step {own:.1f} s, ratio {own / plain:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
