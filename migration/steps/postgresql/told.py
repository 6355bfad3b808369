"""What pg_dump and pg_restore say when they fail, for the person who can mend it."""

from __future__ import annotations

import re
from typing import Final

from migration.steps.names import shown
from migration.steps.postgresql.place import PostgresPlace

_SAID: Final = 300
# The words are the programs' and the server's own, of PostgreSQL 15 in English; what is in another language is quoted as it is.
_MEANS: Final = (
    (re.compile(r"No space left on device|could not extend file"), "the server's disk is full. Make room, then resume"),
    (re.compile(r"password authentication failed"), "the password of {user} was turned away. Correct it where it is kept, then resume"),
    (
        re.compile(r"certificate verify failed|SSL error|does not support SSL"),
        "TLS was refused. Look at ca_file and at the server's certificate",
    ),
    (re.compile(r'role "(?P<what>.+?)" does not exist'), "there is no role {what}. Make it there (roles are not carried), then resume"),
    (re.compile(r'extension "(?P<what>.+?)" is not available'), "the extension {what} is not to be had. Allow or install it, then resume"),
    (
        re.compile(r"must be owner of|must be superuser|must be member of role|must be able to SET ROLE|permission denied"),
        "{user} may not do it. Give it the right, as docs/guides/move-postgresql.md has them, then resume",
    ),
    (re.compile(r"aborting because of server version mismatch"), "the program is older than the server. Install a newer one, then resume"),
    (re.compile(r"canceling statement due to lock timeout"), "somebody holds a lock on a table for over a minute. See who, then resume"),
    (
        re.compile(r"terminating connection|server closed the connection|connection to server .* failed"),
        "the connection was lost. Check the network and the server, then resume",
    ),
)


def told(place: PostgresPlace, program: str, words: str, code: int) -> str:
    """A sentence with what the program's standard error means, and the words themselves, cut to the first that say error."""
    lines = [" ".join(line.split()) for line in words.splitlines() if line.strip()]
    first = next((n for n, line in enumerate(lines) if "error:" in line), None)
    kept = lines[first : first + 2] if first is not None else lines[-2:]
    quoted = shown(" ".join(kept))[:_SAID].rstrip(". ")
    for pattern, means in _MEANS:
        found = pattern.search(" ".join(kept))
        if found:
            what = shown(found.groupdict().get("what") or "")
            return f"{place.name}: {means.format(user=place.user, what=what)}. {program} said: {quoted}."
    return f"{place.name}: {program} ended with code {code}: {quoted or 'it said nothing'}. Mend what it names, then resume."
