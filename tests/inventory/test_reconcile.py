from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.identity import assign_ids, server_names, short_name
from inventory.importing import estate_from_files
from inventory.model import Estate, Power
from inventory.records import estate_digest

READ_ON = date(2026, 11, 22)
VINFO = "VM,Powerstate,CPUs,Memory,Provisioned MiB,OS according to the VMware Tools\n"
SERVERS = "Server name,Cores,Memory (GB),Environment,Application\n"
APPLICATIONS = "Application,Business owner,Service area,Servers\n"


def _estate(folder: Path, files: Mapping[str, str], order: Sequence[str] = ()) -> tuple[Estate, list[str]]:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    estate, faults = estate_from_files([folder / n for n in order or files], READ_ON)
    return estate, [str(f) for f in faults]


def test_a_server_in_rvtools_and_in_the_register_of_servers_is_one_and_each_field_keeps_its_source(tmp_path: Path) -> None:
    files = {
        "RVTools_tabvInfo.csv": VINFO + "WEB01,poweredOn,2,4096,1000,Debian 12\n",
        "servers.csv": SERVERS + "web01.example.gov.uk,4,,Live,\n",
    }
    estate, faults = _estate(tmp_path, files)
    assert faults == []
    (server,) = estate.servers
    assert (server.id, server.cpu_cores, server.memory_gb, server.power, server.environment) == ("web01", 4, 4.0, Power.ON, "production")
    assert str(server.sources["cpu_cores"]) == "servers.csv, row 2, column Cores (read 2026-11-22)"
    assert str(server.sources["memory_gb"]) == "RVTools_tabvInfo.csv, row 2, column Memory (read 2026-11-22)"


def test_the_later_import_wins_only_the_fields_that_it_states(tmp_path: Path) -> None:
    files = {"a.csv": SERVERS + "web01,4,8,Live,\n", "b.csv": SERVERS + "web01,,16,,\n"}
    estate, _ = _estate(tmp_path, files, ["a.csv", "b.csv"])
    assert (estate.servers[0].cpu_cores, estate.servers[0].memory_gb) == (4, 16.0)
    estate, _ = _estate(tmp_path, files, ["b.csv", "a.csv"])
    assert (estate.servers[0].cpu_cores, estate.servers[0].memory_gb) == (4, 8.0)


def test_a_server_listed_twice_in_one_file_is_a_fault_naming_both_rows_and_the_first_counts(tmp_path: Path) -> None:
    estate, faults = _estate(tmp_path, {"servers.csv": SERVERS + "web01,2,4,,\nweb02,2,4,,\nWEB01,8,64,,\n"})
    assert [s.id for s in estate.servers] == ["web01", "web02"]
    assert estate.servers[0].cpu_cores == 2
    assert faults == [
        "servers.csv, row 4, column Server name: WEB01 stands here and in row 2; only the first counts. "
        "Remove the one that is wrong, or give the two different names."
    ]


def test_names_that_make_the_same_slug_are_two_servers_with_two_ids_whatever_their_order(tmp_path: Path) -> None:
    for names in (["web 01", "web-01"], ["web-01", "web 01"]):
        estate, faults = _estate(tmp_path, {"servers.csv": SERVERS + "".join(f"{n},2,4,,\n" for n in names)})
        assert faults == []
        assert {s.id: s.name for s in estate.servers} == {"web-01": "web 01", "web-01-2": "web-01"}


def test_applications_whose_names_make_the_same_slug_are_two_and_each_is_found_by_its_name(tmp_path: Path) -> None:
    for names in (["C++", "C#"], ["C#", "C++"]):
        files = {
            "applications.csv": APPLICATIONS + "".join(f"{n},Head of {n},IT,\n" for n in names) + "Rents,Head,Housing,\nRENTS,x,x,\n",
            "servers.csv": SERVERS + "web01,2,4,,C++\nweb02,2,4,,c#\nweb03,2,4,,c\n",
            "databases.csv": "Database,Server,Application\nbuilds,web01,C++\nother,web02,C\n",
        }
        estate, faults = _estate(tmp_path, files)
        held = {w.id: (w.name, w.owner, w.server_ids) for w in estate.workloads if w.is_registered}
        assert held == {
            "c": ("C#", "Head of C#", ("web02",)),
            "c-2": ("C++", "Head of C++", ("web01",)),
            "rents": ("Rents", "Head", ()),
        }
        assert {d.id: d.workload_id for d in estate.databases} == {"builds": "c-2", "other": ""}
        assert [f.split(" Write")[0].split(" Remove")[0] for f in faults] == [
            "applications.csv, row 5, column Application: RENTS stands here and in row 4; only the first counts.",
            "databases.csv, row 3, column Application: C is not quite the name of any application, and is like that of several.",
            "servers.csv, row 4, column Application: c is not quite the name of any application, and is like that of several.",
        ]


def test_an_application_is_found_whatever_the_punctuation_where_only_one_can_be_meant(tmp_path: Path) -> None:
    files = {
        "applications.csv": APPLICATIONS + "Revenues & Benefits,Head,Finance,\n",
        "servers.csv": SERVERS + "web01,2,4,,revenues  benefits\nweb02,2,4,,revenues-benefits\n",
    }
    estate, faults = _estate(tmp_path, files)
    assert faults == []
    assert estate.workload_by_id["revenues-benefits"].server_ids == ("web01", "web02")


def test_a_short_name_that_fits_two_full_ones_is_neither(tmp_path: Path) -> None:
    files = {
        "servers.csv": SERVERS + "web01.a.example,2,4,,\nweb01.b.example,2,4,,\n",
        "applications.csv": APPLICATIONS + "Rents,Head,Housing,web01\n",
    }
    estate, faults = _estate(tmp_path, files)
    assert [s.id for s in estate.servers] == ["web01-a-example", "web01-b-example"]
    assert "web01 fits several servers with longer names. Write the server's full name." in faults[0]
    assert next(w for w in estate.workloads if w.id == "rents").server_ids == ("web01",)
    assert "web01" not in estate.server_by_id


def test_rvtools_partitions_are_added_up_and_their_strays_named_once(tmp_path: Path) -> None:
    partitions = (
        "VM,Disk,Capacity MiB,Consumed MiB,Free MiB\nweb01,C,1000000,500000,1\nweb01,D,1000000,250000,1\nold9,C,1,1,1\nold9,D,1,1,1\n"
    )
    files = {"RVTools_tabvPartition.csv": partitions, "RVTools_tabvInfo.csv": VINFO + "web01,poweredOn,2,4096,,Debian\n"}
    estate, faults = _estate(tmp_path, files)
    (server,) = estate.servers
    assert server.storage_used_gb == pytest.approx(786.432)
    assert server.sources["storage_used_gb"].column == "Consumed MiB, added up over 2 rows"
    assert [f.split(":")[0] for f in faults] == ["RVTools_tabvPartition.csv, row 4, column VM"]


def test_usb_devices_of_one_server_are_a_list_and_its_drives_are_none(tmp_path: Path) -> None:
    devices = "VM,Device Node,Device Type,Connected\nweb01,USB 1,hid,True\nweb01,USB 2,storage,False\nweb01,USB 1,hid,True\n"
    drives = "VM,Device Node,Device Type,Connected,Starts Connected\nweb01,CD/DVD drive 1,client device,True,True\n"
    vinfo = VINFO + "web01,poweredOn,2,4096,,Debian\n"
    estate, faults = _estate(tmp_path, {"RVTools_tabvUSB.csv": devices, "RVTools_tabvCD.csv": drives, "RVTools_tabvInfo.csv": vinfo})
    assert faults == []
    (server,) = estate.servers
    assert server.devices == ("USB 1", "USB 2")
    assert server.sources["devices"].column == "Device Node"


def test_a_sum_with_a_bad_part_is_not_stated(tmp_path: Path) -> None:
    disks = "VM,Disk,Disk Key,Capacity MiB\nweb01,1,1,1000\nweb01,2,2,-5\n"
    files = {"RVTools_tabvDisk.csv": disks, "RVTools_tabvInfo.csv": VINFO + "web01,poweredOn,2,4096,,Debian\n"}
    estate, faults = _estate(tmp_path, files)
    assert estate.servers[0].storage_gb is None
    assert len(faults) == 1


def test_an_unknown_server_in_the_register_is_half_the_truth_and_the_rest_is_kept(tmp_path: Path) -> None:
    files = {"applications.csv": APPLICATIONS + "Rents,Head,Housing,WEB01; ghost\n", "servers.csv": SERVERS + "web01,2,4,,\n"}
    estate, faults = _estate(tmp_path, files)
    (workload,) = estate.workloads
    assert (workload.id, workload.server_ids, workload.is_registered) == ("rents", ("web01", "ghost"), True)
    assert [s.id for s in estate.servers_of(workload)] == ["web01"]
    assert str(workload.sources["server_ids"]) == "applications.csv, row 2, column Servers (read 2026-11-22)"
    assert faults == [
        "applications.csv, row 2, column Servers: No file names a server ghost. "
        "Correct the name, or import the file that lists this server."
    ]


def test_every_server_that_nobody_claims_is_a_workload_of_its_own_with_an_id_nobody_else_has(tmp_path: Path) -> None:
    files = {
        "applications.csv": APPLICATIONS + "Rents,Head,Housing,web01\nWeb02,Head,Housing,\n",
        "servers.csv": SERVERS + "web01,2,4,,\nweb02,2,4,Test,\nweb03,2,4,,\n",
    }
    estate, _ = _estate(tmp_path, files)
    assert {w.id: (w.is_registered, w.server_ids) for w in estate.workloads} == {
        "rents": (True, ("web01",)),
        "web02": (True, ()),
        "web02-server": (False, ("web02",)),
        "web03": (False, ("web03",)),
    }
    assert next(w for w in estate.workloads if w.id == "web02-server").environment == "test"


def test_a_server_may_name_its_applications_itself(tmp_path: Path) -> None:
    files = {
        "applications.csv": APPLICATIONS + "Rents,Head,Housing,\n",
        "servers.csv": SERVERS + "web01,2,4,,RENTS\nweb02,2,4,,Ghost\n",
    }
    estate, faults = _estate(tmp_path, files)
    assert next(w for w in estate.workloads if w.id == "rents").server_ids == ("web01",)
    assert "No application is called Ghost." in faults[0]


def test_databases_shares_interfaces_datasets_and_dependencies_find_their_servers_and_applications(tmp_path: Path) -> None:
    files = {
        "applications.csv": APPLICATIONS + "Rents,Head,Housing,web01\nLedger,Head,Finance,\n",
        "servers.csv": SERVERS + "web01,2,4,,\nweb02,2,4,,\n",
        "databases.csv": "Database,Server,Application\nmaster,WEB01,rents\nmaster,web02,\nlost,web09,\nmine,web01,Ghost\n",
        "shares.csv": "Share,Server,Application,Path\nhome,web01.example.gov.uk,Rents,/h\n",
        "interfaces.csv": "Interface,From application,To,Data\nPostings,Rents,ledger,x\nClaims,Rents,DWP,y\nLost,Ghost,DWP,y\n",
        "datasets.csv": "Dataset,System of record,Data owner\nTenants,Rents,Head\nOrphans,Ghost,Head\nContacts,,Head\n",
        "dependencies.csv": "From application,To application,Strength\nRents,Ledger,strong\nRents,Ghost,\nRents,rents,\nRents,web02,weak\n",
    }
    estate, faults = _estate(tmp_path, files)
    assert [(d.id, d.server_id, d.workload_id) for d in estate.databases] == [
        ("master-web01", "web01", "rents"),
        ("master-web02", "web02", ""),
        ("mine", "web01", ""),
    ]
    assert [(s.id, s.server_id, s.workload_id) for s in estate.shares] == [("home", "web01", "rents")]
    assert [(i.id, i.from_id, i.to) for i in estate.interfaces] == [("claims", "rents", "DWP"), ("postings", "rents", "ledger")]
    assert [(d.id, d.workload_id) for d in estate.datasets] == [("contacts", ""), ("orphans", ""), ("tenants", "rents")]
    assert [(d.from_id, d.to_id, d.strength) for d in estate.dependencies] == [
        ("rents", "ghost", "weak"),  # which nobody has registered, and that holds rents back
        ("rents", "ledger", "strong"),
        ("rents", "web02", "weak"),
    ]
    assert [f.split(": ")[0] for f in faults] == [
        "databases.csv, row 4, column Server",
        "databases.csv, row 5, column Application",
        "datasets.csv, row 3, column System of record",
        "dependencies.csv, row 3, column To application",
        "dependencies.csv, row 4, column To application",
        "interfaces.csv, row 4, column From application",
    ]


def test_a_name_that_fits_two_applications_is_taken_for_neither(tmp_path: Path) -> None:
    files = {
        "applications.csv": APPLICATIONS + "Rents,Head,Housing,\nC++,Head,Housing,\nC#,Head,Housing,\n",
        "dependencies.csv": "From application,To application,Strength\nRents,C,strong\n",
    }
    estate, faults = _estate(tmp_path, files)
    (link,) = estate.dependencies
    assert link.to_id not in estate.workload_by_id
    assert len(faults) == 1


def test_freezes_costs_and_utilisation_are_told_apart_and_checked(tmp_path: Path) -> None:
    files = {
        "servers.csv": SERVERS + "web01,2,4,,\n",
        "calendar.csv": "Freeze,Starts,Ends\nBilling,2027-02-24,2027-03-31\nBilling,2028-02-24,2028-03-31\nWrong,2027-03-02,2027-03-01\n",
        "costs.csv": "Cost line,Kind,Amount (£),Year\nServers,capital,358000,2026\nServers,revenue,1200,2026\nChairs,,5,\n",
        "utilisation.csv": "Server,Month,CPU p95 (%)\nWEB01,2026-08,10\nweb01,2026-09,20\nweb01,Sep 2026,30\nghost,2026-09,1\n",
    }
    estate, faults = _estate(tmp_path, files)
    assert [(f.id, f.starts) for f in estate.freezes] == [
        ("billing-2027-02-24", date(2027, 2, 24)),
        ("billing-2028-02-24", date(2028, 2, 24)),
    ]
    assert {c.id: (c.kind, c.amount_pence) for c in estate.cost_lines} == {
        "chairs": ("revenue", 500),
        "servers-2026-capital": ("capital", 35_800_000),
        "servers-2026-revenue": ("revenue", 120_000),
    }
    assert [(u.month, u.cpu_p95_percent) for u in estate.utilisations] == [(date(2026, 8, 1), 10.0), (date(2026, 9, 1), 20.0)]
    assert [f.split(": ")[0] for f in faults] == [
        "calendar.csv, row 4, column Ends",
        "utilisation.csv, row 4, column Server",
        "utilisation.csv, row 5, column Server",
    ]


def test_the_order_of_files_that_do_not_contradict_one_another_does_not_matter(tmp_path: Path) -> None:
    files = {
        "applications.csv": APPLICATIONS + "Rents,Head,Housing,web01; web 02\nLedger,Head,Finance,\n",
        "servers.csv": SERVERS + "web01.example.gov.uk,2,4,,\nweb 02,1,1,,\nweb-02,1,1,,\n",
        "databases.csv": "Database,Server,Application\nmaster,WEB01,rents\nmaster,web 02,\n",
        "dependencies.csv": "From application,To application,Strength\nRents,Ledger,strong\n",
    }
    made = {estate_digest(_estate(tmp_path, files, order)[0]) for order in itertools.permutations(files)}
    assert len(made) == 1


def test_the_digest_is_of_the_facts_and_not_of_when_or_where_they_were_read(tmp_path: Path) -> None:
    estate, _ = _estate(tmp_path, {"servers.csv": SERVERS + "web01,2,4,,\nweb02,2,4,,\n"})
    moved, _ = _estate(tmp_path, {"other.csv": "\n" + SERVERS + "web02,2,4,,\nweb01,2,4,,\n"})
    other, _ = _estate(tmp_path, {"third.csv": SERVERS + "web01,2,4,,\nweb02,2,5,,\n"})
    assert estate_digest(estate) == estate_digest(moved)
    assert estate_digest(estate) != estate_digest(other)


def test_the_public_workbook_is_805_servers_and_805_workloads_templates_too(estates: Path) -> None:
    estate, faults = estate_from_files([estates / "SizingWorkshop-RVTools.xlsx"], READ_ON)
    assert faults == ()
    assert len(estate.servers) == len(estate.workloads) == 805
    assert sum(s.is_template for s in estate.servers) == 10
    assert {i for w in estate.workloads for i in w.server_ids} == {s.id for s in estate.servers}
    assert all(s.sources.keys() >= {"name", "power", "cpu_cores", "memory_gb", "storage_gb"} for s in estate.servers)


def test_the_small_public_workbook_prefers_disks_to_what_is_provisioned(estates: Path) -> None:
    estate, _ = estate_from_files([estates / "rvtools-small-complete.xlsx"], READ_ON)
    server = estate.server_by_id["sample-web-01"]
    assert server.sources["storage_gb"].layout == "rvtools-vdisk"
    assert server.storage_gb == pytest.approx(81920 * 1024**2 / 10**9 * 1.5, rel=0.5)


@settings(deadline=None)
@given(st.lists(st.tuples(st.text("ab -.", min_size=1, max_size=4), st.text("xy", max_size=2)), max_size=12))
def test_ids_are_unique_and_the_same_in_whatever_order(things: list[tuple[str, ...]]) -> None:
    made = assign_ids(things)
    assert len(set(made.values())) == len(set(things))
    assert assign_ids(reversed(things)) == made


@settings(deadline=None)
@given(st.lists(st.sampled_from(["web01", "WEB01", "web01.a.uk", "web01.b.uk", "web02.a.uk", "10.0.0.1", "web 01", "web-01"]), max_size=8))
def test_server_names_find_themselves(names: list[str]) -> None:
    known = server_names(names)
    assert all(
        known.id_of(n) is not None for n in names if short_name(n) not in known.ambiguous or "." in n or n.lower() in map(str.lower, names)
    )
    assert server_names(list(reversed(names))) == known


def test_what_is_wrong_alike_in_many_rows_is_said_once_with_how_many(tmp_path: Path) -> None:
    months = "".join(f"ghost,2026-0{n},1,2\n" for n in range(1, 6))
    _, faults = _estate(tmp_path, {"utilisation.csv": "Server,Month,CPU p95 (%),Memory p95 (%)\n" + months + "spook,2026-01,1,2\n"})
    assert [f.split(" Correct")[0] for f in faults] == [
        "utilisation.csv, row 2, column Server: No file names a server ghost. So in 4 more rows.",
        "utilisation.csv, row 7, column Server: No file names a server spook.",
    ]


def test_servers_that_the_register_separates_by_commas_are_found_all_the_same(tmp_path: Path) -> None:
    files = {
        "applications.csv": APPLICATIONS + 'Rents,Head,Housing,"web01, web02,ghost"\n',
        "servers.csv": SERVERS + "web01,2,4,,\nweb02,2,4,,\n",
    }
    estate, faults = _estate(tmp_path, files)
    assert estate.workloads[0].server_ids == ("web01", "web02", "ghost")
    assert [f.split(": ")[1].split(" Correct")[0] for f in faults] == ["No file names a server ghost."]
