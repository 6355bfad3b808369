from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from inventory.reference import files, folder, registers
from inventory.text import slug

Sheets = Mapping[str, list[dict[str, str]]]
NAMED: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "cases" / "reference" / "named.toml").read_text("utf-8"))
PLANTED: dict[str, Any] = tomllib.loads((folder().parent / "planted.toml").read_text("utf-8"))


@pytest.mark.parametrize("demand", NAMED["named"], ids=lambda d: d["application"])
def test_what_the_estate_must_hold_is_there_with_owner_supplier_users_data_and_lifecycle(demand: dict[str, Any], sheets: Sheets) -> None:
    [row] = [r for r in sheets["applications.csv"] if r["Application"] == demand["application"]]
    for heading in ("Business owner", "Service Area", "Supplier", "Product", "Users", "Data classification", "Criticality", "Intent"):
        assert row[heading], heading
    whole = " | ".join(row.values())
    assert [text for text in demand["says"] if text not in whole] == []


def test_everything_named_exchanges_data_with_something(sheets: Sheets) -> None:
    ends = {r[h] for r in sheets["interfaces.csv"] for h in ("From application", "To")}
    assert [d["application"] for d in NAMED["named"] if d["application"] not in ends] == []


def test_there_are_130_applications_and_30_of_them_are_due(sheets: Sheets) -> None:
    register = sheets["applications.csv"]
    assert len(register) == len({r["Application"] for r in register}) == 130
    due = [r for r in register if r["Intent"] in ("Replace", "Upgrade")]
    assert len(due) == 30
    assert min(float(r["Annual cost (£)"]) for r in due) >= 18_000


def test_there_are_320_servers_in_the_exports(sheets: Sheets) -> None:
    virtual = [r["VM"] for r in sheets["RVTools_tabvInfo.csv"]]
    physical = [r["Server Name"] for r in sheets["servers-physical.csv"]]
    assert len({n.split(".")[0].upper() for n in virtual + physical}) == 320
    assert sum(r["Template"] == "True" for r in sheets["RVTools_tabvInfo.csv"]) == 2
    assert sum(r["Powerstate"] == "poweredOff" for r in sheets["RVTools_tabvInfo.csv"]) >= 6


def test_revenues_and_benefits_has_its_interfaces(sheets: Sheets) -> None:
    to = {r["To"] for r in sheets["interfaces.csv"] if r["From application"] == "Revenues and Benefits"}
    assert set(NAMED["benefits"]["interfaces"]) <= to


def test_the_customer_contact_record_has_no_system_of_record(sheets: Sheets) -> None:
    [row] = [r for r in sheets["datasets.csv"] if r["Dataset"] == "Single customer contact record"]
    assert row["System of record"] == ""
    assert [r["Dataset"] for r in sheets["datasets.csv"] if not r["System of record"]] == ["Single customer contact record"]


def test_the_register_is_read_by_accident_and_emergency_over_a_private_link(sheets: Sheets) -> None:
    [row] = [r for r in sheets["interfaces.csv"] if r["From application"] == "Child protection register"]
    assert (row["To"], row["Medium"]) == ("NHS accident and emergency", "private-link")


def test_capital_adds_up_to_the_penny(sheets: Sheets) -> None:
    lines = [r for r in sheets["costs.csv"] if r["Kind"] == "Capital"]
    held = {r["Category"]: Decimal(r["Amount (£)"].replace(",", "")) for r in lines}
    assert held == {category: Decimal(amount) for category, amount in NAMED["capital"].items()}
    assert sum(held.values()) == Decimal("6413000.00")


def test_revenue_lines_say_that_they_are_fictional(sheets: Sheets) -> None:
    lines = [r for r in sheets["costs.csv"] if r["Kind"] == "Revenue"]
    assert lines
    assert all("(fictional)" in r["Cost line"] for r in lines)


def test_eleven_personas_add_up_to_the_staff_that_payroll_pays(sheets: Sheets) -> None:
    personas = sheets["personas.csv"]
    assert len(personas) == 11
    total = sum(int(r["Headcount"]) for r in personas)
    assert total == 7420
    [payroll] = [r for r in sheets["applications.csv"] if r["Application"] == "HR and payroll"]
    assert f"{total:,} staff" in payroll["Description"]


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007


def _easter(year: int) -> date:
    """The Gregorian rule (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    n = h + k - 7 * m + 114
    return date(year, n // 31, n % 31 + 1)


def _bank_holidays(year: int) -> set[date]:
    """England: Banking and Financial Dealings Act 1971, with a substitute day where one falls on a weekend."""
    easter = _easter(year)
    held = {easter - timedelta(2), easter + timedelta(1)}
    held |= {_monday(year, 5, 1), _monday(year, 5, 25), _monday(year, 8, 25)}
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):
        held.add(next(day for n in range(7) if (day := fixed + timedelta(n)).weekday() < 5 and day not in held))
    return held


def _monday(year: int, month: int, day: int) -> date:
    first = date(year, month, day)
    return first + timedelta(-first.weekday() % 7)


@pytest.mark.parametrize("year", [2026, 2027, 2028, 2029])
def test_the_calendar_holds_every_freeze_of_the_year(year: int, sheets: Sheets) -> None:
    freezes = {r["Freeze"]: (_day(r["Starts"]), _day(r["Ends"]), r["Service area"]) for r in sheets["calendar.csv"]}
    assert freezes[f"Annual billing {year}"] == (date(year, 2, 24), date(year, 3, 31), "")
    assert freezes[f"Year end {year}"][0] <= date(year, 3, 31) <= freezes[f"Year end {year}"][1]
    assert freezes[f"School admissions {year}"][2] == "Education"
    assert freezes[f"Benefits year end {year}"][2] == "Revenues and Benefits"
    assert freezes[f"Winter pressure in social care {year}-{(year + 1) % 100}"][2] == "Adult Social Care"
    assert freezes[f"Christmas closure {year}"][0] <= date(year, 12, 25) <= freezes[f"Christmas closure {year}"][1]
    thursday = _monday(year, 5, 1) + timedelta(3) if _monday(year, 5, 1).day <= 4 else _monday(year, 5, 1) - timedelta(4)
    starts, ends, service = freezes[f"Elections, polling day {thursday.day} May {year}"]
    assert starts <= thursday <= ends
    assert service == ""


@pytest.mark.parametrize("year", [2026, 2027, 2028, 2029])
def test_bank_holidays_are_englands(year: int, sheets: Sheets) -> None:
    words = ("bank holiday", "Good Friday", "Easter", "New Year", "Christmas Day", "Boxing")
    held = {_day(r["Starts"]) for r in sheets["calendar.csv"] if any(w in r["Freeze"] for w in words) and r["Starts"] == r["Ends"]}
    assert {day for day in held if day.year == year} == _bank_holidays(year)


def test_every_freeze_of_a_service_names_one_that_has_applications(sheets: Sheets) -> None:
    areas = {r["Service Area"] for r in sheets["applications.csv"]}
    assert {r["Service area"] for r in sheets["calendar.csv"]} - {""} <= areas


def _planted(file: str) -> set[str]:
    return {text for p in PLANTED["planted"] if p["file"] == file for text in p["says"]}


def test_references_agree_apart_from_what_is_planted(sheets: Sheets) -> None:
    applications = {r["Application"] for r in sheets["applications.csv"]}
    servers = {r["VM"].split(".")[0].upper() for r in sheets["RVTools_tabvInfo.csv"]}
    servers |= {r["Server Name"].split(".")[0].upper() for r in sheets["servers-physical.csv"]}
    claimed = {s.strip() for r in sheets["applications.csv"] for s in r["Servers"].split(";") if s.strip()}
    assert {s for s in claimed if s.split(".")[0].upper() not in servers} <= _planted("applications.csv")
    for name in ("databases.csv", "shares.csv"):
        assert {r["Application"] for r in sheets[name]} <= applications
        assert {r["Server"] for r in sheets[name]} - servers <= _planted(name)
    ends = {r[h] for r in sheets["dependencies.csv"] for h in ("From application", "To application")}
    assert ends - applications <= _planted("dependencies.csv")
    assert {r["From application"] for r in sheets["interfaces.csv"]} <= applications
    assert {r["System of record"] for r in sheets["datasets.csv"]} - {""} <= applications
    assert {r["Server"] for r in sheets["utilisation.csv"]} <= servers


def test_a_database_stands_on_a_server_of_its_application_or_of_the_shared_platform(sheets: Sheets) -> None:
    by_application = {r["Application"]: r["Servers"].upper() for r in sheets["applications.csv"]}
    shared = by_application["Shared database platform"] + by_application["Monitoring"]
    elsewhere = {
        r["Database"]: r["Server"]
        for r in sheets["databases.csv"]
        if r["Server"] not in by_application[r["Application"]] and r["Server"] not in shared
    }
    # Guests on another application's database server: real, and each one holds two applications together.
    assert set(elsewhere) == {"BelfryChat", "Contracts", "SP_Intranet", "museum"}


def test_strong_links_and_shared_servers_make_groups_and_no_giant(sheets: Sheets) -> None:
    graph: nx.Graph[str] = nx.Graph()
    for row in sheets["dependencies.csv"]:
        if row["Strength"] == "Strong":
            graph.add_edge(row["From application"], row["To application"])
    holders: dict[str, str] = {}
    shared: set[str] = set()
    for row in sheets["applications.csv"]:
        for server in row["Servers"].split("; "):
            if server in holders and server:
                graph.add_edge(row["Application"], holders[server])
                shared.add(server)
            holders.setdefault(server, row["Application"])
    sizes = sorted((len(group) for group in nx.connected_components(graph)), reverse=True)
    assert len(sizes) >= 15
    assert sizes[0] <= 5
    assert "EXRNBORA01" in shared


def test_there_are_about_250_dependencies_of_both_kinds(sheets: Sheets) -> None:
    links = sheets["dependencies.csv"]
    assert 240 <= len(links) <= 270
    assert {r["Kind"] for r in links} == {"Declared", "Observed"}


def test_addresses_are_private_unique_and_where_the_networks_are(sheets: Sheets) -> None:
    ten = [ipaddress.ip_network(n) for n in ("10.20.0.0/16", "10.30.0.0/16", "10.40.0.0/16")]
    held = [r["IPv4 Address"] for r in sheets["RVTools_tabvNetwork.csv"] if r["IPv4 Address"]]
    held += [r["IP address"] for r in sheets["servers-physical.csv"] if r["IP address"]]
    assert len(held) == len(set(held))
    assert all(any(ipaddress.ip_address(a) in n for n in ten) for a in held)


def test_most_servers_have_six_months_of_use_and_some_have_none(sheets: Sheets) -> None:
    use: dict[str, int] = {}
    for row in sheets["utilisation.csv"]:
        use[row["Server"]] = use.get(row["Server"], 0) + 1
    assert 250 <= len(use) < 320
    assert sum(months == 6 for months in use.values()) > 200
    assert min(use.values()) >= 3


def test_exceptions_cite_applications_and_one_has_expired_and_one_soon_will(sheets: Sheets) -> None:
    register = tomllib.loads((folder() / "exceptions.toml").read_text("utf-8"))["exception"]
    ids = {slug(r["Application"]) for r in sheets["applications.csv"]}
    on = date(2026, 11, 22)
    assert len(register) == 6
    for entry in register:
        assert set(entry["subjects"]) <= ids
        assert entry["controls"] == ["workload-goes-to-the-cloud"]
        assert entry["approver"] != entry["requester"]
        assert len(entry["options"]) >= 2
        assert entry["approved_on"] < entry["expires_on"]
    assert sum(e["expires_on"] < on for e in register) == 1
    assert sum(on <= e["expires_on"] <= on + timedelta(30) for e in register) == 1


def test_some_applications_with_a_tie_have_no_exception(sheets: Sheets) -> None:
    register = tomllib.loads((folder() / "exceptions.toml").read_text("utf-8"))["exception"]
    covered = {subject for entry in register for subject in entry["subjects"]}
    tied = {slug(r["Application"]) for r in sheets["applications.csv"] if r["Hardware or location ties"]}
    assert {"telecare-alarm-receiving", "car-park-barriers"} <= tied - covered


def test_leaflets_are_safe_to_move_first(sheets: Sheets) -> None:
    [row] = [r for r in sheets["applications.csv"] if r["Application"] == "Leaflets and publications"]
    [share] = [r for r in sheets["shares.csv"] if r["Application"] == "Leaflets and publications"]
    assert (row["Data classification"], row["Personal data"], row["Criticality"], row["Private links"]) == ("Public", "No", "Low", "")
    assert (share["Files"], share["Server"]) == ("2000", row["Servers"])


def test_no_application_is_named_in_two_registers() -> None:
    names = [a.code for a in registers.applications()]
    assert len(names) == len(set(names))
    assert len(files()) == 16
