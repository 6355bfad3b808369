from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from migration.assess import Terms
from migration.knowledge import Knowledge, load_knowledge
from migration.questionnaires.model import Questionnaire
from migration.questionnaires.read import read_questionnaire

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture
def terms(knowledge: Knowledge) -> Terms:
    return Terms(date(2026, 11, 22), date(2027, 6, 30), "uksouth", 20, knowledge)


@pytest.fixture(scope="session")
def small() -> Questionnaire:
    return read_questionnaire(CASES / "questionnaires/small.yaml", "small.yaml")
