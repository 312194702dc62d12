"""Where landed events are not as their table's published JSON schema says: by table and column.

The newest events of each table are checked, as many as asked for. A difference is drift: the source, or the
connector, has changed and the schema has not (`tradewind connectors generate` writes it anew), or the other
way round.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.definitions.schemas import Schema, read_schema
from tradewind.warehouse import bronze

NEWEST = 200


@dataclass(frozen=True)
class Drift:
    """One kind of difference; `column` is empty where it concerns the event as a whole."""

    table: str
    column: str
    what: str
    events: int
    """Of the events looked at, how many differ in this way."""


def find(warehouse: WarehouseHttp, tables: Iterable[str], newest: int = NEWEST) -> list[Drift]:
    """The drift of these logs in bronze; one without a published schema is drift itself."""
    found: list[Drift] = []
    for table in tables:
        payloads = _newest(warehouse, table, newest)
        schema = read_schema(table)
        if schema is None:
            found.append(Drift(table, "", "no schema is published for this table", len(payloads)))
        else:
            found += differences(table, schema, payloads)
    return found


def differences(table: str, schema: Schema, payloads: Iterable[str]) -> list[Drift]:
    """What is different in these events."""
    validator = Draft202012Validator(schema)
    counted: Counter[tuple[str, str]] = Counter()
    for payload in payloads:
        problems = {
            problem for error in validator.iter_errors(json.loads(payload)) for problem in _problems(error)
        }
        counted.update(problems)
    return [Drift(table, column, what, events) for (column, what), events in sorted(counted.items())]


def _newest(warehouse: WarehouseHttp, table: str, number: int) -> list[str]:
    query = (
        f"select payload from {bronze.LogTable(bronze.DATABASE, table)} where payload is not null "  # noqa: S608
        f"and _op != 't' order by _position desc limit {number} format JSONCompactEachRow"
    )
    return [json.loads(line)[0] for line in warehouse.run(query).splitlines()]


def _problems(error: ValidationError) -> list[tuple[str, str]]:
    """(column, what) of an error; those inside a choice that concern the row stand for the choice."""
    inner = [
        problem
        for part in error.context or ()
        if not (part.validator == "type" and part.validator_value == "null")
        for problem in _problems(part)
    ]
    path = [str(step) for step in error.absolute_path]
    column = path[1] if len(path) > 1 and path[0] in ("before", "after") else ""
    if inner and not column:
        return inner
    row, wanted = cast(Schema, error.instance), cast(Any, error.validator_value)
    if error.validator == "additionalProperties":
        known = cast(Schema, error.schema)["properties"]
        return [(name, "is not in the schema") for name in row if name not in known]
    if error.validator == "required":
        return [(name, "is missing") for name in wanted if name not in row]
    return [(column, f"has a value that is not allowed ({_wanted(error)})")]


def _wanted(error: ValidationError) -> str:
    """What the schema wants there; never the value, which may be personal."""
    wanted = error.validator_value
    if error.validator == "anyOf" and isinstance(wanted, list):
        wanted = " or ".join(str(choice.get("pattern") or choice.get("type")) for choice in wanted)
    return f"{error.validator}: {wanted}"[:200]
