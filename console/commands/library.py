"""`unless library`: the copies of the Azure Landing Zones library that a council builds from."""

from __future__ import annotations

import typer

from console.commands import library_diff

library = typer.Typer(no_args_is_help=True, help="The Azure Landing Zones library: what it holds, and what an upgrade of it changes.")


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    library_diff.register(library)
    app.add_typer(library, name="library")
