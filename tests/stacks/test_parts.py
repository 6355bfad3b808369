"""What requests ask for besides servers, databases and shares: one of each kind, rehearsed upon the landing zone."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from policies.check import check
from policies.model import Verdict
from rehearsal import rehearse
from tests.stacks.rehearsed import PARTS, ROOT, Rehearsed

pytestmark = pytest.mark.xdist_group("stacks")


def _named(parts: Rehearsed, type_: str) -> dict[str, dict[str, Any]]:
    """Inputs of one type's resources by their logical name."""
    return {s["urn"].rsplit("::", 1)[-1]: s["inputs"] for s in parts.of(f"azure-native:{type_}")}


def _doors(parts: Rehearsed) -> set[tuple[str, str]]:
    """What private endpoints lead to: the last part of the id, and the sub-resource."""
    connections = [c for e in parts.inputs("azure-native:network:PrivateEndpoint") for c in e["privateLinkServiceConnections"]]
    return {(c["privateLinkServiceId"].rsplit("/", 1)[-1], c["groupIds"][0]) for c in connections}


def test_no_storage_account_is_open_whatever_it_is_for(parts: Rehearsed) -> None:
    accounts = _named(parts, "storage:StorageAccount")
    assert set(accounts) == {
        "records-account",
        "rec-scans-account",
        "rec-minutes-account",
        "plan-exchange-account",
        "portal-intake-account",
    }
    for account in accounts.values():
        assert (account["publicNetworkAccess"], account["minimumTlsVersion"]) == ("Disabled", "TLS1_2")
        assert account["networkRuleSet"]["defaultAction"] == "Deny"
        assert account["allowBlobPublicAccess"] is account["allowSharedKeyAccess"] is False
        assert account["enableHttpsTrafficOnly"] is account["encryption"]["requireInfrastructureEncryption"] is True
    open_to_others = {name for name, a in accounts.items() if a["allowCrossTenantReplication"]}
    assert open_to_others == {"rec-scans-account"}  # it asks for vaulted, by an exception


def test_blobs_come_back_and_immutable_ones_stay(parts: Rehearsed) -> None:
    services = _named(parts, "storage:BlobServiceProperties")
    scans, minutes = services["rec-scans-blob-service"], services["rec-minutes-blob-service"]
    assert scans["isVersioningEnabled"] is minutes["isVersioningEnabled"] is True
    assert scans["restorePolicy"] == {"enabled": True, "days": 30}
    assert scans["deleteRetentionPolicy"]["days"] > scans["restorePolicy"]["days"]
    assert "restorePolicy" not in minutes
    policy = _named(parts, "storage:BlobContainerImmutabilityPolicy")
    assert [p["immutabilityPeriodSinceCreationInDays"] for p in policy.values()] == [3650]
    rules = _named(parts, "storage:ManagementPolicy")["rec-scans-lifecycle"]["policy"]["rules"]
    actions = rules[0]["definition"]["actions"]["baseBlob"]
    assert actions["tierToCool"]["daysAfterModificationGreaterThan"] == 90
    assert actions["delete"]["daysAfterModificationGreaterThan"] == 2555


def test_own_keys_encrypt_what_is_stored_and_one_identity_may_use_them(parts: Rehearsed) -> None:
    accounts = _named(parts, "storage:StorageAccount")
    sealed = {name for name, a in accounts.items() if a["encryption"]["keySource"] == "Microsoft.Keyvault"}
    assert sealed == {"records-account", "rec-scans-account", "rec-minutes-account"}
    held = accounts["rec-scans-account"]["encryption"]
    assert held["keyVaultProperties"]["keyName"] == "key-exb-records-uks"
    assert "keyVersion" not in held["keyVaultProperties"]
    identity = parts.of("azure-native:managedidentity:UserAssignedIdentity")
    own = next(s["id"] for s in identity if s["urn"].endswith("records-key-identity"))
    assert held["encryptionIdentity"]["encryptionUserAssignedIdentity"] == own
    key = _named(parts, "keyvault:Key")["records-own-key"]["properties"]
    assert (key["kty"], key["keySize"], key["keyOps"]) == ("RSA", 3072, ["wrapKey", "unwrapKey"])
    assert key["rotationPolicy"]["lifetimeActions"][0]["action"]["type"] == "rotate"


def test_own_keys_encrypt_the_disks_of_machines_too(parts: Rehearsed) -> None:
    sets = parts.of("azure-native:compute:DiskEncryptionSet")
    assert [s["inputs"]["encryptionType"] for s in sets] == ["EncryptionAtRestWithPlatformAndCustomerKeys"]
    assert sets[0]["inputs"]["rotationToLatestKeyVersionEnabled"] is True
    system = _named(parts, "compute:VirtualMachine")["rec-app-machine"]["storageProfile"]["osDisk"]["managedDisk"]
    assert system["diskEncryptionSet"]["id"] == sets[0]["id"]
    assert _named(parts, "compute:Disk")["rec-app-data-0"]["encryption"]["diskEncryptionSetId"] == sets[0]["id"]
    others = [m for name, m in _named(parts, "compute:VirtualMachine").items() if not name.startswith("rec-")]
    assert not [m for m in others if "diskEncryptionSet" in m["storageProfile"]["osDisk"]["managedDisk"]]


def test_shares_blobs_and_databases_are_copied_out_of_reach(parts: Rehearsed) -> None:
    policies = _named(parts, "recoveryservices:ProtectionPolicy")
    shares = policies["records-shares-policy"]["properties"]
    assert shares["schedulePolicy"]["scheduleRunFrequency"] == "Daily"
    kept = shares["vaultRetentionPolicy"]["vaultRetention"]
    assert kept["dailySchedule"]["retentionDuration"] == {"count": 30, "durationType": "Days"}
    instances = _named(parts, "dataprotection:BackupInstance")
    assert set(instances) == {"rec-scans-backup", "portal-pg-backup"}
    chosen = instances["rec-scans-backup"]["properties"]["policyInfo"]["policyParameters"]["backupDatasourceParametersList"][0]
    assert chosen["containersList"] == ["planning", "licensing"]
    for vault in parts.inputs("azure-native:dataprotection:BackupVault"):
        security = vault["properties"]["securitySettings"]
        assert security["softDeleteSettings"]["state"] == "AlwaysOn"
        assert security["immutabilitySettings"]["state"] == "Unlocked"


def test_sftp_takes_keys_alone_and_shows_each_user_its_own_folder(parts: Rehearsed) -> None:
    account = _named(parts, "storage:StorageAccount")["plan-exchange-account"]
    assert account["isSftpEnabled"] is account["isHnsEnabled"] is account["isLocalUserEnabled"] is True
    users = {u["username"]: u for u in parts.inputs("azure-native:storage:LocalUser")}
    for name, user in users.items():
        assert (user["hasSshKey"], user["hasSshPassword"], user["hasSharedKey"]) == (True, False, False)
        assert [s["resourceName"] for s in user["permissionScopes"]] == [name] == [user["homeDirectory"]]
    assert users["surveyors"]["permissionScopes"][0]["permissions"] == "cwl"
    assert users["auditors"]["permissionScopes"][0]["permissions"] == "rl"


def test_web_applications_are_private_and_know_no_passwords(parts: Rehearsed) -> None:
    apps = {**_named(parts, "web:WebApp"), **_named(parts, "web:WebAppSlot")}
    assert set(apps) == {"portal-web-app", "portal-web-slot", "portal-intake-app"}
    for app in apps.values():
        assert app["httpsOnly"] is app["endToEndEncryptionEnabled"] is True
        assert app["publicNetworkAccess"] == "Disabled"
        assert app["identity"]["type"] == "SystemAssigned"
        assert app["outboundVnetRouting"] == {"allTraffic": True}
        assert app["virtualNetworkSubnetId"].endswith("/subnets/web")
        config = app["siteConfig"]
        assert (config["minTlsVersion"], config["scmMinTlsVersion"], config["ftpsState"]) == ("1.2", "1.2", "Disabled")
        assert config["remoteDebuggingEnabled"] is False
    for type_, count in (("FtpAllowed", 2), ("ScmAllowed", 2), ("FtpAllowedSlot", 1), ("ScmAllowedSlot", 1)):
        assert [a["allow"] for a in parts.inputs(f"azure-native:web:WebApp{type_}")] == [False] * count, type_
    plans = _named(parts, "web:AppServicePlan")
    assert all(p["zoneRedundant"] is True and p["sku"]["capacity"] == 2 for p in plans.values())
    assert apps["portal-web-app"]["siteConfig"]["linuxFxVersion"] == "PYTHON|3.13"


def test_a_function_reaches_its_own_storage_by_its_identity(parts: Rehearsed) -> None:
    app = _named(parts, "web:WebApp")["portal-intake-app"]
    settings = {s["name"]: s["value"] for s in app["siteConfig"]["appSettings"]}
    account = _named(parts, "storage:StorageAccount")["portal-intake-account"]["accountName"]
    assert settings["AzureWebJobsStorage__accountName"] == account
    assert not [name for name in settings if "connection" in name.lower() or "key" in name.lower()]
    assert {part for name, part in _doors(parts) if name == account} == {"blob", "queue", "table"}


def test_containers_have_no_address_on_the_internet_and_pull_by_identity(parts: Rehearsed) -> None:
    environment = parts.inputs("azure-native:app:ManagedEnvironment")[0]
    assert environment["publicNetworkAccess"] == "Disabled"
    assert environment["vnetConfiguration"]["internal"] is True
    assert environment["zoneRedundant"] is environment["peerTrafficConfiguration"]["encryption"]["enabled"] is True
    registry = parts.inputs("azure-native:containerregistry:Registry")[0]
    assert (registry["publicNetworkAccess"], registry["sku"]["name"]) == ("Disabled", "Premium")
    assert registry["adminUserEnabled"] is registry["anonymousPullEnabled"] is False
    containers = _named(parts, "app:ContainerApp")
    assert set(containers) == {"portal-forms-container"}  # the other has no image yet
    held = containers["portal-forms-container"]
    assert held["configuration"]["ingress"]["allowInsecure"] is False
    assert held["configuration"]["registries"][0]["identity"] == held["identity"]["userAssignedIdentities"][0]
    assert held["template"]["scale"]["minReplicas"] == 2
    assert held["template"]["containers"][0]["resources"] == {"cpu": 0.5, "memory": "1Gi"}


def test_a_set_shares_out_its_ports_inside_the_network(parts: Rehearsed) -> None:
    balancers = parts.of("azure-native:network:LoadBalancer")
    assert len(balancers) == 1  # the other set has no ports
    balancer = balancers[0]["inputs"]
    assert [r["frontendPort"] for r in balancer["loadBalancingRules"]] == [443, 8443]
    front = balancer["frontendIPConfigurations"][0]
    assert "publicIPAddress" not in front
    assert front["zones"] == ["1", "2", "3"]
    rule = balancer["loadBalancingRules"][0]
    assert rule["probe"]["id"] == f"{balancers[0]['id']}/probes/port-443"
    sets = _named(parts, "compute:VirtualMachineScaleSet")
    profile = sets["plan-app-set"]["virtualMachineProfile"]
    pool = profile["networkProfile"]["networkInterfaceConfigurations"][0]["ipConfigurations"][0]
    assert pool["loadBalancerBackendAddressPools"] == [{"id": f"{balancers[0]['id']}/backendAddressPools/machines"}]
    assert "publicIPAddressConfiguration" not in pool


def test_machines_of_a_set_are_as_secure_as_single_ones(parts: Rehearsed) -> None:
    sets = _named(parts, "compute:VirtualMachineScaleSet")
    assert {name: s["sku"]["capacity"] for name, s in sets.items()} == {"plan-app-set": 3, "plan-batch-set": 2}
    for held in sets.values():
        assert (held["orchestrationMode"], held["zones"]) == ("Flexible", ["1", "2", "3"])
        security = held["virtualMachineProfile"]["securityProfile"]
        assert (security["securityType"], security["encryptionAtHost"]) == ("TrustedLaunch", True)
    linux = sets["plan-batch-set"]["virtualMachineProfile"]["osProfile"]
    assert linux["linuxConfiguration"]["disablePasswordAuthentication"] is True
    assert len(sets["plan-app-set"]["virtualMachineProfile"]["osProfile"]["computerNamePrefix"]) <= 9


def test_desktops_are_reached_by_private_doors_and_backed_up(parts: Rehearsed) -> None:
    for pool in parts.inputs("azure-native:desktopvirtualization:HostPool"):
        assert pool["publicNetworkAccess"] == "Disabled"
        assert "redirectclipboard:i:0" in pool["customRdpProperty"]
        assert "registrationInfo" not in pool
    assert {part for _, part in _doors(parts)} >= {"connection", "feed"}
    extensions = _named(parts, "compute:VirtualMachineExtension")
    assert set(extensions) == {"plan-desks-1-entra", "plan-desks-2-entra", "plan-cad-1-entra"}
    protected = set(_named(parts, "recoveryservices:ProtectedItem"))
    assert protected >= {"plan-desks-1-protected", "plan-desks-2-protected", "plan-cad-1-protected"}
    desktops = [m for name, m in _named(parts, "compute:VirtualMachine").items() if name.startswith("plan-")]
    assert [m["licenseType"] for m in desktops] == ["Windows_Client"] * 3


def test_volumes_are_mounted_from_their_own_network_alone(parts: Rehearsed) -> None:
    volume = parts.inputs("azure-native:netapp:CapacityPoolVolume")[0]
    rule = volume["exportPolicy"]["rules"][0]
    networks = {n["virtualNetworkName"]: n for n in parts.inputs("azure-native:network:VirtualNetwork")}
    own = next(n for name, n in networks.items() if "planning" in name)
    assert [rule["allowedClients"]] == own["addressSpace"]["addressPrefixes"]
    assert (rule["nfsv41"], rule["nfsv3"], rule["hasRootAccess"]) == (True, False, False)
    assert volume["dataProtection"]["snapshot"]["snapshotPolicyId"] == parts.of("azure-native:netapp:SnapshotPolicy")[0]["id"]
    kept = volume["dataProtection"]["backup"]
    assert kept["backupVaultId"] == parts.of("azure-native:netapp:BackupVault")[0]["id"]
    assert parts.inputs("azure-native:netapp:BackupPolicy")[0]["dailyBackupsToKeep"] == 35
    assert parts.inputs("azure-native:netapp:CapacityPool")[0]["size"] == 3 * 2**40


def test_api_management_is_closed_once_it_stands(parts: Rehearsed) -> None:
    service = parts.inputs("azure-native:apimanagement:ApiManagementService")[0]
    assert service["publicNetworkAccess"] == "Enabled"
    assert set(service["customProperties"].values()) == {"False"}
    assert any("portal-api answers the internet" in s for s in parts.outputs["shortfalls"])
    assert (service["serviceName"], "Gateway") in _doors(parts)


def test_services_that_need_a_subnet_have_it_to_themselves(parts: Rehearsed) -> None:
    networks = {n["virtualNetworkName"]: n for n in parts.inputs("azure-native:network:VirtualNetwork")}
    portal = next(n for name, n in networks.items() if "portal" in name)
    subnets = {s["name"]: s for s in portal["subnets"]}
    assert set(subnets) == {"servers", "private-endpoints", "containers", "apis", "web"}
    delegated = {name: s["delegations"][0]["serviceName"] for name, s in subnets.items() if "delegations" in s}
    assert delegated == {
        "containers": "Microsoft.App/environments",
        "apis": "Microsoft.Web/serverFarms",
        "web": "Microsoft.Web/serverFarms",
    }
    assert all(s["networkSecurityGroup"]["id"] and s["routeTable"]["id"] for s in subnets.values())


def test_identities_of_services_get_named_roles_and_nothing_on_a_whole_group_but_reading(parts: Rehearsed) -> None:
    roles = parts.inputs("azure-native:authorization:RoleAssignment")
    on_groups = [r["roleDefinitionId"].rsplit("/", 1)[-1] for r in roles if r["scope"].count("/") == 4]
    assert set(on_groups) == {"acdd72a7-3385-48ef-bd42-f606fba81ae7"}  # Reader
    assert {r["principalType"] for r in roles} == {"ServicePrincipal", "Group"}


def test_nothing_has_a_public_address_and_no_secret_stands_in_plain_text(parts: Rehearsed) -> None:
    assert parts.of("azure-native:network:PublicIPAddress") == []
    assert "Aa1-" not in parts.state.read_text("utf-8") + json.dumps(parts.preview.to_json(), default=str)


def test_golden_rules_object_only_to_what_an_exception_must_allow(parts: Rehearsed) -> None:
    """Advice, which costs money, a second person or another tier, is the council's to weigh."""
    judged = check([(parts.state, "parts")], None, date(2026, 11, 24))
    failing = {(j.control.id, j.subject.name) for j in judged.judgements if j.answer.verdict is Verdict.FAIL and j.control.mandatory}
    assert failing == {("storage-denies-copies-to-other-tenants", "rec-scans-account")}
    assert not [j for j in judged.judgements if j.blocks and j.answer.verdict is Verdict.UNKNOWN]


def test_a_second_rehearsal_changes_nothing(parts: Rehearsed) -> None:
    again = rehearse(ROOT, "workloads", parts.state, config=PARTS)
    assert {s.op for s in again.steps} <= {"same", "read"}
