"""Environments, tables and forms as the council wrote them, checked against one another before anything is built."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stacks.errors import StacksError
from stacks.faults import sentences

# Lengths: Microsoft Learn, "Dataverse column data types": text up to 4,000 characters, multiple lines up to 1,048,576.
_LONGEST = {"text": 4000, "long-text": 1_048_576}
Name = Annotated[str, Field(min_length=1, max_length=100)]
Logical = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
F = TypeVar("F", bound="_Part")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Environment(_Part):
    """A Power Platform environment."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")
    name: Name
    kind: Literal["production", "sandbox", "developer"]
    region: Literal["unitedkingdom"]
    language: int
    currency: Literal["GBP"]
    classification: Literal["public", "official", "official-sensitive"]


class Column(_Part):
    """A column. `length` for text, `choices` for choices, `table` for a lookup."""

    id: Logical
    name: Name
    kind: Literal["text", "long-text", "whole-number", "money", "date", "date-time", "yes-no", "choice", "choices", "lookup"]
    length: int | None = Field(default=None, ge=1)
    required: bool = False
    unique: bool = False
    choices: tuple[Name, ...] = ()
    table: str = ""


class Table(_Part):
    """A table. A `standard` one is Dataverse's own, which these columns extend; its primary column is Dataverse's too."""

    id: Logical
    name: Name
    plural: Name
    primary: Logical
    standard: bool = False
    personal_data: bool
    retention_years: int = Field(ge=1, le=100)
    columns: tuple[Column, ...] = Field(min_length=1)


class Section(_Part):
    """A part of a form."""

    name: Name
    columns: tuple[str, ...] = Field(min_length=1)


class Form(_Part):
    """A form of one table."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,50}$")
    table: str
    name: Name
    sections: tuple[Section, ...] = Field(min_length=1)


class _Environments(_Part):
    format: Literal["cloud-unless/dynamics-environments/1"]
    environment: tuple[Environment, ...] = Field(min_length=1)


class _Tables(_Part):
    format: Literal["cloud-unless/dynamics-tables/1"]
    prefix: str = Field(pattern=r"^[a-z][a-z0-9]{1,7}$")
    table: tuple[Table, ...] = Field(min_length=1)


class _Forms(_Part):
    format: Literal["cloud-unless/dynamics-forms/1"]
    form: tuple[Form, ...] = Field(min_length=1)


class DynamicsModel(_Part):
    """All three files together."""

    environments: tuple[Environment, ...]
    prefix: str
    tables: tuple[Table, ...]
    forms: tuple[Form, ...]


def read_model(folder: Path, shown: str) -> DynamicsModel:
    """The model in `folder`, which the settings call `shown`.

    Raises StacksError with a sentence for every fault of all three files.
    """
    faults: list[str] = []
    environments = _read(_Environments, folder / "environments.toml", shown, faults)
    tables = _read(_Tables, folder / "tables.toml", shown, faults)
    forms = _read(_Forms, folder / "forms.toml", shown, faults)
    if tables:
        faults += [f"{shown}/tables.toml, table {t}: {what}" for t, what in _table_faults(tables.table)]
    if tables and forms:
        faults += [f"{shown}/forms.toml, form {f}: {what}" for f, what in _form_faults(tables.table, forms.form)]
    if faults or not (environments and tables and forms):
        raise StacksError(*faults)
    return DynamicsModel(environments=environments.environment, prefix=tables.prefix, tables=tables.table, forms=forms.form)


def _read(kind: type[F], file: Path, shown: str, faults: list[str]) -> F | None:
    try:
        return kind.model_validate(tomllib.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        faults.append(f"{shown}/{file.name} does not exist. Write it, or correct the setting model.")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as wrong:
        faults.append(f"{shown}/{file.name} is not readable as TOML: {wrong}. Mend the line that it names.")
    except ValidationError as wrong:
        found = sentences(kind, wrong)
        faults.extend(f"{shown}/{file.name}, key {key}: {what}" for key, what in found)
    return None


def _table_faults(tables: tuple[Table, ...]) -> Iterator[tuple[str, str]]:
    ids = [t.id for t in tables]
    for table in tables:
        columns = [c.id for c in table.columns]
        if ids.count(table.id) > 1:
            yield table.id, "it stands there more than once; remove the repetition."
        yield from ((table.id, f"column {c} stands there more than once.") for c in sorted({c for c in columns if columns.count(c) > 1}))
        if not table.standard and table.primary not in columns:
            yield table.id, f"its primary column {table.primary} is none of its columns; add it."
        yield from ((table.id, f"column {c.id} {what}") for c in table.columns if (what := _column_fault(c, ids)))


def _column_fault(column: Column, tables: list[str]) -> str:
    if column.kind in _LONGEST and not (column.length and column.length <= _LONGEST[column.kind]):
        return f"needs a length of 1 to {_LONGEST[column.kind]}."
    if column.kind in ("choice", "choices") and len(set(column.choices)) < max(2, len(column.choices)):
        return "needs at least two choices, each different."
    if column.kind == "lookup" and column.table not in tables:
        return f"looks up {column.table or 'nothing'}, which is none of the tables."
    return ""


def _form_faults(tables: tuple[Table, ...], forms: tuple[Form, ...]) -> Iterator[tuple[str, str]]:
    by_id = {t.id: t for t in tables}
    for form in forms:
        if form.table not in by_id:
            yield form.id, f"table {form.table} is none of the tables; correct it."
            continue
        known = {c.id for c in by_id[form.table].columns} | {by_id[form.table].primary}
        shown = [c for s in form.sections for c in s.columns]
        yield from ((form.id, f"column {c} is none of table {form.table}'s; correct it or add it there.") for c in shown if c not in known)
    for table in tables:
        seen = {c for f in forms if f.table == table.id for s in f.sections for c in s.columns}
        hidden = [c.id for c in table.columns if c.required and c.id not in seen]
        if seen and hidden:
            yield next(f.id for f in forms if f.table == table.id), f"required {', '.join(hidden)} of {table.id} stand on no form."
