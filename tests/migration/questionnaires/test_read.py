"""Questionnaires are read in Konveyor's form, and whatever is wrong in one is said in one go."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from migration.errors import MigrationError
from migration.questionnaires.model import Questionnaire, Risk
from migration.questionnaires.read import read_questionnaire, read_questionnaires, slug

CASES = Path(__file__).parents[2] / "cases"
REFUSED = sorted((CASES / "questionnaires-refused").glob("*.yaml"))
TEMPLATE = Path(__file__).parents[3] / "../shared/data/konveyor/questionnaire-template.yaml"


@pytest.mark.parametrize("file", REFUSED, ids=lambda p: p.stem)
def test_what_is_wrong_is_said_with_where_and_what_to_do(file: Path) -> None:
    expected = [line.removeprefix("# says: ") for line in file.read_text("utf-8").splitlines() if line.startswith("# says: ")]
    with pytest.raises(MigrationError) as told:
        read_questionnaire(file, file.name)
    assert len(told.value.faults) == len(expected), told.value.faults
    for fault, says in zip(told.value.faults, expected, strict=True):
        assert fault.startswith(file.name)
        assert says in fault
        assert fault.endswith(".")


def test_a_bare_yes_is_the_word_and_order_is_what_the_file_says(small: Questionnaire) -> None:
    assert [s.name for s in small.sections] == ["Supplier", "People"]
    assert [q.id for q in small.questions()] == ["supplier-allows", "assessed", "skills", "has-owner"]
    asked = small.question("supplier-allows")
    assert asked is not None
    assert [c.text for c in asked.choices] == ["Yes", "Perhaps", "No", "Not yet asked"]
    assert (asked.weight, asked.can_knock_out, asked.choice(" yes ")) == (3, True, asked.choices[0])


def test_konveyors_own_template_is_read() -> None:
    if not TEMPLATE.exists():
        pytest.skip("The public data is not at hand.")
    made = read_questionnaire(TEMPLATE, TEMPLATE.name)
    assert made.required
    questions = list(made.questions())
    assert [len(q.choices) for q in questions] == [3, 3, 3, 3]
    assert [c.text for c in questions[1].choices] == ["Yes", "No", "Unknown"]
    assert str(questions[0].include_for[0]) == "Language: Java"
    assert str(questions[0].choices[0].auto_answer_for[0]) == "Runtime: Quarkus"
    assert made.message(Risk.GREEN) == "Cloud Native"


def test_the_questionnaire_that_ships_can_be_used_as_it_is() -> None:
    made = read_questionnaires(None)["council"]
    questions = list(made.questions())
    assert len(questions) >= 25
    assert "Judgement" in made.source
    assert [q.id for q in questions if not q.text.endswith("?")] == []
    silent = [(q.id, c.text) for q in questions for c in q.choices if c.risk in (Risk.RED, Risk.YELLOW) and not c.mitigation]
    assert silent == []
    assert [(q.id, c.text) for q in questions for c in q.choices if not c.rationale] == []
    assert sum(q.can_knock_out for q in questions) >= 3
    assert [q.id for q in questions if not any(c.risk is Risk.GREEN for c in q.choices)] == []


def test_a_council_replaces_ours_by_one_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "council.yaml").write_bytes((CASES / "questionnaires/small.yaml").read_bytes())
    assert read_questionnaires(tmp_path)["council"].name == "Small"


def test_the_faults_of_every_file_come_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("name: Nothing\n", encoding="utf-8")
    with pytest.raises(MigrationError) as told:
        read_questionnaires(tmp_path, "questionnaires")
    assert {f.split(",")[0] for f in told.value.faults} == {"questionnaires/one.yaml", "questionnaires/two.yaml"}


def test_a_file_that_is_not_there_or_is_no_text_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="cannot be read"):
        read_questionnaire(tmp_path / "none.yaml", "none.yaml")
    (tmp_path / "odd.yaml").write_bytes(b"name: \xff\xfe\x00")
    with pytest.raises(MigrationError, match=r"odd\.yaml"):
        read_questionnaire(tmp_path / "odd.yaml", "odd.yaml")


def test_the_file_is_still_yaml_to_others() -> None:
    held = yaml.safe_load((CASES / "questionnaires/small.yaml").read_text("utf-8"))
    assert held["thresholds"]["red"] == 15


def test_an_id_is_made_of_a_text() -> None:
    assert slug("Is your application's data “safe”?") == "is-your-application-s-data-safe"
