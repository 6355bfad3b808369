"""A questionnaire as it is read: sections of questions with choices. All frozen, and checked by `read`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Risk(StrEnum):
    """What an answer says of a move, in Konveyor's words."""

    GREEN = "green"
    YELLOW = "yellow"
    UNKNOWN = "unknown"
    RED = "red"


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """Something that is so of a workload, such as `Personal data: Yes`. Case and spaces around do not matter when tags are compared."""

    category: str
    tag: str

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.category}: {self.tag}"

    @property
    def key(self) -> tuple[str, str]:
        """What tags are compared by."""
        return self.category.strip().casefold(), self.tag.strip().casefold()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a question offers. `knock_out` says that with it the workload cannot move."""

    text: str
    risk: Risk
    rationale: str = ""
    mitigation: str = ""
    knock_out: bool = False
    apply_tags: tuple[Tag, ...] = ()
    auto_answer_for: tuple[Tag, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `weight` is how much it counts, `evidence` which document would prove the answer.

    It is asked of every workload, unless `include_for` names tags, of which the workload must then have one, or `exclude_for`, of which it
    must have none. One that is not `required` counts in the score and never in the readiness.
    """

    id: str
    text: str
    choices: tuple[Choice, ...]
    explanation: str = ""
    weight: int = 1
    required: bool = True
    evidence: str = ""
    include_for: tuple[Tag, ...] = ()
    exclude_for: tuple[Tag, ...] = ()

    @property
    def can_knock_out(self) -> bool:
        """Whether any of its answers would."""
        return any(c.knock_out for c in self.choices)

    def choice(self, text: str) -> Choice | None:
        """The choice of that text, whatever its case and spaces."""
        return next((c for c in self.choices if _plain(c.text) == _plain(text)), None)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together."""

    name: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which share of the weight asked, in per cent, the whole is red, yellow or unknown."""

    red: int
    yellow: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire; `id` is the name of its file. `red_blocks` says that any red answer stops the move, not only a knock-out.

    An answer that is older than `holds_days` does not count.
    """

    id: str
    name: str
    description: str
    required: bool
    sections: tuple[Section, ...]
    thresholds: Thresholds
    messages: tuple[tuple[Risk, str], ...] = ()
    red_blocks: bool = False
    source: str = ""
    holds_days: int = 730

    def questions(self) -> Iterator[Question]:
        """Every question, in order."""
        return (q for s in self.sections for q in s.questions)

    def question(self, identity: str) -> Question | None:
        """The question of that id."""
        return next((q for q in self.questions() if q.id == identity), None)

    def message(self, risk: Risk) -> str:
        """What the questionnaire says of a risk."""
        return dict(self.messages).get(risk, "")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
