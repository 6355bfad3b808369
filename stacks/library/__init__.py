"""The Azure Landing Zones library: read from its files, layered, and turned into what each management group gets.

`read_library` reads members (`platform/alz`, …) with what they depend on and a council's own folder into one `Library`;
`architecture_of` turns it into an `Architecture`, the same that our embedded data gives. Nothing here knows Pulumi.
"""

from stacks.library.architecture import Architecture, Assigned, DefinitionIn, Grant, GroupPlan, RoleIn
from stacks.library.derive import architecture_of
from stacks.library.digest import digest_of
from stacks.library.model import Library
from stacks.library.read import Member, read_library

__all__ = [
    "Architecture",
    "Assigned",
    "DefinitionIn",
    "Grant",
    "GroupPlan",
    "Library",
    "Member",
    "RoleIn",
    "architecture_of",
    "digest_of",
    "read_library",
]
