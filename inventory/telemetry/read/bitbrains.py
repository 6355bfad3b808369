"""CSV of the Bitbrains traces (GWA-T-12): one machine a file, named by the file. See metrics.toml for what its columns mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Final

from inventory.model import Fault
from inventory.telemetry.metrics import Term, vocabulary
from inventory.telemetry.read.lines import rows_of
from inventory.telemetry.read.model import Gathering, Misfits, added_up, named
from inventory.telemetry.read.moments import NotAMomentError, moment

LAYOUT: Final = "bitbrains"


def is_bitbrains(first_line: str) -> bool:
    """Whether a file that begins so is of this form."""
    return first_line.lstrip("\ufeff").startswith(vocabulary().bitbrains_at + ";")


def read_bitbrains(path: Path, file: str, encoding: str, gathering: Gathering) -> tuple[Fault, ...]:
    """Gather the samples of one machine. Raises UnreadableError."""
    misfits, places, server = Misfits(file), dict[str, int](), named(Path(file).stem)
    for row, cells in rows_of(path, encoding, ";"):
        texts = [c.strip() for c in cells]
        if row == 1:
            places = {h.lstrip("\ufeff"): n for n, h in enumerate(texts)}
            continue
        try:
            at = moment(float(texts[0]), UTC)
        except (NotAMomentError, ValueError):
            misfits.add(row, vocabulary().bitbrains_at, "The row does not begin with a time.", "Take the file again from its source.")
            continue
        added = [(t, _figure(texts, places, t)) for t in vocabulary().bitbrains]
        for term, figure in added:
            if figure is None:
                misfits.add(row, term.column, "There is no number.", "Take the file again from its source.")
        gathering.add(server, at, added_up((t.metric, figure) for t, figure in added))
    return misfits.faults()


def _figure(texts: list[str], places: Mapping[str, int], term: Term) -> float | None:
    """What a term adds; a share of `of` is in per cent, and of nothing it is nothing."""
    try:
        figure = float(texts[places[term.column]]) * term.times
        if not term.of:
            return figure
        whole = float(texts[places[term.of]])
    except (KeyError, IndexError, ValueError):
        return None
    return 100 * figure / whole if whole > 0 else 0.0
