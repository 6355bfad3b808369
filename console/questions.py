"""The questionnaires of a workspace: those there are, what was asked of whom, and what is wrong in the answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from console.workspace import Workspace
    from inventory.model import Estate, Fault, Workload
    from migration.questionnaires.answers import Sheet, Sheets
    from migration.questionnaires.asked import Reply
    from migration.questionnaires.model import Questionnaire
    from migration.terms import Terms


@dataclass(frozen=True)
class Questions:
    """Everything that a question can be answered from. `terms` know the sheets."""

    known: Mapping[str, Questionnaire]
    sheets: Sheets
    estate: Estate
    terms: Terms

    def replies(self, sheet: Sheet) -> tuple[Reply, ...]:
        """What is asked and answered on a sheet."""
        from migration.questionnaires.asked import replies

        return replies(sheet, self.workload(sheet), self.estate, self.terms)

    def workload(self, sheet: Sheet) -> Workload:
        """Whose sheet it is."""
        return self.estate.workload_by_id[sheet.workload_id]

    def faults(self) -> tuple[Fault, ...]:
        """All that is wrong in the answer files, and where they contradict the inventory."""
        from migration.questionnaires.asked import contradictions, not_asked

        held = [(s, self.replies(s)) for sheets in self.sheets.by_workload.values() for s in sheets]
        return (*self.sheets.faults, *(f for s, asked in held for f in (*contradictions(s, asked), *not_asked(s, asked))))


def questions_of(held: Workspace, estate: Estate, terms: Terms) -> Questions:
    """The workspace's questionnaires and answers as on the day of the terms.

    Raises MigrationError with every mistake of every questionnaire.
    """
    from migration.questionnaires.answers import read_sheets
    from migration.questionnaires.read import read_questionnaires

    shown = held.settings.assess.questionnaires.as_posix()
    known = read_questionnaires(held.questionnaires, shown)
    sheets = read_sheets(held.questionnaires / "answers", f"{shown}/answers", estate, known, terms.on)
    return Questions(known, sheets, estate, replace(terms, sheets=sheets.by_workload))


def open_questions(held: Workspace) -> Questions:
    """As `questions_of`, for the estate and the terms of the workspace's settings. `on` is the day of its settings, or today."""
    from inventory.store import open_store
    from migration.knowledge import load_knowledge
    from migration.terms import Terms

    settings = held.settings.assess
    with open_store(held.estate_url) as store:
        estate = store.load()
    on: date = held.on
    terms = Terms(on, max(settings.cutover_on or on, on), settings.region, settings.headroom_percent, load_knowledge())
    return questions_of(held, estate, terms)
