"""What `pulumi up` and `unless rehearse` run: read the stack's configuration, check all of it, build what it describes."""

from __future__ import annotations

import pulumi

from stacks.build import build
from stacks.config import read_config
from stacks.errors import StacksError

try:
    build(read_config())
except StacksError as wrong:
    # Pulumi prints a RunError as it stands and ends without a traceback.
    raise pulumi.RunError("\n".join(wrong.faults)) from None
