"""Move a generated PostgreSQL database between two servers of this machine, ours against `pg_dump | pg_restore`.

    python -P benchmarks/postgresql_move.py [--megabytes 200]

(Without -P the file rehearsal.py beside it would hide the room of that name.) Three ways, one after the other, each into a database of its
own: the pipe as people type it, the same without compression, and the copy step, which also gathers statistics. Then both sides are
read through for the certificate. Last the database is replicated while a program writes to it, and frozen once the target is nearly
there; what is measured is the time from the freeze until it has everything.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from migration.execution.interpreter import token
from migration.steps.model import Bench, Question, Reply
from migration.steps.postgresql.catch_up import catch_up
from migration.steps.postgresql.connect import connected, variables
from migration.steps.postgresql.copy import copy
from migration.steps.postgresql.freeze import freeze
from migration.steps.postgresql.parameters import CatchUpParameters, FreezeParameters, MoveParameters, ReplicateParameters, VerifyParameters
from migration.steps.postgresql.place import PostgresPlace, PostgresTarget
from migration.steps.postgresql.programs import installed
from migration.steps.postgresql.replicate import lag_of, name_of, replicate
from migration.steps.postgresql.verify import certify
from rehearsal.servers import PostgresServer, postgresql_programs, postgresql_server

# About 520 bytes a row with its indexes, as a case with notes has.
_MAKE = """
CREATE TABLE cases (
  id bigserial PRIMARY KEY, opened timestamptz NOT NULL, reference text NOT NULL, amount numeric(12, 2), notes text, extra jsonb);
INSERT INTO cases (opened, reference, amount, notes, extra)
SELECT '2020-01-01'::timestamptz + g * interval '1 minute', 'HOU/' || g, g % 100000 / 7.0, repeat(md5(g::text) || ' ', 8),
  jsonb_build_object('ward', g % 97, 'tags', jsonb_build_array(g % 5, g % 11)) FROM generate_series(1, {rows}) g;
CREATE INDEX ON cases (reference);
CREATE INDEX ON cases (opened);
ANALYZE cases;
"""
_WRITE = "INSERT INTO cases (opened, reference, notes) SELECT now(), 'NEW/' || g, repeat('x', 300) FROM generate_series(1, 20) g"
_BYTES_A_ROW = 520
_SETTINGS = {"max_wal_size": "4GB", "shared_buffers": "256MB"}


def _yes(question: Question) -> Reply:
    del question
    return Reply(is_yes=True, by="benchmark", how="--yes")


def _silent(line: str) -> None:
    del line


class Measuring:
    """Two servers, and what is measured on them."""

    def __init__(self, folder: Path, source: PostgresServer, target: PostgresServer) -> None:
        self.folder = folder
        self.environment = {"S": source.password, "T": target.password}
        shared = {"host": source.host, "user": "unless"}
        self.source = PostgresPlace.model_validate(
            {**shared, "port": source.port, "ca_file": str(source.ca_file), "database": "cases", "password_env": "S"}
        )
        self.target = PostgresTarget.model_validate(
            {**shared, "port": target.port, "ca_file": str(target.ca_file), "database": "moved", "password_env": "T"}
        )

    def bench(self, step: str) -> Bench:
        return Bench(
            folder=self.folder, run="benchmark", step=step, token=token("benchmark", step), role="", title="", text="",
            environment=self.environment, now=lambda: datetime.now(UTC), ask=_yes, say=_silent, stop=threading.Event(),
        )  # fmt: skip

    def moved(self, **other: object) -> dict[str, object]:
        return {"database": "cases", "source": self.source.model_dump(), "target": self.target.model_dump(), **other}

    def make(self, megabytes: int) -> int:
        """Generate the database, and say how many bytes it has."""
        with connected(self.source, self.environment, "postgres") as held:
            held.execute("CREATE DATABASE cases")
        with connected(self.source, self.environment, options="-c search_path=public") as held:
            held.execute(_MAKE.format(rows=megabytes * 1_000_000 // _BYTES_A_ROW).encode())
            row = held.execute("SELECT pg_database_size(current_database())").fetchone()
            held.execute("CHECKPOINT")
        return int(row[0]) if row else 0

    def drop(self) -> None:
        with connected(self.target, self.environment, "postgres") as there:
            there.execute("DROP DATABASE IF EXISTS moved")
            there.execute("CHECKPOINT")

    def pipe(self, *options: str) -> None:
        """What one types: a pipe, nothing marked, nothing checked, no statistics."""
        programs = installed(self.environment)[-1]
        with connected(self.target, self.environment, "postgres") as there:
            there.execute("CREATE DATABASE moved TEMPLATE template0")
        dump = subprocess.Popen(
            [programs.dump, "-Fc", *options, "-d", "cases"], stdout=subprocess.PIPE, env=variables(self.source, self.environment)
        )
        subprocess.run([programs.restore, "-d", "moved"], stdin=dump.stdout, env=variables(self.target, self.environment), check=True)
        assert dump.wait() == 0

    def follow(self) -> float:
        """Replicate while a program writes 2,000 rows a second, freeze once the target is near, and give the seconds until all is there."""
        enough = threading.Event()

        def write() -> None:
            with connected(self.source, self.environment, options="-c search_path=public") as held:
                while not enough.wait(0.01):
                    held.execute(_WRITE)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            replicate(self.bench("replicate"), ReplicateParameters.model_validate(self.moved()))
            self._near()
        finally:
            enough.set()
            writer.join()
        freeze(self.bench("freeze"), FreezeParameters(database="cases", source=self.source))
        steps = {"replicate_step": "replicate", "freeze_step": "freeze"}
        return float(catch_up(self.bench("catch-up"), CatchUpParameters.model_validate(self.moved(**steps)))["seconds"])

    def _near(self) -> None:
        """Wait as an operator would who looks at `unless runbook lag` before the freeze: until less than a megabyte is missing."""
        slot = name_of(token("benchmark", "replicate"))
        while (found := lag_of(self.source, self.environment, slot)) is None or found.bytes > 1_000_000:
            time.sleep(0.2)


def seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def measure(held: Measuring, megabytes: int) -> None:
    """Print what each way takes."""
    size = held.make(megabytes) / 1e6
    as_typed = seconds(held.pipe)
    held.drop()
    plain = seconds(lambda: held.pipe("-Z0"))
    held.drop()
    ours = seconds(lambda: copy(held.bench("copy"), MoveParameters.model_validate(held.moved())))
    read = seconds(lambda: certify(held.bench("verify"), VerifyParameters.model_validate(held.moved(move_step="copy"))))
    held.drop()
    print(f"{size:.0f} MB: pg_dump | pg_restore {as_typed:.1f} s, uncompressed {plain:.1f} s, copy step {ours:.1f} s")
    print(f"ratio {ours / as_typed:.2f}, against uncompressed {ours / plain:.2f}; certificate {read:.1f} s ({2 * size / read:.0f} MB/s)")
    print(f"freeze to caught up, with a program writing until then: {held.follow():.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="size of the generated database, indexes included")
    wanted = parser.parse_args()
    programs, why = postgresql_programs()
    if programs is None:
        raise SystemExit(why)
    with (
        tempfile.TemporaryDirectory() as folder,
        postgresql_server(programs, _SETTINGS) as source,
        postgresql_server(programs, _SETTINGS) as target,
    ):
        measure(Measuring(Path(folder), source, target), wanted.megabytes)


if __name__ == "__main__":
    main()
