"""Names of role assignments."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from stacks.site import Site


def assignment_name(site: Site, *what: str) -> str:
    """A UUID that is the same for the same site and `what` for ever; Azure wants one, and a second may not stand for the same grant."""
    return str(uuid5(NAMESPACE_URL, "/".join(["cloud-unless", site.naming.seed, *what])))
