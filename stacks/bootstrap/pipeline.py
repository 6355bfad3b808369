"""The pipelines of GitHub Actions and Azure DevOps: a pull request is previewed, and what is merged goes up when somebody approves."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stacks.bootstrap.settings import BootstrapSettings
from stacks.bootstrap.template import CONTAINER, facts

STACK: Final = "landing-zone"


def backend_of(settings: BootstrapSettings) -> str:
    """Where Pulumi keeps the state, as `pulumi login` takes it."""
    return f"azblob://{CONTAINER}?storage_account={settings.storage_account}"


def pipelines_of(settings: BootstrapSettings) -> dict[str, str]:
    """Each pipeline as text, by the name of its file: of those services that the settings name."""
    made = {"landing-zone.github.yml": workflow_of(settings), "landing-zone.azure-devops.yml": azure_devops_of(settings)}
    return {name: text for name, text in made.items() if text is not None}


def workflow_of(settings: BootstrapSettings) -> str | None:
    """The workflow of GitHub Actions, or None where the settings trust no repository of GitHub."""
    if settings.github is None:
        return None
    values = {"actions": facts()["actions"], "environment": settings.github.environment}
    return _rendered(settings, "github.yml.j2", "prepare.yml.j2", values)


def azure_devops_of(settings: BootstrapSettings) -> str | None:
    """The pipeline of Azure DevOps, or None where the settings name no service connections."""
    if settings.azure_devops is None:
        return None
    return _rendered(settings, "azure-devops.yml.j2", "prepare.azure-devops.yml.j2", settings.azure_devops.model_dump())


def _rendered(settings: BootstrapSettings, template: str, prepare: str, more: dict[str, Any]) -> str:
    # The answer is YAML, never HTML, and each value from the settings is written as a JSON string, which YAML reads as the same text.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    values = {
        "backend": backend_of(settings),
        "council": settings.council,
        "stack": STACK,
        "subscription": settings.subscription,
        "tenant": settings.tenant,
        **more,
    }
    steps = environment.get_template(prepare).render(values)
    return environment.get_template(template).render(values, prepare=steps) + "\n"
