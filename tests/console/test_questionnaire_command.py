"""`unless questionnaire` from the question to the readiness, as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

Run = Callable[..., CompletedProcess[bytes]]


def answer(file: Path, question: str, said: str) -> None:
    """Fill in one answer as a person would."""
    head, found, tail = file.read_text("utf-8").partition(f'question = "{question}"\n')
    assert found
    filled = tail.replace('answer = ""', f'answer = "{said}"', 1).replace('by = ""', 'by = "A. Architect"', 1)
    filled = filled.replace('on = ""', "on = 2026-01-05", 1).replace('evidence = ""', 'evidence = "a letter"', 1)
    file.write_text(head + found + filled, encoding="utf-8")


def test_a_knock_out_that_a_person_answers_makes_the_workload_not_ready(unless: Run, council: Path) -> None:
    asked = unless("questionnaire", "ask", "app-02")
    assert asked.returncode == 0, asked.stderr.decode()
    file = council.parent / "questionnaires/answers/app-02.council.toml"
    assert "29 questions, 0 of them answered by the inventory" in asked.stdout.decode()
    answer(file, "supplier-supports-cloud", "No")
    checked = unless("questionnaire", "check", "--json")
    assert checked.returncode == 0, checked.stderr.decode()
    (row,) = json.loads(checked.stdout)
    assert (row["workload"], row["answered"], row["asked"], row["score"], row["risk"]) == ("app-02", 1, 29, 0, "red")
    shown = unless("questionnaire", "show", "app-02").stdout.decode()
    assert "red, knock-out" in shown
    assert "A. Architect on 2026-01-05, evidence: a letter" in shown
    assert unless("assess").returncode == 0
    made = json.loads(unless("assess", "list", "--json").stdout)
    stands = {a["workload_id"]: a for a in made}
    assert stands["app-02"]["readiness"] == "not ready"
    assert "the answer is “No”" in unless("assess", "show", "app-02").stdout.decode()
    assert "questionnaire" not in unless("assess", "show", "app-01").stdout.decode()


def test_what_is_shown_as_json_is_read_by_check(unless: Run, council: Path) -> None:
    assert unless("questionnaire", "ask", "app-01").returncode == 0
    (council.parent / "answered.json").write_bytes(unless("questionnaire", "show", "app-01", "--json").stdout)
    judged = json.loads(unless("check", "answered.json", "--json").stdout)
    assert "answered.json: questionnaire, 1 questionnaire" in judged["judged"]


def test_every_fault_comes_at_once_and_the_rest_is_assessed(unless: Run, council: Path) -> None:
    assert unless("questionnaire", "ask", "app-01").returncode == 0
    folder = council.parent / "questionnaires/answers"
    answer(folder / "app-01.council.toml", "supplier-supports-cloud", "Maybe")
    (folder / "stranger.council.toml").write_text("", encoding="utf-8")
    (folder / "app-02.council.toml").write_text("format =", encoding="utf-8")
    for words in (("questionnaire", "check"), ("assess",)):
        done = unless(*words)
        told = done.stderr.decode()
        assert done.returncode == 1
        assert "supplier-supports-cloud: 'Maybe' is not one of its answers." in told
        assert "No workload of the estate has the id stranger." in told
        assert "app-02.council.toml: It is not readable as TOML" in told
        assert "Traceback" not in told
    made = {a["workload_id"]: a["readiness"] for a in json.loads(unless("assess", "list", "--json").stdout)}
    assert set(made.values()) <= {"unknown", "not ready"}


def test_a_questionnaire_of_the_councils_own_is_used_and_a_wrong_one_is_told(unless: Run, council: Path) -> None:
    folder = council.parent / "questionnaires"
    folder.mkdir()
    small = Path(__file__).parents[1] / "cases/questionnaires/small.yaml"
    (folder / "small.yaml").write_bytes(small.read_bytes())
    listed = json.loads(unless("questionnaire", "list", "--json").stdout)
    assert [(q["id"], q["questions"]) for q in listed] == [("council", 29), ("small", 4)]
    assert b"supplier-allows" in unless("questionnaire", "list", "small").stdout
    assert unless("questionnaire", "ask", "app-01", "--questionnaire", "small").returncode == 0
    assert (folder / "answers/app-01.small.toml").is_file()
    (folder / "wrong.yaml").write_text("a: &a [1]\nb: *a\n", encoding="utf-8")
    done = unless("questionnaire", "list")
    assert done.returncode == 1
    assert "questionnaires/wrong.yaml, line 2: repeats parts of itself by the alias *a." in done.stderr.decode()


def test_wrong_usage_is_told(unless: Run, council: Path) -> None:
    for words, told in (
        (("ask", "nobody"), "No workload of the estate has the id nobody."),
        (("ask", "app-01", "--questionnaire", "none"), "There is no questionnaire none; there are council."),
        (("list", "none"), "There is no questionnaire none"),
        (("show", "app-01"), "Nothing was asked of app-01. Run: unless questionnaire ask app-01"),
    ):
        done = unless("questionnaire", *words)
        assert done.returncode == 1, words
        assert told in done.stderr.decode()
    assert unless("questionnaire", "ask", "app-01").returncode == 0
    again = unless("questionnaire", "ask", "app-01")
    assert again.returncode == 1
    assert "is there already. Edit it" in again.stderr.decode()
