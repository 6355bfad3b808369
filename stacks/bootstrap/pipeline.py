"""The workflow of GitHub Actions: a pull request is previewed, and what is merged goes up when somebody approves."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stacks.bootstrap.settings import BootstrapSettings
from stacks.bootstrap.template import CONTAINER, facts

STACK: Final = "landing-zone"


def backend_of(settings: BootstrapSettings) -> str:
    """Where Pulumi keeps the state, as `pulumi login` takes it."""
    return f"azblob://{CONTAINER}?storage_account={settings.storage_account}"


def workflow_of(settings: BootstrapSettings) -> str | None:
    """The workflow as text, or None where the settings trust no repository of GitHub."""
    if settings.github is None:
        return None
    # The answer is YAML, never HTML, and each value from the settings is written as a JSON string, which YAML reads as the same text.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    values = {
        "actions": facts()["actions"],
        "backend": backend_of(settings),
        "council": settings.council,
        "environment": settings.github.environment,
        "stack": STACK,
        "subscription": settings.subscription,
        "tenant": settings.tenant,
    }
    prepare = environment.get_template("prepare.yml.j2").render(values)
    return environment.get_template("github.yml.j2").render(values, prepare=prepare) + "\n"
