"""Konveyor's questionnaires become subjects; what nobody answered is unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.errors import PoliciesError
from policies.model import UNKNOWN, Subject
from policies.read.recognise import read_file

TEMPLATE = Path(__file__).parents[2] / ".." / "shared" / "data" / "konveyor" / "questionnaire-template.yaml"
ANSWERS = [
    {"order": 1, "text": "Yes", "risk": "green"},
    {"order": 2, "text": "No", "risk": "RED"},
    {"order": 3, "text": "?", "risk": "unknown"},
]


def question(text: str, given: int = -1) -> dict[str, Any]:
    return {"order": 1, "text": text, "answers": [{**a, **({"selected": True} if n == given else {})} for n, a in enumerate(ANSWERS)]}


def assessment(**more: Any) -> dict[str, Any]:
    questions = [question("a", 0), question("b", 1), question("c", 2), question("d")]
    return {"id": 7, "application": {"id": 1, "name": "Rents"}, "sections": [{"order": 1, "name": "S", "questions": questions}], **more}


def read(folder: Path, text: str) -> tuple[Subject, ...]:
    file = folder / "any"
    file.write_text(text, "utf-8")
    return read_file(file, "shown").subjects


def test_answers_and_their_risks_are_read_and_what_nobody_answered_is_unknown(tmp_path: Path) -> None:
    (subject,) = read(tmp_path, json.dumps(assessment(questionnaire={"id": 1, "name": "Cloud"})))
    assert (subject.kind, subject.type, subject.id, subject.file) == ("questionnaire", "questionnaire", "Rents: Cloud (7)", "shown")
    assert (subject.inputs["application"], subject.inputs["asked"], subject.inputs["answered"]) == ("Rents", 4, 3)
    answers = [(q["text"], q["answer"]) for q in subject.inputs["questions"]]
    assert answers == [("a", "Yes"), ("b", "No"), ("c", "?"), ("d", None)]
    risks = [q["risk"] for q in subject.inputs["questions"]]
    assert risks[:2] == ["green", "red"]
    assert all(r is UNKNOWN for r in risks[2:])


def test_a_list_of_them_as_the_api_gives_it(tmp_path: Path) -> None:
    assert [s.id for s in read(tmp_path, json.dumps([assessment(), assessment(id=8)]))] == ["Rents:  (7)", "Rents:  (8)"]


def test_yaml_whose_bare_yes_is_a_word_again(tmp_path: Path) -> None:
    text = yaml.safe_dump(assessment(name="Cloud", application=None)).replace("text: 'Yes'", "text: Yes")
    (subject,) = read(tmp_path, text)
    assert (subject.name, subject.inputs["questions"][0]["answer"]) == ("Cloud", "Yes")


def test_the_published_template_is_a_questionnaire_that_nobody_answered() -> None:
    if not TEMPLATE.is_file():
        pytest.skip("shared data is not here")
    (subject,) = read_file(TEMPLATE, "shown").subjects
    assert (subject.inputs["answered"], subject.inputs["asked"]) == (0, sum(1 for _ in subject.inputs["questions"]))
    assert subject.inputs["asked"] > 0


def test_a_wrong_shape_is_a_plain_fault(tmp_path: Path) -> None:
    wrong = assessment()
    wrong["sections"][0]["questions"][0]["answers"][0]["risk"] = "purple"
    with pytest.raises(PoliciesError, match=r"shown, sections\.0\.questions\.0\.answers\.0\.risk") as told:
        read(tmp_path, json.dumps(wrong))
    assert told.value.faults[0].endswith("Write the file again.")
