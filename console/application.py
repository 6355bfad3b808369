"""`unless`: one command with sub-commands. Each command's module imports its heavy rooms only when it runs."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from console.commands import COMMANDS, ORDER
from console.errors import PLAIN_ERRORS
from console.exits import Exit
from console.output import err, speakable


class InOrder(TyperGroup):
    """Lists commands in the order in which a council meets them, not groups after the rest."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in ORDER; a command that is not in it comes last."""
        return sorted(super().list_commands(ctx), key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))


app = typer.Typer(
    name="unless",
    cls=InOrder,
    context_settings={"max_content_width": 120},
    help="Leave the data centre under the rule: cloud, unless.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cloud-unless {metadata.version('cloud-unless')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, expose_value=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Leave the data centre under the rule: cloud, unless."""


for register in COMMANDS:
    register(app)


def run() -> int | str | None:
    """Run the command line; the exit code. Errors that are a person's to mend are printed plainly, never as a traceback."""
    speakable(sys.stdout)
    speakable(sys.stderr)
    return _flushed(_run())


def _run() -> int | str | None:
    try:
        app()
    except SystemExit as ended:
        return ended.code
    except PLAIN_ERRORS as wrong:
        return _told(*wrong.faults)
    except BrokenPipeError:
        return Exit.READER_GONE
    except OSError as wrong:
        return _told(_of_the_machine(wrong))
    except RecursionError:
        return _told("A file that was read is nested too deeply to be one of ours. Restore it, or write it again.")
    return Exit.FINE


def _told(*faults: str) -> int:
    for fault in faults:
        err().print(str(fault), markup=False)
    return Exit.FOUND


def _of_the_machine(wrong: OSError) -> str:
    """A file that cannot be read or written, a disk that is full: what no room has said better."""
    what = wrong.strerror or str(wrong) or type(wrong).__name__
    where = f"{wrong.filename}: " if wrong.filename else ""
    return f"{where}{what}. Look at the path, its permissions and the room on the disk, then run it again."


def _flushed(code: int | str | None) -> int | str | None:
    """What is still to be written goes out here, where a reader that went away (`| head`) is no error."""
    try:
        sys.stdout.flush()
    except OSError as wrong:
        # What could not be written stays in the buffer, and the interpreter tries again as it ends: let that succeed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.READER_GONE if isinstance(wrong, BrokenPipeError) else _told(_of_the_machine(wrong))
    return code
