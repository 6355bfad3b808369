"""Every kind of step, by name. A new one: its module, and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from migration.steps.copy_files import COPY_FILES
from migration.steps.freeze import FREEZE_SHARE
from migration.steps.locator import SWITCH_LOCATOR
from migration.steps.model import Kind
from migration.steps.people import GO_NO_GO, HUMAN_TASK
from migration.steps.postgresql.kinds import (
    POSTGRESQL_CATCH_UP,
    POSTGRESQL_CHECK,
    POSTGRESQL_COPY,
    POSTGRESQL_FREEZE,
    POSTGRESQL_REPLICATE,
    POSTGRESQL_VERIFY,
)
from migration.steps.smoke import HTTP_CHECK
from migration.steps.ssh_check import SSH_CHECK, SURVEY_SHARE
from migration.steps.ssh_command import SSH_COMMAND
from migration.steps.verify_copy import VERIFY_COPY

_ALL: tuple[Kind[Any], ...] = (
    HUMAN_TASK,
    GO_NO_GO,
    SSH_CHECK,
    SSH_COMMAND,
    SURVEY_SHARE,
    FREEZE_SHARE,
    COPY_FILES,
    VERIFY_COPY,
    SWITCH_LOCATOR,
    HTTP_CHECK,
    POSTGRESQL_CHECK,
    POSTGRESQL_REPLICATE,
    POSTGRESQL_FREEZE,
    POSTGRESQL_COPY,
    POSTGRESQL_CATCH_UP,
    POSTGRESQL_VERIFY,
)
KINDS: Mapping[str, Kind[Any]] = {kind.name: kind for kind in _ALL}
