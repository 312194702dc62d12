"""The dashboard reads only columns that the marts have, and only addresses that the API has."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tradewind.serving.api.tables import TABLES
from tradewind.settings import PROJECT_ROOT
from tradewind.warehouse import check_results

SOURCES = PROJECT_ROOT / "dashboards" / "web" / "src" / "api"
INTERFACE = re.compile(r"/\*\* (\w+)\.(\w+) \*/\nexport interface \w+ \{\n(.*?)\n\}", re.DOTALL)
FIELD = re.compile(r"^  (\w+): ([^\n]+)$", re.MULTILINE)
TYPES = {
    "text": "string",
    "code": "string",
    "int": "number",
    "bigint": "number",
    "double": "number",
    "boolean": "boolean",
    "date": "string",
    "timestamptz": "string",
    "second": "string",
}


def interfaces() -> list[tuple[str, str, dict[str, str]]]:
    """Database, mart and fields of each row that the dashboard declares."""
    found = INTERFACE.findall((SOURCES / "marts.ts").read_text())
    return [(database, mart, dict(FIELD.findall(body))) for database, mart, body in found]


def contract(database: str, mart: str) -> dict[str, str]:
    """The types of a mart's columns."""
    if f"{database}.{mart}" == check_results.TABLE:
        return {name: kind for name, (kind, _) in check_results.COLUMNS.items()}
    [path] = (PROJECT_ROOT / "dbt_project" / "models" / database).rglob(f"{mart}.yml")
    [model] = [one for one in yaml.safe_load(path.read_text())["models"] if one["name"] == mart]
    columns: list[dict[str, Any]] = model["columns"]
    return {column["name"]: column["data_type"] for column in columns}


@pytest.mark.parametrize(("database", "mart", "fields"), interfaces(), ids=lambda given: str(given)[:40])
def test_each_row_has_columns_of_its_mart(database: str, mart: str, fields: dict[str, str]) -> None:
    known = contract(database, mart)
    assert fields and fields.keys() <= known.keys()
    for name, written in fields.items():
        expected = "string" if known[name].startswith("decimal") else TYPES[known[name]]
        assert written.removesuffix(" | null") == expected, name


def test_each_address_is_one_of_the_api() -> None:
    text = (SOURCES / "queries.ts").read_text()
    [block] = re.findall(r"export const PATHS = \{(.*?)\}", text, re.DOTALL)
    paths = set(re.findall(r"'(/[^']*)'", block))
    assert paths and paths <= {table.path for table in TABLES}
    assert len(interfaces()) == len(paths)
