"""`unless demo`: the whole way through on the reference estate, or on files of the user's."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from console.output import err, fail, say


def register(app: typer.Typer) -> None:
    """Add `unless demo`."""
    app.command("demo")(demo)


EstateOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--estate",
        help="Your own inventory file, instead of Exampleborough's; may be given many times.",
        show_default=False,
        readable=False,
    ),
]
FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="An empty or new folder to do it in; a temporary one unless given.", show_default=False)
]


def demo(estate: EstateOption = None, folder: FolderOption = None) -> None:
    """Go the whole way on a fictional council's estate: import, assess, plan, rehearse, check, move a share, report.

    Nothing outside this machine is touched: the clouds are pretend and every server listens on loopback. What it made
    stays in the folder that it names at the end.
    """
    from console import demonstration
    from console.commands.rehearse import project_folder

    if folder is not None and folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        fail([f"{folder} is not {'empty' if folder.is_dir() else 'a folder'}. Name a new folder, or leave --folder out."])
    place = folder or Path(tempfile.mkdtemp(prefix="unless-demo-"))
    held, files = demonstration.prepare(place, tuple(estate or ()))
    whose = held.settings.council.name if not estate else ", ".join(e.name for e in estate)
    say(f"The demonstration on {whose}, in {place}")
    try:
        with err().status("Import") as status:
            for stage in demonstration.stages(held, files, project_folder(None), lambda doing: status.update(escape(doing))):
                err().print(f"  {stage.name:<22} {stage.seconds:5.1f} s  {stage.outcome}", markup=False)
                status.update("…")
    except demonstration.NothingToShowError as wrong:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
        fail(wrong.faults)
    say(f"The report is in {held.path('report.html')}. Open it in a browser.")
    say(f"Go on in {place}, with the environment's unless: {_activate()}, then cd {place}")
    for sentence in (
        "unless assess list --readiness unknown      what nobody has said yet",
        "unless assess show ID                       why one workload stands where it stands",
        "unless inventory show ID --trace            which cell of which file said so",
        "unless check                                what breaks a golden rule, and what to do",
    ):
        say(f"  {sentence}")


def _activate() -> str:
    """How a person puts the environment's commands on their PATH."""
    prefix = Path(sys.prefix)
    return str(prefix / "Scripts" / "activate") if sys.platform == "win32" else f"source {prefix / 'bin' / 'activate'}"
