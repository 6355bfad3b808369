"""The council's applications as its officers keep them: the register, databases, shares and dependencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from inventory.reference.registers import Application, entries, load
from inventory.reference.tables import Table

_RECOVERY = {"critical": ("4", "1"), "high": ("8", "4"), "medium": ("24", "24"), "low": ("72", "24"), "": ("", "")}
_ENGINES: Mapping[str, tuple[str, str, str]] = {
    "sql2012": ("SQL Server", "2012", "Standard"),
    "sql2014": ("SQL Server", "2014", "Standard"),
    "sql2014e": ("SQL Server", "2014", "Enterprise"),
    "sql2016": ("SQL Server", "2016", "Standard"),
    "sql2016e": ("SQL Server", "2016", "Enterprise"),
    "sql2019": ("SQL Server", "2019", "Standard"),
    "ora12": ("Oracle Database", "12c (12.1)", "Enterprise"),
    "ora19": ("Oracle Database", "19c", "Enterprise"),
    "pg11": ("PostgreSQL", "11", ""),
    "pg13": ("PostgreSQL", "13", ""),
    "pg16": ("PostgreSQL", "16", ""),
    "mysql57": ("MySQL", "5.7", "Community"),
}


def applications(held: Sequence[Application]) -> Table:
    """The application register, saved from a spreadsheet: a mark at the start, Windows line ends, dates day first."""
    headings = ["*Application", "Business owner", "Service Area", "Supplier", "Product", "Version", "Users", "Environment"]
    headings += ["Data classification", "Personal data", "Criticality", "RTO (hours)", "RPO (hours)", "Outages tolerated per year"]
    headings += ["Supplier support ends", "Contract ends", "Intent", "SaaS alternative", "Licence", "Maximum  Latency (ms)"]
    headings += ["Hardware or location ties", "Private links", "Annual cost (£)"]
    headings += ["Used by the public", "Accessibility statement reviewed", "Servers", "Description"]
    rows = [_application_row(a) for a in held]
    return Table("applications.csv", headings, rows, encoding="utf-8-sig", newline="\r\n", below=3)


def _application_row(a: Application) -> list[str]:
    supplier, product, version, saas, licence = a.sells
    users, classification, personal, criticality, outages = a.facts
    support, contract, intent, cost = a.dates
    return [
        *[a.name, a.owner, a.area, supplier, product, version, users, a.environment.capitalize()],
        *[classification.upper() if classification.startswith("official") else classification.capitalize(), personal.capitalize()],
        *[criticality.capitalize(), *_RECOVERY[criticality], outages, _day(support), _day(contract), intent, saas, licence, a.latency],
        *["; ".join(a.ties), "; ".join(a.private_links), cost, "Yes" if a.public else "No", "" if a.public == "none" else _day(a.public)],
        *["; ".join([*a.own_servers, *a.also]), a.description],
    ]


def _day(written: str) -> str:
    return date.fromisoformat(written).strftime("%d/%m/%Y") if written else ""


def databases(held: Sequence[Application]) -> Table:
    """The database administrators' list."""
    headings = ["DB Name", "Server", "Application", "Engine", "Version", "Edition", "Size (GB)"]
    rows = [_database_row(a, line) for a in held for line in a.databases]
    return Table("databases.csv", headings, rows)


def _database_row(a: Application, line: Sequence[str]) -> list[str]:
    name, engine, size, *server = line
    return [name, server[0] if server else a.database_server, a.name, *_ENGINES[engine], size]


def shares(held: Sequence[Application]) -> Table:
    """The list of file shares."""
    headings = ["Share name", "File server", "Application", "UNC path", "Size (GB)", "Number of files"]
    rows = [[name, server, a.name, path, size, files] for a in held for name, path, size, files, server in a.shares]
    return Table("shares.csv", headings, rows)


def dependencies(held: Sequence[Application]) -> Table:
    """Who needs whom: what owners declared, and what was seen on the firewall in October."""
    headings = ["From application", "To application", "Kind", "Strength", "Port", "Description"]
    rows = [[a.name, link.to, "Declared", link.strength, link.port, link.why] for a in held for link in a.links]
    said = {(row[0], row[1]) for row in rows}
    for seen in entries(load("observed.toml"), "seen"):
        pair = (str(seen["from"]), str(seen["to"]))
        if pair not in said:
            rows.append([*pair, "Observed", "Weak", str(seen["port"]), str(seen["what"])])
    return Table("dependencies.csv", headings, rows)


def costs() -> Table:
    """The costs sheet, saved from an old spreadsheet in the Windows code page."""
    headings = ["Cost line", "Kind", "Amount (£)", "Category", "Year"]
    rows = [[str(line[k]) for k in ("name", "kind", "amount", "category", "year")] for line in entries(load("costs.toml"), "line")]
    return Table("costs.csv", headings, rows, encoding="cp1252", newline="\r\n")
