"""Platform services: which one takes a thing over, at which size, and what the others would cost and give up.

Limits are in `knowledge/platforms.toml`; docs/concepts/platforms.md lets a reader choose again by hand.
"""

from migration.platforms.beside import beside_machine
from migration.platforms.placing import placed
from migration.platforms.shares import shares_placed
from migration.platforms.takers import Taker, taker_of

__all__ = ["Taker", "beside_machine", "placed", "shares_placed", "taker_of"]
