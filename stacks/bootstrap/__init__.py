"""What `pulumi up` needs on its first day: where state and its key are kept, and who may reach them without a stored secret."""

from __future__ import annotations

from stacks.bootstrap.pipeline import workflow_of
from stacks.bootstrap.settings import BootstrapSettings, Trust, read_settings
from stacks.bootstrap.template import template_of

__all__ = ["BootstrapSettings", "Trust", "read_settings", "template_of", "workflow_of"]
