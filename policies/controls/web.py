"""Web apps and functions. Defaults are those of the Microsoft.Web REST reference."""

from __future__ import annotations

from policies.demands import flag_is, text_is
from policies.model import Control, GoldenRule, Severity

_APP = ("azure-native:web:WebApp", "azure-native:web:WebAppSlot")

CONTROLS = (
    Control(
        id="web-apps-require-https",
        title="Web apps answer over HTTPS only",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # Azure Policy a4af4a39-4135-47fb-b175-47fbdf85311d: absent counts as false.
        judge=flag_is("httpsOnly", wanted=True, default=False),
        remedy="Set httpsOnly to true.",
    ),
    Control(
        id="web-apps-require-tls-1-2",
        title="Web apps refuse TLS older than 1.2",
        severity=Severity.HIGH,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # App Service documentation: new apps require TLS 1.2 unless set.
        judge=text_is("siteConfig.minTlsVersion", "1.2", "1.3", default="1.2"),
        remedy="Set siteConfig.minTlsVersion to 1.2 or 1.3.",
    ),
    Control(
        id="web-apps-deny-plain-ftp",
        title="Web apps take no files by plain FTP",
        severity=Severity.MEDIUM,
        rule=GoldenRule.SECURE_BY_DESIGN,
        types=_APP,
        # App Service documentation, deploy by FTP: all allowed unless set.
        judge=text_is("siteConfig.ftpsState", "Disabled", "FtpsOnly", default="AllAllowed"),
        remedy="Set siteConfig.ftpsState to Disabled.",
    ),
)
