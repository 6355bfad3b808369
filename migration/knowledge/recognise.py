"""From a name as somebody wrote it to the releases that it may mean, and from those to support on a date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from migration.knowledge.model import Knowledge, Product, Release, Spelling

_NOISE = re.compile(r"\((?:32|64)[- ]?bit\)|\b(?:x64|x86|x86_64|64-bit|32-bit|amd64)\b|[®™©]|\bmicrosoft\b|\(r\)")


class Support(StrEnum):
    """How a maker stands to a release on a date."""

    SUPPORTED = "supported"
    ENDING = "ending soon"
    EXTENDED = "extended only"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Recognised:
    """What a name may mean. No releases: `why` says what could not be told. `product` is None when even that is unknown."""

    releases: tuple[Release, ...] = ()
    product: Product | None = None
    why: str = ""
    note: str = ""


@dataclass(frozen=True)
class Standing:
    """Support on a date with the releases it was read from; `why` a clause for the unknown."""

    support: Support
    releases: tuple[Release, ...] = ()
    why: str = ""


@lru_cache(maxsize=8192)  # an estate has few spellings; knowledge is told apart by identity
def operating_system(name: str, k: Knowledge) -> Recognised:
    """What an operating system's name may mean."""
    return _recognise(name, k.systems, k)


@lru_cache(maxsize=8192)
def engine(name: str, version: str, k: Knowledge) -> Recognised:
    """What a database engine and its version may mean."""
    return _recognise(f"{name} {version}", k.engines, k)


@lru_cache(maxsize=8192)
def runtime(name: str, k: Knowledge) -> Recognised:
    """What a runtime that an application is built on may mean."""
    return _recognise(name, k.runtimes, k)


def support(recognised: Recognised, on: date, warn_days: int) -> Standing:
    """Support of what was recognised `on` a date. Where a name may mean several releases, all must stand alike.

    Supported and ending soon count as alike, and the worse is said.
    """
    held = {_support(r, on, warn_days) for r in recognised.releases}
    if not held:
        return Standing(Support.UNKNOWN, (), recognised.why)
    if len(held) == 1:
        return Standing(held.pop(), recognised.releases)
    if held == {Support.SUPPORTED, Support.ENDING}:
        return Standing(Support.ENDING, recognised.releases)
    said = ", ".join(f"{r.release} is {_support(r, on, warn_days).value}" for r in recognised.releases)
    return Standing(Support.UNKNOWN, recognised.releases, f"the name does not say which release it is, and {said}")


def plain_name(name: str) -> str:
    """A name in lower case without its maker, word length and spare spaces, as the patterns expect it."""
    return " ".join(_NOISE.sub(" ", name.lower()).split())


def _recognise(name: str, spellings: Sequence[Spelling], k: Knowledge) -> Recognised:
    plain = plain_name(name)
    if not plain:
        return Recognised(why="nobody has said what it is")
    for spelling in spellings:
        if found := re.search(spelling.pattern, plain):
            return _meaning(spelling, found, k)
    return Recognised(why=f"{name.strip()!r} is not in the catalogue of lifecycles")


def _meaning(spelling: Spelling, found: re.Match[str], k: Knowledge) -> Recognised:
    product = k.products.get(spelling.product or (spelling.releases[0].split("/")[0] if spelling.releases else ""))
    if spelling.unknowable:
        return Recognised((), product, spelling.unknowable, spelling.note)
    releases = tuple(k.releases[r] for r in spelling.releases) or _named(spelling, found.groupdict(), k)
    why = "" if releases else "this release is not in the catalogue of lifecycles"
    return Recognised(releases, product, why, spelling.note)


def _named(spelling: Spelling, groups: dict[str, str | None], k: Knowledge) -> tuple[Release, ...]:
    said = spelling.builds.get(groups.get("build") or "") or groups.get("release")
    if not said:
        return ()
    wanted = spelling.prefix + ".".join(p for p in (said, groups.get("pack")) if p)
    mine = (r for r in k.releases.values() if r.product == spelling.product)
    if spelling.exact:
        return tuple(r for r in mine if r.release == wanted)
    return tuple(r for r in mine if r.release == wanted or r.release.startswith((f"{wanted}.", f"{wanted}-")))


def _support(release: Release, on: date, warn_days: int) -> Support:
    if release.ends is None or release.ends > on + timedelta(days=warn_days):
        return Support.SUPPORTED
    if release.ends > on:
        return Support.ENDING
    if release.extended_ends is not None and release.extended_ends > on:
        return Support.EXTENDED
    return Support.ENDED
