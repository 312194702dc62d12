"""The generated ODS layer of a dbt project: which tables have a model, and its files.

A new source table needs its DDL with comments, and then `tradewind source models`. Each table is handled on
its own: one that cannot have a model is left out by name, and the others are written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tradewind.source.models import (
    Layer,
    column_refusal,
    model_properties,
    model_sql,
    own_model_name,
    sources,
    union_properties,
    union_sql,
)
from tradewind.source.naming import TableName, assign
from tradewind.source.table import Table
from tradewind.source.yaml_text import yaml_text

FOLDER = Path("dbt_project/models/ods")
SOURCE_TABLES = Layer(
    source="bronze",
    description="The change log of every source table, as Debezium delivered it.",
    folder=FOLDER,
    sources_file="_bronze_sources.yml",
    header="Written by `tradewind source models` from the source's DDL; change that instead.",
)

_REFERENCE = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")


@dataclass(frozen=True)
class Generated:
    """The files of a layer, and what was left out of it."""

    files: Mapping[str, str]
    """Name in the layer's folder -> text."""
    left_out: Mapping[str, str]
    """Table or column -> why."""


@dataclass(frozen=True)
class Written:
    """What `write_models` did."""

    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left_out: Mapping[str, str] = field(default_factory=dict)
    broken: Mapping[str, list[str]] = field(default_factory=dict)
    """Removed model -> files of the project that still refer to it."""


def generate(
    tables: Iterable[Table],
    layer: Layer = SOURCE_TABLES,
    owners: Mapping[str, TableName] | None = None,
    taken: Collection[str] = (),
) -> Generated:
    """The files of a layer.

    `owners` are the tables that have logs in bronze, by their collision key; `taken` the names of models that
    are not generated.
    """
    ordered = sorted(tables, key=lambda table: table.qualified_name)
    left_out = _refusals(ordered, owners or {}, taken)
    modelled = {table.qualified_name: table for table in ordered if str(table.qualified_name) not in left_out}
    files = {layer.sources_file: _with_header(sources(modelled.values(), layer), layer)}
    for table in modelled.values():
        files |= _files(table, modelled, layer)
        for child in table.children:
            if child not in modelled:
                left_out[f"{table.qualified_name}, the rows of {child}"] = "the inheriting table has no model"
        for column in table.columns:
            if refusal := column_refusal(column):
                left_out[f"{table.qualified_name}.{column.name}"] = refusal
    return Generated(files, dict(sorted(left_out.items())))


def write_models(
    tables: Iterable[Table],
    project: Path,
    layer: Layer = SOURCE_TABLES,
    owners: Mapping[str, TableName] | None = None,
) -> Written:
    """Write a layer of a dbt project, and remove the generated models of tables that are gone."""
    folder = project / layer.folder
    folder.mkdir(parents=True, exist_ok=True)
    present = set(present_files(project, layer))
    generated = generate(tables, layer, owners, other_models(project, layer))
    changed = [name for name, text in generated.files.items() if _read(folder / name) != text]
    for name in changed:
        (folder / name).write_text(generated.files[name])
    removed = sorted(present - set(generated.files))
    for name in removed:
        (folder / name).unlink()
    broken = _references(project, {Path(name).stem for name in removed})
    return Written(changed, removed, generated.left_out, broken)


def present_files(project: Path, layer: Layer) -> dict[str, str]:
    """The generated files of a layer of a dbt project's tables, as they are: name -> text."""
    texts = {path.name: path.read_text() for path in (project / layer.folder).glob("ods_*.*")}
    return {name: text for name, text in texts.items() if layer.header in text}


def other_models(project: Path, layer: Layer) -> set[str]:
    """The names of a dbt project's models that are not generated for this layer."""
    models = {path.stem for path in project.glob("dbt_project/models/**/*.sql")}
    return models - {Path(name).stem for name in present_files(project, layer)}


def _files(table: Table, modelled: Mapping[TableName, Table], layer: Layer) -> dict[str, str]:
    """The files of a table: one model, and one more with inherited rows where others inherit from it."""
    own = own_model_name(table)
    files = {
        f"{own}.sql": model_sql(table, layer),
        f"{own}.yml": _with_header(model_properties(table, modelled), layer),
    }
    if table.children:
        name = table.qualified_name.model_name
        descendants = [modelled[child] for child in table.children if child in modelled]
        files[f"{name}.sql"] = union_sql(table, descendants, layer)
        files[f"{name}.yml"] = _with_header(union_properties(table, descendants), layer)
    return files


def _refusals(
    tables: Iterable[Table], owners: Mapping[str, TableName], taken: Collection[str]
) -> dict[str, str]:
    """The tables that get no model, with the reasons."""
    collisions = assign((table.qualified_name for table in tables if not table.refusal), owners).refused
    models = {name.lower(): f"the model {name}" for name in taken}
    refused: dict[str, str] = {}
    for table in tables:
        name = table.qualified_name
        reason = table.refusal or collisions.get(name) or _key_refusal(table)
        if not reason:
            other = models.setdefault(name.model_name.lower(), str(name))
            if other != str(name):
                reason = f"its model {name.model_name} would be that of {other} too; rename it, or exclude it"
        if reason:
            refused[str(name)] = reason
    return refused


def _key_refusal(table: Table) -> str:
    if not table.primary_key:
        return (
            "it has no primary key, so its rows cannot be told apart; declare one "
            f"(`alter table {table.qualified_name} add primary key ...`), or exclude it"
        )
    for name in table.primary_key:
        if refusal := column_refusal(table.column(name)):
            return f"its key column {name} is left out: {refusal}"
    return ""


def references(text: str) -> set[str]:
    """The models to which a file refers."""
    return set(_REFERENCE.findall(text))


def _references(project: Path, models: Collection[str]) -> dict[str, list[str]]:
    """The files of the project that refer to each of the models."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((project / "dbt_project").rglob("*.*")):
        if path.suffix not in (".sql", ".yml"):
            continue
        for model in sorted(references(path.read_text()) & set(models)):
            found[model].append(str(path.relative_to(project)))
    return dict(found)


def _with_header(content: Mapping[str, Any], layer: Layer) -> str:
    return f"# {layer.header}\n{yaml_text(content)}"


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None
