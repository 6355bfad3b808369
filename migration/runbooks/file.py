"""The runbook as YAML: written safely, read back only when its content has the digest that it states."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import yaml

from inventory.whole import write_whole
from migration.errors import MigrationError
from migration.runbooks.model import FORMAT, Phase, Runbook, Step, Window, as_data

_AGAIN = "Restore it from its backup, or compile it again: unless runbook compile {}"


def dump(runbook: Runbook) -> bytes:
    """The bytes of the YAML file, UTF-8; the same runbook gives the same bytes."""
    held = {"format": FORMAT, "digest": runbook.digest, **as_data(runbook)}
    return yaml.safe_dump(held, sort_keys=False, allow_unicode=True, width=120).encode("utf-8")


def write(runbook: Runbook, file: Path) -> None:
    """Write it whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, dump(runbook))


def load(file: Path) -> tuple[Runbook, str]:
    """The runbook and the digest that the file states, which may not be its own.

    Raises MigrationError when the file is missing or is no runbook.
    """
    try:
        held: object = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError as wrong:
        raise MigrationError(f"There is no runbook at {file}. Run: unless runbook compile {file.stem}") from wrong
    except (yaml.YAMLError, ValueError, RecursionError) as wrong:
        raise MigrationError(f"{file} is not readable as YAML: {' '.join(str(wrong).split())}. Compile it again.") from wrong
    document = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
    if document.get("format") != FORMAT:
        raise MigrationError(f"{file} is not a runbook of the format {FORMAT}. Run: unless runbook compile {file.stem}")
    try:
        return _runbook(document), str(document["digest"])
    except KeyError as wrong:
        raise MigrationError(f"{file} is not a whole runbook: the key {wrong.args[0]} is missing. {_AGAIN.format(file.stem)}") from wrong
    except (TypeError, ValueError, AttributeError) as wrong:
        raise MigrationError(f"{file} is not a whole runbook: a key has no name or value of ours. {_AGAIN.format(file.stem)}") from wrong


def read(file: Path) -> Runbook:
    """The runbook. Raises MigrationError when it was edited by hand after it was compiled."""
    runbook, stated = load(file)
    if runbook.digest != stated:
        raise MigrationError(
            f"{file} was changed after it was compiled: its content does not have the digest that it states. "
            f"Change the plan, targets.toml or the templates instead, and run: unless runbook compile {runbook.wave_id}"
        )
    return runbook


def _runbook(held: dict[str, Any]) -> Runbook:
    parts = {k: v for k, v in held.items() if k not in ("format", "digest")}
    typed: dict[str, Any] = {k: date.fromisoformat(str(parts[k])) for k in ("starts", "ends")}
    typed["steps"] = tuple(_step(s) for s in parts["steps"])
    if window := parts["window"]:
        hours: dict[str, Any] = {k: datetime.fromisoformat(str(window[k])) for k in ("opens", "closes")}
        typed["window"] = Window(**{**window, **hours})
    return Runbook(**{**parts, **typed})


def _step(held: dict[str, Any]) -> Step:
    lists = {k: tuple(held.get(k, ())) for k in ("after", "consulted", "informed")}
    typed: dict[str, Any] = {"phase": Phase(held["phase"]), **lists}
    return Step(**{**held, **typed})
