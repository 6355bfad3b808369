"""The pipelines: each job as its own identity, nothing but what it needs, and no secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.bootstrap import azure_devops_of, workflow_of
from tests.bootstrap.given import SETTINGS, settings_with, unless


def _workflow(**changed: Any) -> dict[str, Any]:
    text = workflow_of(settings_with(**changed))
    assert text is not None
    return yaml.safe_load(text)


def test_a_job_may_do_no_more_than_its_identity_and_one_up_runs_at_a_time() -> None:
    made = _workflow()
    assert made["permissions"] == {"contents": "read"}
    preview, up = made["jobs"]["preview"], made["jobs"]["up"]
    assert preview["permissions"] == {"contents": "read", "id-token": "write", "security-events": "write", "actions": "read"}
    assert up["permissions"] == {"contents": "read", "id-token": "write"}
    assert (up["environment"], "environment" in preview) == ("production", False)
    assert up["concurrency"] == {"group": "pulumi-up-landing-zone", "cancel-in-progress": False}
    assert "head.repo.full_name == github.repository" in preview["if"]
    assert "refs/heads/main" in up["if"]


def test_each_job_signs_in_as_its_own_identity_and_only_the_one_goes_up() -> None:
    jobs = _workflow()["jobs"]
    for name in ("preview", "up"):
        assert jobs[name]["env"]["ARM_CLIENT_ID"] == f"${{{{ vars.PULUMI_{name.upper()}_CLIENT_ID }}}}"
    runs = {name: " ".join(step.get("run", "") for step in job["steps"]) for name, job in jobs.items()}
    assert "pulumi preview --stack landing-zone --json" in runs["preview"]
    assert "pulumi up" not in runs["preview"]
    assert "--policy-pack policies/pack" in runs["up"]
    assert "secrets." not in str(jobs)


@pytest.mark.parametrize("environment", ["true", "123", "null", "-", "0x1f"])
def test_a_name_that_yaml_would_read_as_something_else_stays_a_name(environment: str) -> None:
    made = _workflow(github={"repository": "exampleborough/cloud", "environment": environment})
    assert made["jobs"]["up"]["environment"] == environment


@pytest.mark.parametrize("name", ['a"b', "a'b", "${{ github.token }}", "{{ x }}", "a\nb", "a: b", "production\n"])
def test_an_environment_that_could_break_out_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="environment"):
        settings_with(github={"repository": "exampleborough/cloud", "environment": name})


def test_no_workflow_is_made_for_whom_nobody_trusts(tmp_path: Path) -> None:
    assert workflow_of(settings_with(github=None)) is None
    (tmp_path / "bootstrap.toml").write_text(SETTINGS.replace('[github]\nrepository = "exampleborough/cloud"\n', ""), "utf-8")
    assert unless(folder=tmp_path).returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bootstrap.access.json", "bootstrap.template.json", "bootstrap.toml"]


def test_an_edited_workflow_is_written_over_only_when_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "bootstrap.toml").write_text(SETTINGS, "utf-8")
    edited = tmp_path / "landing-zone.github.yml"
    edited.write_text("ours", "utf-8")
    refused = unless(folder=tmp_path)
    assert refused.returncode == 1
    assert "Say --replace" in refused.stderr
    assert edited.read_text("utf-8") == "ours"
    assert not (tmp_path / "bootstrap.template.json").exists()
    assert unless("--replace", folder=tmp_path).returncode == 0
    assert edited.read_text("utf-8") == workflow_of(settings_with())
    assert unless(folder=tmp_path).returncode == 0


def test_each_action_is_pinned_by_a_commit_with_its_version_beside_it() -> None:
    text = workflow_of(settings_with())
    assert text
    used = [line for line in text.splitlines() if "uses:" in line]
    assert len(used) == 9
    assert [line for line in used if not re.search(r"uses: [a-z/-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$", line)] == []


CONNECTIONS = {"preview_connection": "azure-preview", "up_connection": "azure-up", "environment": "live"}


def _azure_pipeline() -> dict[str, Any]:
    text = azure_devops_of(settings_with(azure_devops=CONNECTIONS))
    assert text is not None
    return yaml.safe_load(text)


def test_azure_devops_previews_a_pull_request_that_is_no_forks_and_goes_up_from_main_with_approval() -> None:
    made = _azure_pipeline()
    preview, up = made["stages"]
    assert "'PullRequest')" in preview["condition"]
    assert "ne(variables['System.PullRequest.IsFork'], 'True')" in preview["condition"]
    assert up["condition"] == "and(ne(variables['Build.Reason'], 'PullRequest'), eq(variables['Build.SourceBranch'], 'refs/heads/main'))"
    assert (up["dependsOn"], up["lockBehavior"]) == ([], "sequential")
    assert up["jobs"][0]["environment"] == "live"
    assert made["variables"] == {"PULUMI_BACKEND_URL": "azblob://pulumi-state?storage_account=stexbpulumi"}


def test_each_stage_of_azure_devops_signs_in_by_its_own_connection_without_a_secret() -> None:
    preview, up = _azure_pipeline()["stages"]
    before, after = preview["jobs"][0]["steps"], up["jobs"][0]["strategy"]["runOnce"]["deploy"]["steps"]
    for steps, connection, run in ((before, "azure-preview", "pulumi preview"), (after, "azure-up", "pulumi up")):
        signed_in = [s["inputs"] for s in steps if s.get("task") == "AzureCLI@2"]
        assert [i["azureSubscription"] for i in signed_in] == [connection]
        assert run in signed_in[0]["inlineScript"]
        assert 'ARM_OIDC_TOKEN="$idToken"' in signed_in[0]["inlineScript"]
        assert "set -e" in signed_in[0]["inlineScript"]
        assert steps[0] == {"checkout": "self", "persistCredentials": False}
    assert "pulumi up" not in str(before)
    assert "ClientSecret" not in str((before, after))
