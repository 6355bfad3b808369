"""What `pulumi up` needs on its first day: where state and its key are kept, and who may reach them without a stored secret."""

from __future__ import annotations

from stacks.bootstrap.access import access_of, warnings_of
from stacks.bootstrap.pipeline import azure_devops_of, pipelines_of, workflow_of
from stacks.bootstrap.settings import BootstrapSettings, Trust, read_settings
from stacks.bootstrap.template import template_of

__all__ = [
    "BootstrapSettings",
    "Trust",
    "access_of",
    "azure_devops_of",
    "pipelines_of",
    "read_settings",
    "template_of",
    "warnings_of",
    "workflow_of",
]
