"""A key of the council's own for databases: where they can have one, and said where they cannot."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from policies.check import check
from policies.model import Verdict
from policies.schema.judge import judge_types
from policies.schema.type_files import TypeFiles
from rehearsal import Preview, rehearse
from stacks.components.flexible_servers import takes_own_key
from tests.stacks.rehearsed import ROOT, Rehearsed
from tests.stacks.test_arm_types import previewed, wrong

pytestmark = pytest.mark.xdist_group("stacks")
CONFIG = {"requests": "tests/cases/stacks-requests/own-keys", "mysql_password": "only-for-rehearsal-0123"}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, platform: Rehearsed) -> Rehearsed:
    """A workload whose databases are to be encrypted by the council's key, upon the landing zone."""
    beside = tmp_path_factory.mktemp("own-keys")
    (beside / platform.state.name).write_bytes(platform.state.read_bytes())
    state = beside / "workloads.json"
    return Rehearsed(rehearse(ROOT, "workloads", state, config=CONFIG), state)


def _identity(sealed: Rehearsed) -> str:
    return next(s["id"] for s in sealed.of("azure-native:managedidentity:UserAssignedIdentity") if s["urn"].endswith("ledger-key-identity"))


def _outputs(sealed: Rehearsed) -> dict[str, Any]:
    return sealed.of("azure-native:keyvault:Key")[0]["outputs"]


def test_azure_sql_is_encrypted_by_the_key_and_follows_its_versions(sealed: Rehearsed) -> None:
    server = sealed.inputs("azure-native:sql:Server")[0]
    assert server["identity"] == {"type": "SystemAssigned,UserAssigned", "userAssignedIdentities": [_identity(sealed)]}
    assert server["primaryUserAssignedIdentityId"] == _identity(sealed)
    held = sealed.inputs("azure-native:sql:ServerKey")[0]
    vault = sealed.inputs("azure-native:keyvault:Vault")[0]["vaultName"]
    uri = _outputs(sealed)["keyUriWithVersion"]
    assert held["uri"] == uri
    assert held["keyName"] == f"{vault}_key-exb-ledger-uks_{uri.rsplit('/', 1)[-1]}"
    protector = sealed.inputs("azure-native:sql:EncryptionProtector")[0]
    assert (protector["serverKeyType"], protector["serverKeyName"]) == ("AzureKeyVault", held["keyName"])
    assert protector["autoRotationEnabled"] is True


def test_postgresql_is_encrypted_by_the_key_without_a_version(sealed: Rehearsed) -> None:
    server = sealed.inputs("azure-native:dbforpostgresql:Server")[0]
    assert server["dataEncryption"] == {
        "type": "AzureKeyVault",
        "primaryKeyURI": _outputs(sealed)["keyUri"],
        "primaryUserAssignedIdentityId": _identity(sealed),
    }
    assert server["identity"] == {"type": "UserAssigned", "userAssignedIdentities": {_identity(sealed): {}}}


def test_nothing_is_encrypted_before_the_identity_may_use_the_key(sealed: Rehearsed) -> None:
    grant = next(s["urn"] for s in sealed.of("azure-native:authorization:RoleAssignment") if s["urn"].endswith("ledger-uses-key-access"))
    waiting = [*sealed.of("azure-native:sql:ServerKey"), *sealed.of("azure-native:dbforpostgresql:Server")]
    assert [grant in s["dependencies"] for s in waiting] == [True, True]
    properties = sealed.inputs("azure-native:keyvault:Vault")[0]["properties"]
    assert properties["enablePurgeProtection"] is properties["enableSoftDelete"] is True


def test_what_azures_keys_encrypt_is_said(sealed: Rehearsed) -> None:
    assert "dataEncryption" not in sealed.inputs("azure-native:dbformysql:Server")[0]
    told = [s for s in sealed.outputs["shortfalls"] if "encrypted by Azure's keys" in s]
    assert told == [
        "ledger: led-my, led-scans are encrypted by Azure's keys and not by the council's own; see docs/guides/workload-components.md."
    ]


def test_the_control_sees_whose_keys_they_are(sealed: Rehearsed) -> None:
    judged = check([(sealed.state, "own-keys")], None, date(2026, 11, 24)).judgements
    mine = {j.subject.name: j.answer.verdict for j in judged if j.control.id == "databases-use-own-keys"}
    assert mine == {
        "led-sql-server": Verdict.PASS, "led-sql-protector": Verdict.PASS,
        "led-pg-server": Verdict.PASS, "led-my-server": Verdict.FAIL,
    }  # fmt: skip


def test_copies_of_postgresql_in_the_second_region_keep_azures_key() -> None:
    assert takes_own_key("postgresql", second_region=False)
    assert not takes_own_key("postgresql", second_region=True)
    assert takes_own_key("sql-database", second_region=True)
    assert not takes_own_key("sql-managed-instance", second_region=False)


def test_a_second_rehearsal_changes_nothing(sealed: Rehearsed) -> None:
    assert {s.op for s in rehearse(ROOT, "workloads", sealed.state, config=CONFIG).steps} <= {"same", "read"}


def test_what_is_sent_fits_azures_own_types(files: TypeFiles, sealed: Rehearsed) -> None:
    assert wrong(judge_types(previewed(sealed), files, is_all=True)) == []


def test_sealed_databases_go_with_their_key(sealed: Rehearsed, tmp_path: Path) -> None:
    for file in sealed.state.parent.iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    folder = tmp_path / "requests"
    folder.mkdir()
    text = (ROOT / CONFIG["requests"] / "ledger.toml").read_text("utf-8")
    seen: dict[str, Preview] = {}
    for state in ("decommissioning", "gone"):
        said = f'own_key = true\nstate = "{state}"\ndecommission_on = 2027-03-31\n'
        (folder / "ledger.toml").write_text(text.replace("own_key = true\n", said), "utf-8")
        seen[state] = rehearse(ROOT, "workloads", tmp_path / "workloads.json", config={**CONFIG, "requests": str(folder)}, most=100)
    deleted = {s.urn for s in seen["gone"].steps if s.op == "delete"}
    left = [s.new["type"].removeprefix("azure-native:") for s in seen["gone"].steps if s.new and s.urn not in deleted]
    assert [t for t in left if t.startswith(("sql:", "dbforpostgresql:", "keyvault:", "network:"))] == []
