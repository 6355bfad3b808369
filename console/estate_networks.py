"""The networks of the estate as the stacks meet them: a reviewed file, and ranges proposed for the cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inventory.networks import NetworkInUse
    from stacks.address_plan import InUse


def stated(file: Path) -> tuple[InUse, ...]:
    """What people wrote into the file by hand, which stays. Raises StacksError when the file is not one of ours."""
    from stacks.address_plan import read_on_premise

    held = read_on_premise(file.parent, file.name) if file.is_file() else None
    return tuple(n for n in held.network if n.kind == "stated") if held else ()


def text_of(found: Sequence[NetworkInUse], kept: Sequence[InUse], on: date) -> str:
    """The file: what a person stated first, then what servers' addresses tell."""
    from stacks.address_plan import FORMAT

    head = [
        "# Networks in use, which nothing in the cloud may overlap. Written by `unless inventory networks --output`, reviewed by people.",
        "# The estate holds servers' addresses and no masks: an inferred range is the usual one around them, and may be wider in truth.",
        '# Add what no server shows (partners, telephones, offices) with kind = "stated" and a note: the next run keeps it.',
        f'format = "{FORMAT}"',
        f"on = {on.isoformat()}",
    ]
    return "\n".join([*head, *(line for n in kept for line in _stated_lines(n)), *(line for n in found for line in _lines(n))]) + "\n"


def _stated_lines(held: InUse) -> Iterator[str]:
    yield from ("", "[[network]]", f'range = "{held.range}"', 'kind = "stated"')
    for key in ("source", "note"):
        if text := getattr(held, key):
            yield f"{key} = {json.dumps(text, ensure_ascii=False)}"


def _lines(held: NetworkInUse) -> Iterator[str]:
    yield from ("", "[[network]]", f'range = "{held.range}"', 'kind = "inferred"', f"servers = {len(held.server_ids)}")
    yield f"example = {json.dumps(held.example, ensure_ascii=False)}"
    if held.source:
        yield f"source = {json.dumps(held.source, ensure_ascii=False)}"


def proposals(ranges: Sequence[str], found: Sequence[NetworkInUse], kept: Sequence[InUse]) -> list[dict[str, str]]:
    """A range of the council's own for each setting that wants one. Raises StacksError for what is no range, and where there is no room."""
    from stacks.address_plan import WANTS, propose
    from stacks.errors import StacksError

    spaces: list[IPv4Network] = []
    faults: list[str] = []
    for text in ranges:
        try:
            spaces.append(IPv4Network(text))
        except ValueError as wrong:
            faults.append(f"--from {text}: it is not an address range ({wrong}). Write one such as 10.96.0.0/12.")
    if faults:
        raise StacksError(*faults)
    given = propose(spaces, [*(n.range for n in found), *(n.range for n in kept)])
    return [{"setting": w.key, "range": str(given[w.key]), "purpose": w.purpose} for w in WANTS]
