"""Which names mean the same thing, and the id each thing gets. Pure, and independent of the order of files."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from inventory.text import slug

Parts = tuple[str, ...]


def assign_ids(things: Iterable[Parts]) -> dict[Parts, str]:
    """An id for each thing, by its names from the first to the most distinguishing.

    The slug of the first name where it is nobody else's, else of the first two, and so on; what still collides is
    numbered in order of the names. The same things get the same ids in whatever order they come.
    """
    left = sorted(set(things))
    made: dict[Parts, str] = {}
    taken: set[str] = set()
    for depth in range(1, max((len(t) for t in left), default=0) + 1):
        wanted = [slug(" ".join(p for p in t[:depth] if p)) for t in left]
        count = Counter(wanted)
        made.update((t, w) for t, w in zip(left, wanted, strict=True) if count[w] == 1 and w not in taken)
        left = [t for t in left if t not in made]
        taken = set(made.values())
    for thing in left:
        made[thing] = _numbered(slug(" ".join(p for p in thing if p)), taken)
        taken.add(made[thing])
    return made


def _numbered(want: str, taken: set[str]) -> str:
    if want not in taken:
        return want
    return next(made for n in range(2, len(taken) + 3) if (made := f"{want}-{n}") not in taken)


def stranger(name: str, known: Collection[str]) -> str:
    """An id that nothing known has, for what a file names and no file defines."""
    return _numbered(slug(name), set(known))


def short_name(name: str) -> str:
    """The first label of a fully qualified name, lower case; an IP address or a name with spaces is left whole."""
    folded = name.strip().rstrip(".").casefold()
    if "." not in folded or " " in folded:
        return folded
    try:
        ipaddress.ip_address(folded)
    except ValueError:
        return folded.split(".", 1)[0] or folded
    return folded


@dataclass(frozen=True, slots=True)
class ServerNames:
    """Server ids by every name that files use. `ambiguous` short names fit several fully qualified ones."""

    ids: Mapping[str, str]
    ambiguous: frozenset[str]

    def id_of(self, name: str) -> str | None:
        """The server that `name` means: as written, else by its short name, else by its slug; None when unknown."""
        folded = name.strip().rstrip(".").casefold()
        if folded in self.ids:
            return self.ids[folded]
        short = short_name(folded)
        if short in self.ambiguous:
            return None
        return self.ids.get(short) or self.ids.get(slug(folded))

    def why_unknown(self, name: str) -> tuple[str, str]:
        """What to say of a name that means no server, and what to do."""
        if short_name(name) in self.ambiguous:
            return f"{name} fits several servers with longer names.", "Write the server's full name."
        return f"No file names a server {name}.", "Correct the name, or import the file that lists this server."


def server_names(defined: Sequence[str]) -> ServerNames:
    """Names as files define servers to ids.

    A short name and a fully qualified one are the same server when no second fully qualified name begins with it.
    """
    folded = {n.strip().rstrip(".").casefold() for n in defined}
    longer = Counter(short for name in folded if (short := short_name(name)) != name)
    ambiguous = frozenset(short for short, count in longer.items() if count > 1)
    parts = {name: (name,) if (short := short_name(name)) in ambiguous else (short,) for name in sorted(folded)}
    made = assign_ids(parts.values())
    ids = {i: i for i in made.values()}
    ids.update((slug(name), made[of]) for name, of in parts.items())
    ids.update((of[0], made[of]) for of in parts.values())
    ids.update((name, made[of]) for name, of in parts.items())
    return ServerNames(ids, ambiguous)
