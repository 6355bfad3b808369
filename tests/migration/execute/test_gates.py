"""Gates: what opens one and what does not, with real signatures of OpenSSH, on real runs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from migration.errors import MigrationError
from migration.execution import runs
from migration.execution.rehearsal import Rehearsed, StandIns, stand_ins
from migration.gates import approval as approvals
from migration.gates.approval import NAMESPACE, Approval, Signed, is_signed_by, sign
from migration.gates.file import Blocker, Delegation, Gates, Person, read_gates
from migration.gates.keeper import Keeper
from migration.gates.standing import Gate, Standing, standing
from migration.runbooks import Window
from migration.steps.model import StepWaitsError

NOW = datetime(2027, 1, 15, 17, 30, tzinfo=UTC)
pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="approvals are signed by ssh-keygen: install OpenSSH's client")
ROLES = {"ada": ("wave-lead",), "grace": ("senior-owner",), "alan": ("wave-lead", "senior-owner"), "mary": ("service-desk",)}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("keys")
    for name in ROLES:
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return {name: folder / name for name in ROLES}


@pytest.fixture
def gates(keys: dict[str, Path]) -> Gates:
    people = tuple(person(n, key.with_suffix(".pub").read_text().strip()) for n, key in keys.items())
    return Gates(format="cloud-unless/gates/1", rehearsal_valid_days=30, approval_valid_hours=12, person=people)


def person(name: str, key: str, **other: Any) -> Person:
    held: dict[str, Any] = {"id": name, "name": name.title(), "roles": ROLES[name], "key": key, "until": date(2027, 12, 31)}
    return Person(**(held | other))


GATE = Gate("id-1", "go", "wave-lead", "senior-owner", "sha256:r", "sha256:e", Rehearsed("r0", NOW - timedelta(days=3), "d"))


def approved(name: str, role: str = "", **other: Any) -> Signed:
    held: dict[str, Any] = {
        "run": "r1",
        "run_id": "id-1",
        "gate": "go",
        "runbook": "sha256:r",
        "evidence": "sha256:e",
        "person": name,
        "role": role or ROLES[name][0],
        "is_go": True,
        "made_at": NOW - timedelta(hours=1),
        "expires_at": NOW + timedelta(hours=1),
        "number": f"{name}{role}",
    }
    return Signed(Approval(**(held | other)), "", f"{name}.json")


def judged(gates: Gates, *signed: Signed, gate: Gate = GATE, now: datetime = NOW, theirs: bool = True) -> Standing:
    return standing(gate, gates, [(s, theirs) for s in signed], now)


def test_two_people_in_the_two_roles_open_it(gates: Gates) -> None:
    found = judged(gates, approved("ada"), approved("grace"))
    assert (found.is_open, [s.approval.person for s in found.counted], found.refused, found.missing) == (True, ["ada", "grace"], (), ())


@pytest.mark.parametrize(
    ("signed", "missing"),
    [
        ((), ["Nobody has approved as wave-lead", "Nobody has approved as senior-owner"]),
        ((approved("ada"),), ["Nobody has approved as senior-owner"]),
        ((approved("grace"),), ["Nobody has approved as wave-lead"]),
        ((approved("ada"), approved("alan", "wave-lead")), ["Nobody has approved as senior-owner"]),
        ((approved("alan", "wave-lead"), approved("alan", "senior-owner")), ["Nobody has approved as senior-owner"]),
    ],
)
def test_one_person_or_one_role_does_not(gates: Gates, signed: tuple[Signed, ...], missing: list[str]) -> None:
    found = judged(gates, *signed)
    assert not found.is_open
    assert [m.split(".")[0] for m in found.missing] in (missing, ["Nobody has approved as wave-lead"])


def test_of_one_persons_decisions_the_last_counts(gates: Gates) -> None:
    first = approved("ada", is_go=False, made_at=NOW - timedelta(hours=2))
    assert judged(gates, first, approved("ada"), approved("grace")).is_open
    later = approved("ada", is_go=False, made_at=NOW - timedelta(minutes=1))
    found = judged(gates, approved("ada"), approved("grace"), later)
    assert (found.is_open, [s.approval.person for s in found.against]) == (False, ["ada"])


def test_where_both_roles_are_one_it_takes_two_people_in_it(gates: Gates) -> None:
    gate = replace(GATE, accountable="wave-lead")
    assert judged(gates, approved("ada"), approved("alan"), gate=gate).is_open
    found = judged(gates, approved("ada"), gate=gate)
    assert found.missing == ("It takes two people (two as wave-lead), and one has approved.",)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"run_id": "id-2"}, "it is of another run"),
        ({"runbook": "sha256:x"}, "another state of the run"),
        ({"evidence": "sha256:x"}, "another state of the run"),
        ({"expires_at": NOW}, "and not now"),
        ({"made_at": NOW + timedelta(seconds=1)}, "and not now"),
        ({"expires_at": NOW + timedelta(hours=11, seconds=1)}, "longer than 12 hours"),
        ({"role": "service-desk"}, "decides nothing here: it takes one as wave-lead and one as senior-owner"),
        ({"role": "senior-owner"}, "Ada does not have the role senior-owner"),
        ({"person": "eve"}, "gates.toml has no person eve"),
        ({"acting_for": "grace", "role": "senior-owner"}, "no delegation in force lets Ada decide for grace"),
    ],
)
def test_what_counts_for_nothing_says_why(gates: Gates, changed: dict[str, Any], why: str) -> None:
    found = judged(gates, approved("ada", **changed), approved("grace"))
    assert not found.is_open
    assert len(found.refused) == 1
    assert why in found.refused[0]
    assert found.refused[0].startswith("ada.json: ")


def test_bounds_of_an_approval_that_still_counts(gates: Gates) -> None:
    at_once = approved("ada", made_at=NOW, expires_at=NOW + timedelta(hours=12))
    assert judged(gates, at_once, approved("grace")).is_open


def test_a_signature_that_is_not_theirs_counts_for_nothing(gates: Gates) -> None:
    found = judged(gates, approved("ada"), approved("grace"), theirs=False)
    assert len(found.refused) == 2
    assert "is not that of Ada's key" in found.refused[0]


def test_an_approval_of_another_gate_is_not_looked_at(gates: Gates) -> None:
    found = judged(gates, approved("ada", gate="release"), approved("grace"))
    assert (found.is_open, found.refused) == (False, ())


@pytest.mark.parametrize(("day", "is_open"), [(date(2027, 1, 14), False), (date(2027, 1, 15), True)])
def test_a_persons_last_day(gates: Gates, day: date, is_open: bool) -> None:
    people = tuple(p.model_copy(update={"until": day}) if p.id == "ada" else p for p in gates.person)
    found = judged(gates.model_copy(update={"person": people}), approved("ada"), approved("grace"))
    assert found.is_open is is_open


@pytest.mark.parametrize(
    ("starts", "ends", "is_open"),
    [
        (date(2027, 1, 15), date(2027, 1, 15), True),
        (date(2027, 1, 16), date(2027, 1, 20), False),
        (date(2027, 1, 1), date(2027, 1, 14), False),
    ],
)
def test_a_delegation_lets_another_decide_on_its_days(gates: Gates, starts: date, ends: date, is_open: bool) -> None:
    given = Delegation(of="grace", to="mary", role="senior-owner", starts=starts, ends=ends, because="On leave")
    held = gates.model_copy(update={"delegation": (given,)})
    signed = approved("mary", "senior-owner", acting_for="grace")
    assert judged(held, approved("ada"), signed).is_open is is_open
    assert not judged(held, approved("ada"), approved("mary", "wave-lead", acting_for="grace")).is_open


def test_who_may_no_longer_decide_cannot_let_another(gates: Gates) -> None:
    given = Delegation(of="grace", to="mary", role="senior-owner", starts=date(2027, 1, 1), ends=date(2027, 2, 1), because="On leave")
    people = tuple(p.model_copy(update={"until": date(2027, 1, 14)}) if p.id == "grace" else p for p in gates.person)
    held = gates.model_copy(update={"delegation": (given,), "person": people})
    found = judged(held, approved("ada"), approved("mary", "senior-owner", acting_for="grace"))
    assert "Grace, for whom Mary decides, could decide until 2027-01-14" in found.refused[0]


@pytest.mark.parametrize(
    ("rehearsed", "said"),
    [
        (None, "has not been rehearsed"),
        (Rehearsed("r0", NOW - timedelta(days=30, seconds=1), "d"), "(r0, 2026-12-16) is older than 30 days"),
        (Rehearsed("r0", NOW - timedelta(days=30), "d"), ""),
    ],
)
def test_without_a_rehearsal_in_time_it_stays_shut(gates: Gates, rehearsed: Rehearsed | None, said: str) -> None:
    found = judged(gates, approved("ada"), approved("grace"), gate=replace(GATE, rehearsed=rehearsed))
    assert found.is_open is (not said)
    assert said in "".join(found.missing)


@pytest.mark.parametrize(
    ("kind", "starts", "ends", "said"),
    [
        ("change-freeze", NOW, None, "A change freeze is in force: "),
        ("major-fault", NOW - timedelta(hours=1), NOW + timedelta(hours=1), "A major fault is open until 2027-01-15T18:30:00+00:00: "),
        ("major-fault", NOW - timedelta(hours=1), NOW, ""),
        ("change-freeze", NOW + timedelta(seconds=1), None, ""),
    ],
)
def test_what_stops_every_move(gates: Gates, kind: Any, starts: datetime, ends: datetime | None, said: str) -> None:
    blocker = Blocker(id="b-1", kind=kind, what="Council tax billing", by="Head of ICT", starts=starts, ends=ends)
    found = judged(gates.model_copy(update={"blocker": (blocker,)}), approved("ada"), approved("grace"))
    assert found.is_open is (not said)
    assert said in "".join(found.missing)


def test_a_signature_is_of_these_bytes_by_this_key_and_openssh_itself_agrees(gates: Gates, keys: dict[str, Path], tmp_path: Path) -> None:
    signed = sign(approved("ada").approval, keys["ada"])
    ada, grace = (p for p in gates.person if p.id in ("ada", "grace"))
    assert is_signed_by(signed, ada)
    assert not is_signed_by(signed, grace)
    assert not is_signed_by(replace(signed, approval=replace(signed.approval, is_go=False)), ada)
    assert not is_signed_by(replace(signed, signature="no signature"), ada)
    (tmp_path / "allowed").write_text(f"ada {ada.key}\n")
    (tmp_path / "s").write_text(signed.signature)
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "ada", "-n", NAMESPACE, "-s", "s"]
    assert subprocess.run(command, cwd=tmp_path, input=signed.approval.text, check=False, capture_output=True).returncode == 0


def test_a_key_that_cannot_sign_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match=r"did not sign: .* Name the private key"):
        sign(approved("ada").approval, tmp_path / "nothing")


def test_files_that_are_no_approvals_count_for_nothing_and_are_named(tmp_path: Path) -> None:
    whole = approvals.write(approved("ada"), tmp_path)
    held = json.loads(whole.read_text())
    wrong: list[object] = [[], {}, {**held, "approval": {**held["approval"], "is_go": "yes"}}, {**held, "approval": {"format": "x"}}]
    wrong.append({**held, "approval": {**held["approval"], "made_at": "2027-01-15"}})
    for n, other in enumerate(wrong):
        (tmp_path / "approvals" / f"x{n}.json").write_text(json.dumps(other))
    (tmp_path / "approvals" / "y.json").write_bytes(b"\xff")
    read, said = approvals.read(tmp_path)
    assert [s.approval for s in read] == [approved("ada").approval]
    assert len(said) == len(wrong) + 1
    assert all("counts for nothing" in s for s in said)


@pytest.fixture
def kept(make_council: Callable[..., Any], gates: Gates) -> tuple[Any, Keeper]:
    """A council whose runbook was rehearsed, and the keeper of its gates."""
    real, standing_in = make_council(), make_council()
    outcome = runs.start(real.runs, "r0", real.runbook, real.hands(), stand_ins=stand_ins(real.runbook, standing_in.runbook))
    assert outcome.status.state == "rolled back"
    return real, Keeper(real.runs, gates)


def approve(keeper: Keeper, keys: dict[str, Path], name: str, run: str = "r1", **other: Any) -> Path:
    held: dict[str, Any] = {"is_go": True, **other}
    return approvals.write(sign(keeper.draft(run, name, datetime.now(UTC), **held), keys[name]), keeper.runs / run)


def test_a_run_waits_at_its_gate_until_two_have_signed_and_the_journal_says_who(kept: tuple[Any, Keeper], keys: dict[str, Path]) -> None:
    council, keeper = kept
    hands = council.hands(gates=keeper)
    first = runs.start(council.runs, "r1", council.runbook, hands)
    assert (first.answer, first.status.at_step) == ("waiting", "go")
    assert len(first.faults) == 2
    assert "unless runbook approve r1" in first.faults[0]
    approve(keeper, keys, "ada")
    assert runs.resume(council.runs, "r1", hands).answer == "waiting"
    approve(keeper, keys, "alan")  # both roles: the one that nobody has signed in
    later = runs.resume(council.runs, "r1", hands)
    assert (later.answer, later.status.at_step, len(later.faults)) == ("waiting", "release", 2)
    shutil.rmtree(council.runs / "r0")  # past the point of no return nothing asks for a rehearsal
    for name in ("ada", "grace"):
        approve(keeper, keys, name)
    outcome = runs.resume(council.runs, "r1", hands)
    assert (outcome.answer, outcome.faults) == ("done", ())
    records = [json.loads(line) for line in (council.runs / "r1" / "journal.jsonl").read_text().splitlines()]
    facts = next(r["body"]["facts"] for r in records if r["kind"] == "effect" and r["step"] == "go")
    assert (facts["by"], facts["how"], len(facts["signed"])) == ("ada as wave-lead; alan as senior-owner", "signed", 2)


def test_no_go_stops_the_run_and_a_decision_for_another_run_or_state_is_refused(kept: tuple[Any, Keeper], keys: dict[str, Path]) -> None:
    council, keeper = kept
    hands = council.hands(gates=keeper)
    for run in ("r1", "r2"):
        runs.start(council.runs, run, council.runbook, hands)
    approve(keeper, keys, "ada", is_go=False, remark="Too windy")
    stopped = runs.resume(council.runs, "r1", hands)
    assert stopped.answer == "stopped"
    assert "ada as wave-lead answered no-go (Too windy)" in stopped.faults[0]
    for name in ("ada", "grace"):
        made = approve(keeper, keys, name)
        (council.runs / "r2" / "approvals").mkdir(exist_ok=True)
        shutil.copy(made, council.runs / "r2" / "approvals")
    replayed = runs.resume(council.runs, "r2", hands)
    assert replayed.answer == "waiting"
    assert sum("it is of another run" in f for f in replayed.faults) == 2
    assert runs.undo(council.runs, "r1", hands).status.state == "rolled back"
    with pytest.raises(MigrationError, match="waits at no gate"):
        approve(keeper, keys, "ada")


def test_what_is_done_again_after_a_signature_makes_it_worthless(kept: tuple[Any, Keeper], keys: dict[str, Path]) -> None:
    council, keeper = kept
    hands = council.hands(gates=keeper)
    runs.start(council.runs, "r1", council.runbook, hands)
    for name in ("ada", "grace"):
        approve(keeper, keys, name)
    gate, _ = keeper.standing_now("r1", datetime.now(UTC))
    assert gate.is_open
    shutil.rmtree(council.runs / "r0")
    found, _ = keeper.standing_now("r1", datetime.now(UTC))
    assert not found.is_open
    assert len(found.refused) == 2
    assert any("has not been rehearsed" in m for m in found.missing)


def test_a_step_that_begins_too_late_waits_for_the_same_two_signatures(kept: tuple[Any, Keeper], keys: dict[str, Path]) -> None:
    council, keeper = kept
    opens = datetime(2027, 1, 5, 18, tzinfo=UTC)
    runbook = replace(council.runbook, window=Window(opens, opens + timedelta(hours=8)))
    outcome = runs.start(council.runs, "r8", runbook, council.hands(), stand_ins=StandIns({s.id: s.parameters for s in runbook.steps}))
    assert outcome.status.state == "rolled back"

    def clock() -> datetime:
        return opens + timedelta(hours=7, minutes=57, seconds=30)  # the rehearsal took a minute each way, rounded up

    hands = replace(council.hands(gates=Keeper(council.runs, keeper.gates.model_copy(update={"rehearsal_valid_days": 366}))), now=clock)

    def signed(gate: str) -> None:
        for name in ("ada", "grace"):
            draft = hands.gates.draft("r1", name, clock(), is_go=True)
            assert draft.gate == gate
            approvals.write(sign(draft, keys[name]), council.runs / "r1")

    assert runs.start(council.runs, "r1", runbook, hands).status.at_step == "go"
    signed("go")
    late = runs.resume(council.runs, "r1", hands)
    assert (late.answer, late.status.at_step) == ("waiting", "copy-hou-docs--s3")
    assert any("Nobody has approved as wave-lead" in f for f in late.faults)
    signed("late-copy-hou-docs--s3")
    again = runs.resume(council.runs, "r1", hands)
    assert again.status.at_step != "copy-hou-docs--s3"
    records = [json.loads(line) for line in (council.runs / "r1" / "journal.jsonl").read_text().splitlines()]
    assert [len(r["body"]["signed"]) for r in records if r["kind"] == "late"][:1] == [2]


def test_who_cannot_decide_signs_nothing_and_a_gate_that_is_shut_says_what_it_waits_for(kept: Any, keys: dict[str, Path]) -> None:
    council, keeper = kept
    runs.start(council.runs, "r1", council.runbook, council.hands(gates=keeper))
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("eve", {}, "no person 'eve'"),
        ("mary", {}, "Mary has no role that decides at go"),
        ("ada", {"acting_for": "eve"}, "has no role"),
    ]
    for name, other, said in refused:
        with pytest.raises(MigrationError, match=said):
            approve(keeper, {**keys, "eve": keys["ada"]}, name, **other)
    runbook, records = keeper._read("r1")  # pyright: ignore[reportPrivateUsage]
    step = next(s for s in runbook.steps if s.id == "go")
    with pytest.raises(StepWaitsError) as waits:
        keeper.decide("r1", runbook, step, records, datetime.now(UTC))
    assert all(f.startswith(f"{step.title}: ") for f in waits.value.faults)


GOOD = """
format = "cloud-unless/gates/1"
rehearsal_valid_days = 30
approval_valid_hours = 12
[[person]]
id = "ada"
name = "Ada"
roles = ["wave-lead"]
key = "ssh-ed25519 AAAAC3Nza"
until = 2027-12-31
[[person]]
id = "grace"
name = "Grace"
roles = ["senior-owner"]
key = "ssh-ed25519 AAAAC3Nzb"
until = 2027-12-31
[[delegation]]
of = "grace"
to = "ada"
role = "senior-owner"
starts = 2027-01-01
ends = 2027-01-31
because = "On leave"
[[blocker]]
id = "billing"
kind = "change-freeze"
what = "Annual billing"
by = "Head of Revenues"
starts = 2027-02-01T00:00:00Z
"""
KNOWN = frozenset({"wave-lead", "senior-owner"})


def test_the_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "gates.toml").write_text(GOOD)
    held = read_gates(tmp_path / "gates.toml", KNOWN)
    assert ([p.id for p in held.person], held.blocker[0].ends, held.delegation[0].to) == (["ada", "grace"], None, "ada")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"cloud-unless/gates/1"', '"cloud-unless/gates/2"', "key format: "),
        ("rehearsal_valid_days = 30", "rehearsal_valid_days = 0", "key rehearsal_valid_days: "),
        ('id = "ada"', 'id = "Ada L"', "key person.0.id: "),
        ("AAAAC3Nza", "AAAA\\nevil ssh-ed25519 AAAA", "key person.0.key: "),
        ("AAAAC3Nza", "AAAAC3Nzb", "key ssh-ed25519 AAAAC3Nzb: it is there more than once"),
        ("until = 2027-12-31", 'until = "2027-12-31"', "it is not a date. Write it as 2027-03-31"),
        ('roles = ["wave-lead"]', 'roles = ["wizard"]', "person ada: nobody has the role 'wizard'"),
        ('to = "ada"', 'to = "eve"', "delegation of grace to eve: there is no person eve"),
        ('to = "ada"', 'to = "grace"', "nobody stands in for themselves"),
        ('role = "senior-owner"', 'role = "wave-lead"', "grace does not have the role 'wave-lead' to give"),
        ("ends = 2027-01-31", "ends = 2026-01-31", "it ends (2026-01-31) before it starts"),
        ('kind = "change-freeze"', 'kind = "rain"', "key blocker.0.kind: "),
        ("starts = 2027-02-01T00:00:00Z", "starts = 2027-02-01T00:00:00", "key blocker.0.starts: "),
        ('because = "On leave"', 'because = "On leave"\ncolour = "blue"', "nothing has this name here"),
        ("[[person]]", "[[person", "not readable as TOML"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "gates.toml").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(MigrationError) as wrong:
        read_gates(tmp_path / "gates.toml", KNOWN)
    assert any(said in f for f in wrong.value.faults), wrong.value.faults


def test_no_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="cannot be read"):
        read_gates(tmp_path / "gates.toml", KNOWN)
