"""What carries messages: Service Bus, Event Hubs, Event Grid, Relay, SignalR, Web PubSub, IoT, bots and Communication Services."""

from __future__ import annotations

from typing import Final

from policies.answers import Judge, both, fails, passes
from policies.demands import by_type, flag_is, only_where, text_is, text_is_not
from policies.model import Answer, Control, GoldenRule, Portfolio, Severity, Subject
from policies.places import Place, at, same

_BUS: Final = "azure-native:servicebus:Namespace"
_HUB: Final = "azure-native:eventhub:Namespace"
_RULE_SETS: Final = ("azure-native:servicebus:NamespaceNetworkRuleSet", "azure-native:eventhub:NamespaceNetworkRuleSet")
_KEYS: Final = ("azure-native:servicebus:NamespaceAuthorizationRule", "azure-native:eventhub:NamespaceAuthorizationRule")
_TOPIC: Final = "azure-native:eventgrid:Topic"
_DOMAIN: Final = "azure-native:eventgrid:Domain"
_PARTNERS: Final = "azure-native:eventgrid:PartnerNamespace"
_GRID: Final = "azure-native:eventgrid:Namespace"
_LIVE: Final = ("azure-native:signalrservice:SignalR", "azure-native:webpubsub:WebPubSub")
_IOT: Final = "azure-native:iothub:IotHubResource"
_PROVISIONING: Final = "azure-native:deviceprovisioningservices:IotDpsResource"
_DEVICES: Final = ("azure-native:deviceupdate:Account", "azure-native:iotcentral:App", "azure-native:digitaltwins:DigitalTwin")
_BOT: Final = ("azure-native:botservice:Bot",)
_COMMUNICATION: Final = ("azure-native:communication:CommunicationService",)
_is_closed: Judge = text_is("publicNetworkAccess", "Disabled", default="Enabled")
_is_closed_inside: Judge = text_is("properties.publicNetworkAccess", "Disabled", default="Enabled")
_takes_no_keys: Judge = flag_is("disableLocalAuth", wanted=True, default=False)
_encrypts_twice: Judge = flag_is("encryption.requireInfrastructureEncryption", wanted=True, default=False)


def _is_premium(namespace: Place) -> bool:
    """Azure takes the tier from the name where only that is given."""
    return same(namespace.text("sku.tier") or namespace.text("sku.name"), "Premium")


def _stands_on_a_cluster(namespace: Place) -> bool:
    return namespace.has("clusterArmId")


def _is_the_root_rule(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policies a1817ec0-a368-432a-8057-8371e17ac6ee and b278e460-7cfc-4451-8294-cccc40a940d7: no rule but Azure's own."""
    path = "authorizationRuleName"
    name = at(subject).text(path, subject.name)
    if same(name, "RootManageSharedAccessKey"):
        return passes(f"{name} is the rule that Azure itself makes.", path)
    return fails(f"{name} hands out one more shared key of the whole namespace.", path)


def _answers_over_https(subject: Subject, _: Portfolio) -> Answer:
    """Azure Policy 6164527b-e1ee-4882-8673-572f425f5e0a: the endpoint begins with https://."""
    endpoint = at(subject).text("properties.endpoint")
    if endpoint.casefold().startswith("https://"):
        return passes(f"properties.endpoint is {endpoint}.", "properties.endpoint")
    return fails(f"properties.endpoint is {endpoint or 'not set'}; it must begin with https://.", "properties.endpoint")


CONTROLS = (
    Control(
        id="message-queues-deny-shared-keys",
        title="Service Bus and Event Hubs take Entra identities, not shared keys",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_BUS, _HUB),
        # Azure Policies cfb11c26-f069-4c14-8e36-56c394dae5af and 5d4e3c65-4873-47be-94f3-6f8b953a3598: absent does not comply.
        judge=_takes_no_keys,
        remedy="Set disableLocalAuth to true and give senders and receivers roles.",
    ),
    Control(
        id="message-queues-add-no-shared-keys",
        title="Nobody adds shared keys to a namespace of Service Bus or Event Hubs",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_KEYS,
        judge=_is_the_root_rule,
        remedy="Remove the rule and give whoever uses it a role; where keys must be, make a rule of one queue or hub.",
    ),
    Control(
        id="message-queues-deny-public-access",
        title="Service Bus, Event Hubs, Relay and Notification Hubs are closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_BUS, _HUB, *_RULE_SETS, "azure-native:relay:Namespace", "azure-native:notificationhubs:Namespace"),
        # Azure Policies cbd11fd3-3002-4907-b6c8-579f0e700e13 and 0602787f-9896-402a-a6e1-39ee63ee435e: absent does not comply.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach the namespace by a private endpoint.",
    ),
    Control(
        id="message-queues-require-tls-1-2",
        title="Service Bus and Event Hubs refuse TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_BUS, _HUB),
        # Microsoft.ServiceBus reference (SDK 3.29.0): minimumTlsVersion is what a namespace is told to support at least; absent it is none.
        judge=text_is("minimumTlsVersion", "1.2", "1.3", default="none"),
        remedy="Set minimumTlsVersion to 1.2.",
    ),
    Control(
        id="message-queues-encrypt-twice",
        title="Namespaces that can encrypt twice do",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_BUS, _HUB),
        # Azure Policies ebaf4f25-a4e8-415f-86a8-42d9155bef0b and 836cd60e-87f3-4e6a-a27c-29d687f01a4c: anything but true does not comply.
        judge=by_type(
            {
                _BUS: only_where(_is_premium, "Only premium namespaces can.", _encrypts_twice),
                _HUB: only_where(_stands_on_a_cluster, "Only namespaces of a cluster can.", _encrypts_twice),
            }
        ),
        remedy="Set encryption.requireInfrastructureEncryption to true when the namespace is made.",
        mandatory=False,
    ),
    Control(
        id="event-grid-denies-shared-keys",
        title="Event Grid takes Entra identities, not shared keys",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_TOPIC, _DOMAIN, _PARTNERS),
        # Microsoft.EventGrid reference (SDK 3.29.0): "Default value is false".
        judge=_takes_no_keys,
        remedy="Set disableLocalAuth to true and give publishers roles.",
    ),
    Control(
        id="event-grid-denies-public-access",
        title="Event Grid is closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_TOPIC, _DOMAIN, _GRID, _PARTNERS),
        # Microsoft.EventGrid reference (SDK 3.29.0): "By default it is enabled".
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled and reach it by a private endpoint.",
    ),
    Control(
        id="event-grid-requires-tls-1-2",
        title="Event Grid refuses TLS older than 1.2",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_TOPIC, _DOMAIN, _GRID, _PARTNERS),
        # Microsoft.EventGrid reference (SDK 3.29.0): the "Minimum TLS version of the publisher allowed"; absent none is asked for.
        judge=text_is("minimumTlsVersionAllowed", "1.2", default="none"),
        remedy="Set minimumTlsVersionAllowed to 1.2.",
    ),
    Control(
        id="live-connections-deny-public-access",
        title="SignalR and Web PubSub are closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_LIVE,
        # Azure Policies 21a9766a-82a5-4747-abb5-650b6dbba6d0 and bf45113f-264e-4a87-88f9-29ac8a0aca6a; reference: Enabled by default.
        judge=_is_closed,
        remedy="Set publicNetworkAccess to Disabled, with a private endpoint behind a gateway.",
        mandatory=False,
    ),
    Control(
        id="live-connections-deny-shared-keys",
        title="SignalR and Web PubSub take Entra identities, not shared keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_LIVE,
        # Microsoft.SignalRService reference (SDK 3.29.0): keys work unless it is true.
        judge=_takes_no_keys,
        remedy="Set disableLocalAuth to true and give servers roles.",
    ),
    Control(
        id="live-connections-can-be-private",
        title="SignalR and Web PubSub are of a tier that takes private endpoints",
        severity=Severity.LOW,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_LIVE,
        # Azure Policies 464a1620-21b5-448d-8ce6-d4ac6d1bc49a and 82909236-25f3-46a6-841c-fe1020f95ae1: only the tier Free fails,
        # which is that of the name Free_F1.
        judge=both(text_is_not("sku.tier", "Free", default="Standard"), text_is_not("sku.name", "Free_F1", default="Standard_S1")),
        remedy="Choose a SKU of tier Standard or Premium.",
        mandatory=False,
    ),
    Control(
        id="device-services-deny-public-access",
        title="IoT Hub, its provisioning service and their like are closed to the public network",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_IOT, _PROVISIONING, *_DEVICES),
        # Azure Policies 2d6830fb-07eb-48e7-8c4d-2a442b35f0fb, d82101f3-f3ce-4fc5-8708-4c09f4009546,
        # 510ec8b2-cb9e-461d-b7f3-6b8678c31182 and cd870362-211d-4cad-9ad9-11e5ea4ebbc1: anything but Disabled does not comply.
        judge=by_type({_IOT: _is_closed_inside, _PROVISIONING: _is_closed_inside, **dict.fromkeys(_DEVICES, _is_closed)}),
        remedy="Set publicNetworkAccess to Disabled and reach it by a private endpoint.",
        mandatory=False,
    ),
    Control(
        id="iot-hubs-deny-shared-keys",
        title="Whoever runs an IoT Hub signs in by Entra, not by a shared key",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_IOT,),
        # Microsoft.Devices reference (SDK 3.29.0): keys of the hub work unless it is true.
        judge=flag_is("properties.disableLocalAuth", wanted=True, default=False),
        remedy="Set properties.disableLocalAuth to true and give services roles.",
    ),
    Control(
        id="iot-hubs-require-tls-1-2",
        title="IoT Hubs refuse TLS older than 1.2",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=(_IOT,),
        # Microsoft.Devices reference (SDK 3.29.0): it "Can be set to 1.2 to have clients that use a TLS version below 1.2 to be rejected".
        judge=text_is("properties.minTlsVersion", "1.2", default="none"),
        remedy="Set properties.minTlsVersion to 1.2 when the hub is made.",
    ),
    Control(
        id="bots-deny-public-access",
        title="Bots are closed to the public network",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BOT,
        # Azure Policy 5e8168db-69e3-4beb-9822-57cb59202a9d: anything but Disabled does not comply.
        judge=_is_closed_inside,
        remedy="Set properties.publicNetworkAccess to Disabled and use the channel for apps in your own network.",
        mandatory=False,
    ),
    Control(
        id="bots-answer-over-https",
        title="Bots are called over HTTPS",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BOT,
        judge=_answers_over_https,
        remedy="Set properties.endpoint to an address that begins with https://.",
    ),
    Control(
        id="bots-deny-shared-keys",
        title="Bots take Entra identities, not shared keys",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_BOT,
        # Microsoft.BotService reference (SDK 3.29.0): an opt-out, so absent keys work.
        judge=flag_is("properties.disableLocalAuth", wanted=True, default=False),
        remedy="Set properties.disableLocalAuth to true.",
    ),
    Control(
        id="communication-services-have-an-identity",
        title="Communication Services have an identity with which they sign in to other services",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_COMMUNICATION,
        # Azure Policy bcff6755-335b-484d-b435-d1161db39cdc: absent or None does not comply.
        judge=text_is_not("identity.type", "None", default="None"),
        remedy="Set identity.type to SystemAssigned.",
        mandatory=False,
    ),
)
