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

from stacks.bootstrap import BootstrapSettings, read_settings, template_of, workflow_of
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


@pytest.mark.parametrize("resource", resources(_settings()), ids=lambda r: f"{r['type'].split('/')[-1]}-{r['name'][:40]}")
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
    assert "--secrets-provider 'azurekeyvault://kv-exb-pulumi.vault.azure.net/keys/pulumi'" in ended.stdout


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
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bootstrap.template.json", "bootstrap.toml"]


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
