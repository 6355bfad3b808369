"""The template of the first day: closed unless somebody opened it, and as Azure's own types want it; and what is refused."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stacks.bootstrap import BootstrapSettings, access_of, read_settings, template_of, warnings_of
from stacks.bootstrap.deployer import roles_given
from stacks.bootstrap.template import facts, resources
from stacks.errors import StacksError
from tests.bootstrap.given import ROOT, SETTINGS, settings_with, unless

CASES = ROOT / "tests/cases/bootstrap-faults"
TYPES = ROOT / "../shared/data/bicep-types"


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
    settings = settings_with()
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
    settings = settings_with(network=network, addresses=["80.1.2.0/28"] if network == "listed" else [])
    for kind in ("Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"):
        made = _of(settings, kind)[0]["properties"]
        assert (made["publicNetworkAccess"], made["networkAcls"]["defaultAction"]) == (access, default)


def test_a_pull_request_may_preview_and_only_the_environment_may_go_up() -> None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
    trusted = {r["name"]: r["properties"]["subject"] for r in _of(settings_with(), kind)}
    assert trusted == {
        "id-exb-pulumi-preview/github-pull-request": "repo:exampleborough/cloud:pull_request",
        "id-exb-pulumi-up/github-environment": "repo:exampleborough/cloud:environment:production",
        "id-exb-pulumi-up/azure-devops": "sc://exampleborough/cloud/up",
    }
    assert _of(settings_with(github=None, trust=[]), kind) == []


def test_credentials_of_one_identity_are_written_one_after_the_other() -> None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
    last = next(r for r in _of(settings_with(), kind) if r["name"].endswith("azure-devops"))
    assert last["dependsOn"] == [f"[resourceId('{kind}', 'id-exb-pulumi-up', 'github-environment')]"]


def test_each_identity_gets_the_two_roles_on_the_narrowest_scope_and_no_other() -> None:
    grants = _of(settings_with(), "Microsoft.Authorization/roleAssignments")
    assert len(grants) == len({g["name"] for g in grants}) == 4
    scopes = {g["scope"] for g in grants}
    assert scopes == {
        "[resourceId('Microsoft.Storage/storageAccounts/blobServices/containers', 'stexbpulumi', 'default', 'pulumi-state')]",
        "[resourceId('Microsoft.KeyVault/vaults/keys', 'kv-exb-pulumi', 'pulumi')]",
    }
    assert {g["properties"]["principalType"] for g in grants} == {"ServicePrincipal"}


def test_everything_that_is_waited_for_is_made() -> None:
    made = resources(settings_with())
    ids = {
        f"[resourceId('{r['type']}', {', '.join(repr(n) for n in r['name'].split('/'))})]" for r in made if not r["name"].startswith("[")
    }
    assert {d for r in made for d in r.get("dependsOn", [])} <= ids


def test_the_same_settings_give_the_same_template() -> None:
    assert json.dumps(template_of(settings_with())) == json.dumps(template_of(settings_with()))
    assert len(resources(settings_with())) == 15


def _of_access(settings: BootstrapSettings) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """The role, the deployment within, and what that gives."""
    role, nested = access_of(settings)["resources"]
    return role, nested, nested["properties"]["template"]["resources"]


EVERY_RESOURCE = [*resources(settings_with()), _of_access(settings_with())[0], *_of_access(settings_with())[2]]


def test_the_role_of_up_is_defined_above_the_group_where_it_is_given() -> None:
    role, nested, given = _of_access(settings_with())
    above = "[tenantResourceId('Microsoft.Management/managementGroups', 'bbbbbbbb-0000-4000-8000-0000000000bb')]"
    assert role["properties"]["assignableScopes"] == [above]
    assert nested["scope"] == "Microsoft.Management/managementGroups/exb"
    assert nested["dependsOn"] == [given[1]["properties"]["roleDefinitionId"]]
    assert role["name"] in nested["dependsOn"][0]
    named = _of_access(settings_with(parent="councils"))[0]["properties"]["assignableScopes"]
    assert named == ["[tenantResourceId('Microsoft.Management/managementGroups', 'councils')]"]


def test_preview_reads_and_up_gives_only_the_roles_that_are_named() -> None:
    added = "749f88d5-cbae-40b8-bcfc-e573ddc772fa"
    preview, up = (g["properties"] for g in _of_access(settings_with(may_give=[added]))[2])
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
        return _of_access(settings_with(**changed))[0]["properties"]["permissions"][0]["actions"]

    assert "Microsoft.Sql/servers/*" not in permitted()
    assert "Microsoft.Sql/servers/*" in permitted(stacks=["landing-zone", "workloads"])
    assert not [
        a for a in permitted(stacks=["landing-zone", "workloads"]) if a.startswith("*") and a not in ("*/read", "*/register/action")
    ]


def test_names_of_access_are_the_same_each_time_and_another_councils_differ() -> None:
    ours, theirs = access_of(settings_with()), access_of(settings_with(council="wcc"))
    assert ours == access_of(settings_with())
    assert ours["resources"][0]["name"] != theirs["resources"][0]["name"]


def test_what_is_dangerous_or_unfinished_is_said() -> None:
    assert warnings_of(settings_with()) == ()
    strong = warnings_of(settings_with(may_give=["8e3af657-a8ff-443c-a75c-2fe8c4bcb635"]))
    assert len(strong) == 1
    assert "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" in strong[0]
    connections = {"preview_connection": "azure-preview", "up_connection": "azure-up"}
    assert ["preview" in w for w in warnings_of(settings_with(azure_devops=connections))] == [True]
    assert len(warnings_of(settings_with(azure_devops=connections, trust=[]))) == 2


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


def test_the_command_writes_the_template_and_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "bootstrap.toml").write_text(SETTINGS, "utf-8")
    ended = unless("--output", "a file; of ours.json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads((tmp_path / "a file; of ours.json").read_text("utf-8")) == template_of(settings_with())
    assert "az deployment sub create --confirm-with-what-if " in ended.stdout
    assert "--template-file 'a file; of ours.json'" in ended.stdout
    assert "pulumi login 'azblob://pulumi-state?storage_account=stexbpulumi'" in ended.stdout
    assert "--secrets-provider azurekeyvault://kv-exb-pulumi.vault.azure.net/keys/pulumi" in ended.stdout
    assert json.loads((tmp_path / "bootstrap.access.json").read_text("utf-8")) == access_of(settings_with())
    assert "az deployment mg create --confirm-with-what-if --name cloud-unless-access-exb --management-group-id bbbbbbbb-" in ended.stdout


def test_what_is_wrong_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    ended = unless(folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("bootstrap.toml is not there.")
    (tmp_path / "bootstrap.toml").write_text(SETTINGS.replace("exb", "E X B"), "utf-8")
    ended = unless(folder=tmp_path)
    assert ended.returncode == 1
    assert all(f"bootstrap.toml, key {k}: " in ended.stderr for k in ("council", "storage_account", "key_vault"))
    assert [p.name for p in tmp_path.iterdir()] == ["bootstrap.toml"]
