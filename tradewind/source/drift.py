"""Drift: differences between the tables of the source and the models that were generated from them.

A difference is breaking if the model would have lost, altered or stale values; all others are additive: the
model goes on as it was, without what is new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.source.layer import SOURCE_TABLES, generate, other_models, present_files, references
from tradewind.source.models import name_refusal, own_model_name
from tradewind.source.naming import TableName
from tradewind.source.shape import Shape, fits, parse_model
from tradewind.source.table import Table


@dataclass(frozen=True)
class Difference:
    """One difference; `column` is empty for one of a whole table, `model` for a table without a model."""

    table: str
    column: str
    change: str
    is_breaking: bool
    model: str = ""
    is_of_type: bool = False
    """Whether the model's table has to be built anew, since a column has another type."""

    @property
    def place(self) -> str:
        """The table, and the column where it is one of a column."""
        return f"{self.table}.{self.column}" if self.column else self.table


@dataclass(frozen=True)
class Source:
    """The tables of the source, as their models should read them."""

    shapes: Mapping[str, Shape]
    """Model -> what it should read."""
    tables: Mapping[str, str]
    """Model -> its table, for all tables that are known."""
    types: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Model and column -> the type as the source writes it."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Table or column -> why it has no model."""
    is_whole: bool = True
    """Whether a table that is not among these does not exist."""


def compare_with_catalog(
    tables: Iterable[Table], project: Path, owners: Mapping[str, TableName]
) -> list[Difference]:
    """The differences between the live catalogue and the models of a dbt project.

    `owners` are the tables that have logs in bronze, by their collision key.
    """
    declared = list(tables)
    expected = generate(declared, SOURCE_TABLES, owners, other_models(project, SOURCE_TABLES))
    source = Source(
        shapes=shapes(expected.files),
        tables={own_model_name(table): str(table.qualified_name) for table in declared},
        types={
            (own_model_name(table), column.name): column.source_type
            for table in declared
            for column in table.columns
        },
        left_out=expected.left_out,
    )
    present = present_files(project, SOURCE_TABLES)
    found = compare(source, shapes(present))
    return found + _rules(source, expected.files, present, {difference.model for difference in found})


def compare_with_events(seen: Mapping[TableName, Shape], project: Path) -> list[Difference]:
    """The differences between the columns that the newest events have and the models of a dbt project."""
    models = shapes(present_files(project, SOURCE_TABLES))
    named = {_model_of(table, models): (table, shape) for table, shape in seen.items()}
    source = Source(
        shapes={model: _modelled(shape) for model, (_, shape) in named.items()},
        tables={model: str(table) for model, (table, _) in named.items()},
        is_whole=False,
    )
    return compare(source, models)


def compare(source: Source, models: Mapping[str, Shape]) -> list[Difference]:
    """The differences between the tables and the models, by model."""
    found: list[Difference] = []
    for model, shape in sorted(models.items()):
        now = source.shapes.get(model)
        if now is not None:
            found += _of_table(source, model, shape, now)
        elif source.is_whole:
            found.append(_gone(source, model, shape, models))
    # Bronze has logs of tables that are gone, so what it has does not tell which are new.
    for model in sorted(set(source.shapes) - set(models)) if source.is_whole else ():
        found.append(Difference(source.tables[model], "", "it is new and has no model", is_breaking=False))
    return found


def shapes(files: Mapping[str, str]) -> dict[str, Shape]:
    """The shapes of the models among these files, by model."""
    parsed = {Path(name).stem: parse_model(text) for name, text in files.items() if name.endswith(".sql")}
    return {model: shape for model, shape in parsed.items() if shape is not None}


def _modelled(shape: Shape) -> Shape:
    """Without the columns that no model can have."""
    columns = {name: kind for name, kind in shape.columns.items() if not name_refusal(name)}
    return Shape(shape.key, columns)


def _of_table(source: Source, model: str, shape: Shape, now: Shape) -> list[Difference]:
    table = source.tables[model]
    found = []
    new = [name for name in now.columns if name not in shape.columns]
    for name, kind in shape.columns.items():
        if name not in now.columns:
            change = _why_gone(source.left_out.get(f"{table}.{name}"), kind, now, new)
            found.append(Difference(table, name, change, is_breaking=True, model=model))
        elif kind != now.columns[name] and now.columns[name]:
            declared = source.types.get((model, name), now.columns[name])
            change = f"it is {declared} now, the model reads {kind}"
            is_breaking = not fits(kind, now.columns[name])
            change += "" if is_breaking else ", which has room for every value"
            found.append(Difference(table, name, change, is_breaking, model, is_of_type=is_breaking))
    if now.key and set(now.key) != set(shape.key):
        change = f"its key is {', '.join(now.key)} now, the model's {', '.join(shape.key)}"
        found.append(Difference(table, "", change, is_breaking=True, model=model, is_of_type=True))
    found += [Difference(table, name, "it is new", is_breaking=False, model=model) for name in new]
    return found


def _why_gone(refusal: str | None, kind: str, now: Shape, new: Collection[str]) -> str:
    if refusal:
        return f"it is not captured any more: {refusal}"
    alike = [name for name in new if now.columns[name] in (kind, "")]
    return f"it is gone; was it renamed to {alike[0]}?" if len(alike) == 1 else "it is gone"


def _gone(source: Source, model: str, shape: Shape, models: Mapping[str, Shape]) -> Difference:
    """The difference of a model whose table has none any more."""
    if model in source.tables:
        table = source.tables[model]
        change = f"it is not captured any more: {source.left_out.get(table, 'it has no model')}"
    elif f"{model}__own" in source.shapes:
        table, change = source.tables[f"{model}__own"], "other tables inherit from it now"
    elif model.removesuffix("__own") in source.shapes:
        table, change = source.tables[model.removesuffix("__own")], "no table inherits from it any more"
    else:
        table = model.removeprefix("ods_")
        alike = [name for name in set(source.shapes) - set(models) if source.shapes[name] == shape]
        change = "it is gone" + (f"; was it renamed to {source.tables[alike[0]]}?" if len(alike) == 1 else "")
    return Difference(table, "", change, is_breaking=True, model=model)


def _rules(
    source: Source, expected: Mapping[str, str], present: Mapping[str, str], different: Collection[str]
) -> list[Difference]:
    """The models whose files differ, although what they read of their tables does not."""
    found: dict[str, Difference] = {}
    for name in sorted(set(expected) & set(present)):
        model = Path(name).stem
        if expected[name] == present[name] or model in different or model in found:
            continue
        if model in source.tables:
            change = "its comments or rules have changed"
            found[model] = Difference(source.tables[model], "", change, is_breaking=False, model=model)
        elif name.endswith(".sql") and references(expected[name]) != references(present[name]):
            table, change = source.tables[f"{model}__own"], "the tables that inherit from it have changed"
            found[model] = Difference(table, "", change, is_breaking=True, model=model)
    return list(found.values())


def _model_of(table: TableName, models: Collection[str]) -> str:
    own = f"{table.model_name}__own"
    return own if own in models else table.model_name
