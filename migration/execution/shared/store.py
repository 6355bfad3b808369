"""Runs in PostgreSQL: which there are, which want a worker, and their folders brought to this machine.

The database is the truth about a shared run, and the run's folder here a copy of it. Who writes holds a lease (`lease.py`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from inventory.whole import write_whole
from migration.errors import MigrationError, UnansweredError
from migration.execution import lock
from migration.execution.shared.address import conninfo, options
from migration.execution.shared.folder import JOURNAL, kept, write_journal

if TYPE_CHECKING:
    from migration.execution.shared.lease import Lease

FORMAT = 1
LEASE_SECONDS = 15
_LOCK = 7_205_124  # of this project's numbers among PostgreSQL's advisory locks
_BEGUN = """
SELECT name, version FROM unless_runs.run
WHERE %s IN ('', name) AND EXISTS (SELECT FROM unless_runs.record WHERE record.run = run.name)
"""
_AT = ".shared"
"""The file that says which version of a shared run a folder is a copy of."""


@dataclass(frozen=True, slots=True)
class SharedRuns:
    """The runs that a database holds. `holder` says who we are where others ask: a machine and a process."""

    url: str
    holder: str
    lease_seconds: int = LEASE_SECONDS

    def connect(self) -> Any:
        """A connection of psycopg, each statement its own transaction unless one is opened. Raises psycopg's OperationalError."""
        psycopg = driver()
        url = conninfo(self.url)
        return psycopg.connect(psycopg.conninfo.make_conninfo(url.render_as_string(hide_password=False), **options(url)), autocommit=True)

    @contextmanager
    def asking(self) -> Generator[Any]:
        """A connection for a few questions. Raises UnansweredError in plain words when the database does not answer."""
        psycopg = driver()
        try:
            with closing(self.connect()) as connection:
                yield connection
        except psycopg.Error as wrong:
            raise UnansweredError(self.sentence(wrong)) from wrong

    def sentence(self, wrong: Exception) -> str:
        """What to do about an error of the database."""
        shown = conninfo(self.url).render_as_string(hide_password=True)
        return (
            f"The database of the runs, {shown}, did not answer as it should: {_brief(wrong)}. Check it and your password, then try again."
        )

    def prepare(self) -> None:
        """Make the tables where they are not there. Raises MigrationError when those that are belong to a later version."""
        with self.asking() as c, c.transaction():
            c.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            if c.execute("SELECT to_regclass('unless_runs.format')").fetchone()[0] is None:
                c.execute(Path(__file__).with_name("tables.sql").read_bytes())
                c.execute("INSERT INTO unless_runs.format VALUES (%s)", (FORMAT,))
            found = c.execute("SELECT max(number) FROM unless_runs.format").fetchone()[0]
        if found != FORMAT:
            raise MigrationError(
                f"The database of the runs is of format {found}, and this version knows {FORMAT}. Use the version that made it."
            )

    def wanted(self) -> list[str]:
        """The runs that want a worker and have none, oldest first."""
        with self.asking() as c:
            return [
                r[0]
                for r in c.execute(
                    "SELECT name FROM unless_runs.run WHERE is_wanted AND held_until < clock_timestamp() ORDER BY made_at, name"
                )
            ]

    def holders(self) -> dict[str, str]:
        """The runs that are being carried out now, with who does it."""
        with self.asking() as c:
            return dict(c.execute("SELECT name, holder FROM unless_runs.run WHERE held_until >= clock_timestamp()").fetchall())

    def want(self, run: str) -> None:
        """Leave a run to the workers."""
        with self.asking() as c:
            c.execute("UPDATE unless_runs.run SET is_wanted = true, is_to_stop = false WHERE name = %s", (run,))

    def ask_to_stop(self, run: str) -> str:
        """Have whoever carries the run out stop at the next safe point, and no worker begin. Returns who that is, "" for nobody."""
        with self.asking() as c:
            c.execute("UPDATE unless_runs.run SET is_wanted = false, is_to_stop = true WHERE name = %s", (run,))
        return self.holders().get(run, "")

    def claim(self, run: str, *, is_new: bool = False) -> Lease:
        """The lease on a run. Raises MigrationError when somebody else has it, when there is no such run, or (`is_new`) there is one."""
        from migration.execution.shared.lease import Lease

        with self.asking() as c:
            if is_new:
                c.execute("INSERT INTO unless_runs.run (name) VALUES (%s) ON CONFLICT DO NOTHING", (run,))
                if c.execute("SELECT 1 FROM unless_runs.record WHERE run = %s", (run,)).fetchone():
                    raise MigrationError(
                        f"The run {run} exists already. Go on with it: unless runbook resume {run}; or choose another name with --run."
                    )
            row = c.execute(
                "UPDATE unless_runs.run SET holder = %s, epoch = epoch + 1, is_to_stop = false,"
                " held_until = clock_timestamp() + make_interval(secs => %s)"
                " WHERE name = %s AND held_until < clock_timestamp() RETURNING epoch",
                (self.holder, self.lease_seconds, run),
            ).fetchone()
            if row is None:
                known = c.execute("SELECT holder FROM unless_runs.run WHERE name = %s", (run,)).fetchone()
                if known is None:
                    raise MigrationError(f"There is no run {run!r} in the database of the runs.")
                raise MigrationError(
                    f"{run} is being run already by {known[0]}. Wait for it to end, or stop it: unless runbook stop {run}; then resume."
                )
        return Lease(self, run, row[0])

    def put(self, run: str, name: str, content: bytes) -> None:
        """Lay a whole file beside a run's others, whoever carries it out."""
        with self.asking() as c, c.transaction():
            c.execute("DELETE FROM unless_runs.part WHERE run = %s AND name = %s", (run, name))
            c.execute("INSERT INTO unless_runs.part VALUES (%s, %s, 0, %s)", (run, name, content))
            c.execute("UPDATE unless_runs.run SET version = version + 1 WHERE name = %s", (run,))

    def bring(self, runs: Path, only: str = "") -> None:
        """Make the folders of the runs here what the database says; one that a process of this machine is busy in is left to it."""
        with self.asking() as c:
            known = dict(c.execute(_BEGUN, (only,)).fetchall())
        for name, version in known.items():
            folder = runs / name
            folder.mkdir(parents=True, exist_ok=True)
            if _version(folder) != version and (held := lock.take(folder)) is not None:
                with closing(held):
                    self.fetch(name, folder)

    def fetch(self, run: str, folder: Path) -> None:
        """Make the folder what the database says, for one who holds its lock."""
        with self.asking() as c, c.transaction():
            c.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            version = c.execute("SELECT version FROM unless_runs.run WHERE name = %s", (run,)).fetchone()[0]
            lines = [bytes(r[0]) for r in c.execute("SELECT line FROM unless_runs.record WHERE run = %s ORDER BY number", (run,))]
            wanted = dict[str, None].fromkeys(r[0] for r in c.execute("SELECT DISTINCT name FROM unless_runs.part WHERE run = %s", (run,)))
            (folder / _AT).unlink(missing_ok=True)
            for name in wanted:
                file = _within(folder, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                write_whole(file, b"".join(_parts(c, run, name)))
        for name in kept(folder):
            if name not in wanted and name != JOURNAL:
                (folder / name).unlink()
        write_journal(folder, lines)
        write_whole(folder / _AT, str(version))


def _parts(connection: Any, run: str, name: str) -> Iterator[bytes]:
    found = connection.execute("SELECT content FROM unless_runs.part WHERE run = %s AND name = %s ORDER BY at", (run, name))
    return (bytes(row[0]) for row in found)


def _within(folder: Path, name: str) -> Path:
    """The file that a name means; one that leads out of the folder is nobody's honest doing."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or not path.parts:
        raise MigrationError(f"The database of the runs names a file {name!r}, which leads out of the run's folder. Nothing was brought.")
    return folder.joinpath(*path.parts)


def _version(folder: Path) -> int | None:
    try:
        return int((folder / _AT).read_text("ascii"))
    except (OSError, ValueError):
        return None


def _brief(wrong: Exception) -> str:
    return " ".join(str(wrong).split()).rstrip(".")[:300]


def driver() -> Any:
    """The package psycopg. Raises MigrationError saying how to get it."""
    try:
        import psycopg
    except ModuleNotFoundError as wrong:
        raise MigrationError('Shared runs need the package psycopg. Install it: pip install "cloud-unless[postgresql]"') from wrong
    return psycopg
