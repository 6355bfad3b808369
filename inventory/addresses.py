"""Addresses and paths as people write them in cells, taken out of the text around them. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address

_UNC = re.compile(r"(?:smb:|cifs:|file:)?[\\/]{2}([^\\/\s]+)[\\/]+([^\\/]+)")


def private_addresses(text: str) -> tuple[IPv4Address, ...]:
    """The private IPv4 addresses in a cell, which may hold several, with others between them; loopback and link-local are nobody's."""
    found: list[IPv4Address] = []
    for word in re.findall(r"\d{1,3}(?:\.\d{1,3}){3}", text):
        try:
            address = IPv4Address(word)
        except ValueError:
            continue
        if address.is_private and not (address.is_loopback or address.is_link_local or address.is_unspecified):
            found.append(address)
    return tuple(found)


@lru_cache(maxsize=20_000)
def share_root(path: str) -> tuple[str, str] | None:
    """The server (its short name) and the share of `\\\\fs1.council.gov.uk\\pay\\2026`, lower case; None for what is no such path."""
    found = _UNC.match(path.strip())
    if found is None:
        return None
    server, share = found[1].casefold(), found[2].strip().casefold()
    return (server if private_addresses(server) else server.partition(".")[0], share)
