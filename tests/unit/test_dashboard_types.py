"""The dashboard reads only columns that the marts have, and only addresses that the API has."""

from __future__ import annotations

import re

import pytest

from tests.fixtures.contracts import types
from tradewind.serving.api.tables import TABLES
from tradewind.settings import PROJECT_ROOT

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
    "array<text>": "string[]",
}


def interfaces() -> list[tuple[str, str, dict[str, str]]]:
    """Database, mart and fields of each row that the dashboard declares."""
    found = INTERFACE.findall((SOURCES / "marts.ts").read_text())
    return [(database, mart, dict(FIELD.findall(body))) for database, mart, body in found]


@pytest.mark.parametrize(("database", "mart", "fields"), interfaces(), ids=lambda given: str(given)[:40])
def test_each_row_has_columns_of_its_mart(database: str, mart: str, fields: dict[str, str]) -> None:
    known = types(f"{database}.{mart}")
    for table in TABLES:
        if table.relation == f"{database}.{mart}":
            known |= {name: types(names.mart)[name] for names in table.names for name in names.columns}
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
