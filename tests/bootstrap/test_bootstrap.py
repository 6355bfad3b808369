"""The template of the first day: closed unless somebody opened it, and as Azure's own types want it; and what is refused."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from stacks.bootstrap import BootstrapSettings, access_of, azure_devops_of, read_settings, template_of, warnings_of, workflow_of
from stacks.bootstrap.deployer import roles_given
from stacks.bootstrap.template import facts, resources
from stacks.errors import StacksError

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests/cases/bootstrap-faults"
TYPES = ROOT / "../shared/data/bicep-types"
SETTINGS = """
council = "exb"
subscription = "aaaaaaaa-0000-4000-8000-0000000000aa"
tenant = "bbbbbbbb-0000-4000-8000-0000000000bb"
storage_account = "stexbpulumi"
key_vault = "kv-exb-pulumi"
network = "listed"
addresses = ["80.1.2.0/28", "80.1.3.9/32"]
[github]
repository = "exampleborough/cloud"
[[trust]]
identity = "up"
name = "azure-devops"
issuer = "https://tokens.example/1"
subject = "sc://exampleborough/cloud/up"
"""


def _settings(**changed: Any) -> BootstrapSettings:
    return BootstrapSettings.model_validate({**tomllib.loads(SETTINGS), **changed})


def _of(settings: BootstrapSettings, kind: str) -> list[Mapping[str, Any]]:
    return [r for r in resources(settings) if r["type"] == kind]


@pytest.mark.parametrize("file", sorted(CASES.glob("*.toml")), ids=lambda f: f.stem)
def test_every_fault_is_said_at_once(file: Path, tmp_path: Path) -> None:
    case = tomllib.loads(file.read_text("utf-8"))
    written = tmp_path / "bootstrap.toml"
    written.write_text(case["settings"], "utf-8")
    with pytest.raises(StacksError) as refused:
        read_settings(written)
    said = [f.removeprefix(str(written)).lstrip(",: ") for f in refused.value.faults]
    assert len(said) == len(case["faults"]), said
    for wanted in case["faults"]:
        assert any(re.match(wanted, s) or (not wanted.startswith("key") and re.search(wanted, s)) for s in said), (wanted, said)


def test_state_and_key_are_closed_kept_and_locked() -> None:
    settings = _settings()
    account = _of(settings, "Microsoft.Storage/storageAccounts")[0]["properties"]
    assert (account["allowSharedKeyAccess"], account["allowBlobPublicAccess"], account["minimumTlsVersion"]) == (False, False, "TLS1_2")
    assert account["networkAcls"] == {
        "bypass": "None",
        "defaultAction": "Deny",
        "ipRules": [{"value": "80.1.2.0/28"}, {"value": "80.1.3.9"}],
    }
    service = _of(settings, "Microsoft.Storage/storageAccounts/blobServices")[0]["properties"]
    assert service["isVersioningEnabled"]
    assert service["changeFeed"] == {"enabled": True}
    assert service["deleteRetentionPolicy"] == service["containerDeleteRetentionPolicy"] == {"enabled": True, "days": 90}
    vault = _of(settings, "Microsoft.KeyVault/vaults")[0]["properties"]
    assert (vault["enableRbacAuthorization"], vault["enablePurgeProtection"], vault["softDeleteRetentionInDays"]) == (True, True, 90)
    assert [lock["properties"]["level"] for lock in _of(settings, "Microsoft.Authorization/locks")] == ["CanNotDelete"]


@pytest.mark.parametrize(
    ("network", "access", "default"), [("private", "Disabled", "Deny"), ("listed", "Enabled", "Deny"), ("internet", "Enabled", "Allow")]
)
def test_who_reaches_them_is_what_the_settings_say(network: str, access: str, default: str) -> None:
    settings = _settings(network=network, addresses=["80.1.2.0/28"] if network == "listed" else [])
    for kind in ("Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"):
        made = _of(settings, kind)[0]["properties"]
        assert (made["publicNetworkAccess"], made["networkAcls"]["defaultAction"]) == (access, default)


def test_a_pull_request_may_preview_and_only_the_environment_may_go_up() -> None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
    trusted = {r["name"]: r["properties"]["subject"] for r in _of(_settings(), kind)}
    assert trusted == {
        "id-exb-pulumi-preview/github-pull-request": "repo:exampleborough/cloud:pull_request",
        "id-exb-pulumi-up/github-environment": "repo:exampleborough/cloud:environment:production",
        "id-exb-pulumi-up/azure-devops": "sc://exampleborough/cloud/up",
    }
    assert _of(_settings(github=None, trust=[]), kind) == []


def test_credentials_of_one_identity_are_written_one_after_the_other() -> None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
    last = next(r for r in _of(_settings(), kind) if r["name"].endswith("azure-devops"))
    assert last["dependsOn"] == [f"[resourceId('{kind}', 'id-exb-pulumi-up', 'github-environment')]"]


def test_each_identity_gets_the_two_roles_on_the_narrowest_scope_and_no_other() -> None:
    grants = _of(_settings(), "Microsoft.Authorization/roleAssignments")
    assert len(grants) == len({g["name"] for g in grants}) == 4
    scopes = {g["scope"] for g in grants}
    assert scopes == {
        "[resourceId('Microsoft.Storage/storageAccounts/blobServices/containers', 'stexbpulumi', 'default', 'pulumi-state')]",
        "[resourceId('Microsoft.KeyVault/vaults/keys', 'kv-exb-pulumi', 'pulumi')]",
    }
    assert {g["properties"]["principalType"] for g in grants} == {"ServicePrincipal"}


def test_everything_that_is_waited_for_is_made() -> None:
    made = resources(_settings())
    ids = {
        f"[resourceId('{r['type']}', {', '.join(repr(n) for n in r['name'].split('/'))})]" for r in made if not r["name"].startswith("[")
    }
    assert {d for r in made for d in r.get("dependsOn", [])} <= ids


def test_the_same_settings_give_the_same_template() -> None:
    assert json.dumps(template_of(_settings())) == json.dumps(template_of(_settings()))
    assert len(resources(_settings())) == 15


def _of_access(settings: BootstrapSettings) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """The role, the deployment within, and what that gives."""
    role, nested = access_of(settings)["resources"]
    return role, nested, nested["properties"]["template"]["resources"]


EVERY_RESOURCE = [*resources(_settings()), _of_access(_settings())[0], *_of_access(_settings())[2]]


def test_the_role_of_up_is_defined_above_the_group_where_it_is_given() -> None:
    role, nested, given = _of_access(_settings())
    above = "[tenantResourceId('Microsoft.Management/managementGroups', 'bbbbbbbb-0000-4000-8000-0000000000bb')]"
    assert role["properties"]["assignableScopes"] == [above]
    assert nested["scope"] == "Microsoft.Management/managementGroups/exb"
    assert nested["dependsOn"] == [given[1]["properties"]["roleDefinitionId"]]
    assert role["name"] in nested["dependsOn"][0]
    named = _of_access(_settings(parent="councils"))[0]["properties"]["assignableScopes"]
    assert named == ["[tenantResourceId('Microsoft.Management/managementGroups', 'councils')]"]


def test_preview_reads_and_up_gives_only_the_roles_that_are_named() -> None:
    added = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"
    preview, up = (g["properties"] for g in _of_access(_settings(may_give=[added]))[2])
    assert (
        preview["roleDefinitionId"]
        == "[tenantResourceId('Microsoft.Authorization/roleDefinitions', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')]"
    )
    assert "id-exb-pulumi-preview'" in preview["principalId"]
    assert "id-exb-pulumi-up'" in up["principalId"]
    assert "condition" not in preview
    listed = re.findall(
        r"@(\w+)\[Microsoft.Authorization/roleAssignments:RoleDefinitionId\] ForAnyOfAnyValues:GuidEquals {([^}]*)}", up["condition"]
    )
    assert [source for source, _ in listed] == ["Request", "Resource"]
    assert {ids for _, ids in listed} == {", ".join(sorted({*roles_given(), added}))}
    assert up["conditionVersion"] == "2.0"
    assert up["condition"].count("(") == up["condition"].count(")")


def test_the_role_of_up_has_what_its_stacks_ask_for() -> None:
    def permitted(**changed: Any) -> list[str]:
        return _of_access(_settings(**changed))[0]["properties"]["permissions"][0]["actions"]

    assert "Microsoft.Sql/servers/*" not in permitted()
    assert "Microsoft.Sql/servers/*" in permitted(stacks=["landing-zone", "workloads"])
    assert not [
        a for a in permitted(stacks=["landing-zone", "workloads"]) if a.startswith("*") and a not in ("*/read", "*/register/action")
    ]


def test_names_of_access_are_the_same_each_time_and_another_councils_differ() -> None:
    ours, theirs = access_of(_settings()), access_of(_settings(council="wcc"))
    assert ours == access_of(_settings())
    assert ours["resources"][0]["name"] != theirs["resources"][0]["name"]


def test_what_is_dangerous_or_unfinished_is_said() -> None:
    assert warnings_of(_settings()) == ()
    strong = warnings_of(_settings(may_give=["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"]))
    assert len(strong) == 1
    assert "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" in strong[0]
    connections = {"preview_connection": "azure-preview", "up_connection": "azure-up"}
    assert ["preview" in w for w in warnings_of(_settings(azure_devops=connections))] == [True]
    assert len(warnings_of(_settings(azure_devops=connections, trust=[]))) == 2


@pytest.mark.parametrize("resource", EVERY_RESOURCE, ids=lambda r: f"{r['type'].split('/')[-1]}-{r['name'][:40]}")
def test_azures_own_types_take_it(resource: Mapping[str, Any]) -> None:
    if not TYPES.is_dir():
        pytest.skip("../shared/data/bicep-types is not here: the template cannot be compared with Azure's types")
    index = json.loads((TYPES / "index.json").read_text("utf-8"))
    name = f"{resource['type']}@{resource['apiVersion']}"
    held = json.loads(gzip.decompress((TYPES / index[name]).read_bytes()))
    body = next(held[int(t["body"]["$ref"][2:])] for t in held if t["$type"] == "ResourceType" and t["name"] == name)
    of_a_template = ("type", "apiVersion", "dependsOn", "scope", "name")
    assert list(_misfits(held, body, {k: v for k, v in resource.items() if k not in of_a_template}, of_a_template)) == []


def _misfits(held: list[Any], kind: Mapping[str, Any], value: Any, given: tuple[str, ...] = ()) -> Iterator[str]:
    """Keys that Azure does not know or only it writes, keys that it misses, and values that it does not take."""
    basic = {"BooleanType": bool, "IntegerType": int, "StringType": str}
    match kind["$type"]:
        case "ObjectType":
            yield from _misfits_of_object(held, kind, value, given)
        case "ArrayType":
            for inner in value:
                yield from _misfits(held, held[int(kind["itemType"]["$ref"][2:])], inner)
        case "UnionType":
            options = [held[int(e["$ref"][2:])] for e in kind["elements"]]
            if all(list(_misfits(held, o, value)) for o in options):
                yield f"does not take {value!r}"
        case "StringLiteralType" if value != kind["value"]:
            yield f"{value!r} is not {kind['value']!r}"
        case name if name in basic and type(value) is not basic[name]:
            yield f"{value!r} is no {name}"
        case name if name not in (*basic, "StringLiteralType", "AnyType"):
            yield f"{name} is not compared"
        case _:
            return


def _misfits_of_object(held: list[Any], kind: Mapping[str, Any], value: Mapping[str, Any], given: tuple[str, ...]) -> Iterator[str]:
    fields = kind["properties"]
    yield from (f"misses {n}" for n, f in fields.items() if f["flags"] & 1 and n not in (*value, *given, "id"))
    for name, inner in value.items():
        field: Any = fields.get(name) or ({"type": kind["additionalProperties"], "flags": 0} if "additionalProperties" in kind else None)
        if field is None or field["flags"] & 2:
            yield f"does not take {name}"
        else:
            yield from _misfits(held, held[int(field["type"]["$ref"][2:])], inner)


def test_the_comparison_sees_what_azure_would_refuse() -> None:
    held: list[dict[str, Any]] = [
        {"$type": "BooleanType"},
        {"$type": "StringLiteralType", "value": "TLS1_2"},
        {"$type": "ObjectType", "properties": {"a": {"type": {"$ref": "#/0"}, "flags": 1}, "b": {"type": {"$ref": "#/1"}, "flags": 2}}},
    ]
    assert list(_misfits(held, held[2], {"a": "true", "c": 1})) == ["'true' is no BooleanType", "does not take c"]
    assert list(_misfits(held, held[2], {"b": "TLS1_2"})) == ["misses a", "does not take b"]
    assert list(_misfits(held, held[1], "TLS1_0")) == ["'TLS1_0' is not 'TLS1_2'"]


def test_the_settings_in_the_guide_are_taken() -> None:
    page = (ROOT / "docs/guides/bootstrap.md").read_text("utf-8")
    settings = BootstrapSettings.model_validate(tomllib.loads(page.split("```toml\n")[1].split("```")[0]))
    assert settings.github
    assert [t.name for t in settings.trust] == ["azure-devops"]
    assert settings.keep_days == BootstrapSettings.model_fields["keep_days"].default


def test_every_role_says_why_and_where() -> None:
    assert [(g["role"], g["on"]) for g in facts()["grant"] if g["why"]] == [
        ("Storage Blob Data Contributor", "container"),
        ("Key Vault Crypto User", "key"),
    ]


def _unless(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "console", "bootstrap", *arguments]
    return subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)


def test_the_command_writes_the_template_and_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "bootstrap.toml").write_text(SETTINGS, "utf-8")
    ended = _unless("--output", "a file; of ours.json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads((tmp_path / "a file; of ours.json").read_text("utf-8")) == template_of(_settings())
    assert "az deployment sub create --confirm-with-what-if " in ended.stdout
    assert "--template-file 'a file; of ours.json'" in ended.stdout
    assert "pulumi login 'azblob://pulumi-state?storage_account=stexbpulumi'" in ended.stdout
    assert "--secrets-provider azurekeyvault://kv-exb-pulumi.vault.azure.net/keys/pulumi" in ended.stdout
    assert json.loads((tmp_path / "bootstrap.access.json").read_text("utf-8")) == access_of(_settings())
    assert "az deployment mg create --confirm-with-what-if --name cloud-unless-access-exb --management-group-id bbbbbbbb-" in ended.stdout


def test_what_is_wrong_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    ended = _unless(folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("bootstrap.toml is not there.")
    (tmp_path / "bootstrap.toml").write_text(SETTINGS.replace("exb", "E X B"), "utf-8")
    ended = _unless(folder=tmp_path)
    assert ended.returncode == 1
    assert all(f"bootstrap.toml, key {k}: " in ended.stderr for k in ("council", "storage_account", "key_vault"))
    assert [p.name for p in tmp_path.iterdir()] == ["bootstrap.toml"]


def _workflow(**changed: Any) -> dict[str, Any]:
    text = workflow_of(_settings(**changed))
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
        _settings(github={"repository": "exampleborough/cloud", "environment": name})


def test_no_workflow_is_made_for_whom_nobody_trusts(tmp_path: Path) -> None:
    assert workflow_of(_settings(github=None)) is None
    (tmp_path / "bootstrap.toml").write_text(SETTINGS.replace('[github]\nrepository = "exampleborough/cloud"\n', ""), "utf-8")
    assert _unless(folder=tmp_path).returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bootstrap.access.json", "bootstrap.template.json", "bootstrap.toml"]


def test_an_edited_workflow_is_written_over_only_when_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "bootstrap.toml").write_text(SETTINGS, "utf-8")
    edited = tmp_path / "landing-zone.github.yml"
    edited.write_text("ours", "utf-8")
    refused = _unless(folder=tmp_path)
    assert refused.returncode == 1
    assert "Say --replace" in refused.stderr
    assert edited.read_text("utf-8") == "ours"
    assert not (tmp_path / "bootstrap.template.json").exists()
    assert _unless("--replace", folder=tmp_path).returncode == 0
    assert edited.read_text("utf-8") == workflow_of(_settings())
    assert _unless(folder=tmp_path).returncode == 0


def test_each_action_is_pinned_by_a_commit_with_its_version_beside_it() -> None:
    text = workflow_of(_settings())
    assert text
    used = [line for line in text.splitlines() if "uses:" in line]
    assert len(used) == 9
    assert [line for line in used if not re.search(r"uses: [a-z/-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$", line)] == []


CONNECTIONS = {"preview_connection": "azure-preview", "up_connection": "azure-up", "environment": "live"}


def _azure_pipeline() -> dict[str, Any]:
    text = azure_devops_of(_settings(azure_devops=CONNECTIONS))
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


def _az(folder: Path, tenant: str, *, shown: int = 0, created: int = 0) -> Path:
    """An `az` that notes what it was asked, and answers as the Azure CLI does: the tenant on a line of its own, or an exit code."""
    made = folder / "az"
    made.write_text(
        f"""#!/bin/sh
printf '%s\\n' "$*" >> {folder}/asked
if [ "$1" = account ]; then [ {shown} -eq 0 ] && echo {tenant}; exit {shown}; fi
exit {created}
""",
        "utf-8",
    )
    made.chmod(0o755)
    return made.parent


def _applied(folder: Path, *arguments: str, az: Path | None) -> subprocess.CompletedProcess[str]:
    (folder / "bootstrap.toml").write_text(SETTINGS, "utf-8")
    command = [sys.executable, "-m", "console", "bootstrap", *arguments]
    path = {"PATH": str(az) if az else str(folder / "nothing"), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=os.environ | path, capture_output=True, text=True, check=False)


TENANT = "bbbbbbbb-0000-4000-8000-0000000000bb"
SUBSCRIPTION = "aaaaaaaa-0000-4000-8000-0000000000aa"


@pytest.mark.parametrize(
    ("part", "asked"),
    [
        ("state", f"deployment sub create --confirm-with-what-if --name cloud-unless-bootstrap --subscription {SUBSCRIPTION}"),
        ("access", f"deployment mg create --confirm-with-what-if --name cloud-unless-access-exb --management-group-id {TENANT}"),
    ],
)
def test_apply_has_the_azure_cli_show_ask_and_do_one_part(tmp_path: Path, part: str, asked: str) -> None:
    ours = tmp_path / "bin"
    ours.mkdir()
    ended = _applied(tmp_path, "--apply", part, az=_az(ours, TENANT.upper()))
    assert ended.returncode == 0, ended.stderr
    first, second = (ours / "asked").read_text("utf-8").splitlines()
    assert first == "account show --query tenantId --output tsv"
    assert second.startswith(f"{asked} --location uksouth --template-file bootstrap.")


@pytest.mark.parametrize(
    ("tenant", "shown", "said"),
    [("cccccccc-0000-4000-8000-0000000000cc", 0, "signed in to another tenant"), ("", 1, "Nobody is signed in")],
)
def test_apply_does_nothing_for_somebody_who_is_signed_in_elsewhere_or_not_at_all(
    tmp_path: Path, tenant: str, shown: int, said: str
) -> None:
    ours = tmp_path / "bin"
    ours.mkdir()
    ended = _applied(tmp_path, "--apply", "state", az=_az(ours, tenant, shown=shown))
    assert ended.returncode == 1
    assert said in ended.stderr
    assert f"az login --tenant {TENANT}" in ended.stderr
    assert len((ours / "asked").read_text("utf-8").splitlines()) == 1


def test_apply_says_when_the_azure_cli_fails_or_is_not_there(tmp_path: Path) -> None:
    ours = tmp_path / "bin"
    ours.mkdir()
    failed = _applied(tmp_path, "--apply", "state", az=_az(ours, TENANT, created=3))
    assert failed.returncode == 1
    assert "The Azure CLI ended with 3" in failed.stderr
    absent = _applied(tmp_path, "--apply", "state", az=None)
    assert absent.returncode == 1
    assert "The Azure CLI (az) is not on PATH." in absent.stderr
    assert _applied(tmp_path, "--apply", "state", "--json", az=None).returncode == 2
    assert "Traceback" not in failed.stderr + absent.stderr
