"""The errors of every room that are a person's to mend; each has `faults`, plain sentences."""

from __future__ import annotations

from console.workspace import WorkspaceError
from inventory.errors import InventoryError
from migration.errors import MigrationError
from policies.errors import PoliciesError
from rehearsal.errors import RehearsalError
from stacks.errors import StacksError

PLAIN_ERRORS = (WorkspaceError, InventoryError, MigrationError, PoliciesError, RehearsalError, StacksError)
