"""`unless init`: make a workspace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from console.options import DEFAULT_WORKSPACE, WorkspaceOption
from console.output import fail, say
from console.workspace import WorkspaceError, open_workspace

_SETTINGS = """\
# Settings of this workspace. Every setting has a default; a line that begins with # is one that is not set.
# The workspace is described in docs/reference/files.md. Relative paths start in the folder beside this one.

[council]
name = {name}
id = {id}                # goes into names in the cloud: small letters, digits and hyphens, 21 at most

[estate]
# Where the estate is kept. Unset: estate.sqlite in this folder. To share one, name a PostgreSQL database
# (and keep the password out of this file: use ~/.pgpass or PGPASSWORD).
# url = "postgresql://unless@database.example.gov.uk/estate"

# The date at which everything is judged: support that has ended, exceptions that have expired. Unset: today.
# on = 2026-11-22

[assess]
# Azure region to size and price for: uksouth or ukwest.
region = "uksouth"

# The date by which workloads must be supported where they are: the last cut-over. Unset: the date of the assessment.
# cutover_on = 2028-03-31

# Room above the measured 95th percentile that a size must leave, in per cent.
headroom_percent = 20
# percentile = 95               # of what was measured: 50, 95, 99, or 100 for the maximum
# contract_years = 5            # no size whose series retires within so many years of the cut-over
# headroom = {{ cpu = 20, memory = 20 }}   # of one measure, in the place of headroom_percent

# How machines are bought, and for how many hours of a month (docs/guides/prices.md).
# What was quoted for backup, monitoring, support and egress stands in the file that quoted names; it need not be there.
# prices = {{ term = "pay-as-you-go", hours = 730, quoted = "prices/quoted.toml" }}

# The exception register. A workload stays only if an unexpired entry here says so.
exceptions = "policies/exceptions.toml"

# Where people overrule an assessment, with who, why and until when (docs/concepts/scoring.md). It need not be there.
overrules = "policies/overrules.toml"

# The council's own weights for the score, with who, why and when (docs/concepts/scoring.md). It need not be there.
weights = "policies/weights.toml"

# The council's own questionnaires, and what people answered (docs/guides/questionnaires.md). It need not be there.
questionnaires = "questionnaires"

[plan]
# The first day of the first wave. Unset: the first Monday at least four weeks after the date of the plan.
# first_wave_starts = 2027-01-11

# How long a wave is, in days, and what your people can move in one.
wave_days = 14
workloads_per_wave = 10
servers_per_wave = 40

# Where the requests for landing zones go, to be reviewed in git.
requests = "stacks/requests"

[runs]
# Where runs of runbooks are kept that several machines carry out (docs/guides/workers.md). Unset: in this folder, for this machine.
# Keep the password out of this file: use ~/.pgpass or PGPASSWORD.
# database = "postgresql://unless@database.example.gov.uk/runs"

[carbon]
# How much your data centre draws for each unit that its machines draw, as measured (docs/concepts/carbon.md). Unset: what surveys say.
# pue = 1.7

[library]
# Folder of public data that is not part of cloud-unless: Azure's type files (docs/guides/types.md). Unset: that of the user's cache.
# path = "/srv/cloud-unless/library"
"""


def register(app: typer.Typer) -> None:
    """Add `unless init`."""
    app.command("init")(init)


def init(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    name: Annotated[str, typer.Option("--name", help="The council's name, for reports.")] = "Our council",
    council_id: Annotated[str, typer.Option("--id", help="A short id for names in the cloud. Unset: made from the name.")] = "",
) -> None:
    """Make a workspace: the folder that holds the estate and everything derived from it.

    Writes a commented unless.toml with every setting at its default. Nothing that exists is overwritten.
    """
    file = workspace / "unless.toml"
    if file.exists():
        fail([f"{workspace} is a workspace already. Edit {file}, or name another folder with --workspace."])
    try:
        _write(file, settings_text(name, council_id or _id_of(name)))
    except OSError as wrong:
        fail([f"{workspace} cannot be made: {wrong.strerror or wrong}. Choose another folder with --workspace."])
    say(f"Made the workspace {workspace}. Its settings are in {file}.")
    say("Next: unless import FILE… with an RVTools workbook, an Azure Migrate CSV, or your spreadsheets.")


def _id_of(name: str) -> str:
    made = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:21].strip("-")
    return made if re.fullmatch(r"[a-z][a-z0-9-]{1,20}", made) else "council"


def settings_text(name: str, council_id: str) -> str:
    """The commented settings of a new workspace."""
    return _SETTINGS.format(name=_quoted(name), id=_quoted(council_id))


def _quoted(text: str) -> str:
    import tomlkit

    return tomlkit.item(text).as_string()


def _write(file: Path, text: str) -> None:
    """Write it whole or not at all, and only if `console.workspace` understands it."""
    is_new = not file.parent.exists()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".toml.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
    try:
        open_workspace(file.parent)
    except WorkspaceError:
        file.unlink()
        if is_new:
            file.parent.rmdir()
        raise
