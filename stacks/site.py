"""What every component is told besides its own settings: names, place, tags, and whether to protect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stacks.naming import Naming


@dataclass(frozen=True)
class Site:
    """Where a component builds. `tags` go on everything; `protect` guards what must not vanish by a slip."""

    naming: Naming
    region: str
    tags: Mapping[str, str]
    protect: bool

    def name(self, kind: str, *parts: str) -> str:
        """A resource's name here; see `Naming.name`."""
        return self.naming.name(kind, *parts)

    def tagged(self, **more: str) -> Site:
        """The same place with further tags; an underscore in a name becomes a dash."""
        return replace(self, tags={**self.tags, **{k.replace("_", "-"): v for k, v in more.items()}})

    def moved(self, region: str) -> Site:
        """The same, in another region, which its names say."""
        return replace(self, naming=replace(self.naming, region=region), region=region)
