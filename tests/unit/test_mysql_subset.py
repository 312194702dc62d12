"""The MySQL family's SQL keeps to what MySQL and MariaDB both take; other tests run it on MariaDB only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradewind.marketplace.mysql.init import FOLDER
from tradewind.settings import PROJECT_ROOT

FILES = [*sorted(FOLDER.glob("*/*.sql")), PROJECT_ROOT / "deploy" / "mysql" / "accounts.sql"]

# MariaDB knows them, MySQL does not.
ONLY_MARIADB = [
    r"create or replace (trigger|procedure|function|table|user)",
    r"create (trigger|procedure|function) if not exists",
    r"\breturning\b",
    r"\b(create sequence|next value for|nextval)\b",
    r"\bexecute immediate\b",
    r"\bbegin not atomic\b",
    r"\b(inet6|uuid)\b",
    r"\bfor \w+ in \(",
    r"\bsql_mode\s*=\s*oracle\b",
    r"\bcheck\s*\([^;]*?\bcase\b",  # MySQL: a check must be a condition
]
# MySQL knows them, MariaDB does not.
ONLY_MYSQL = [
    r"\bfor share\b",
    r"\bskip locked\b.*\bof\b",
    r"->>",
    r"\bmember of\b",
    r"\blateral\b",
    r"_0900_",
]

RESERVED_BY_MYSQL = set(
    re.findall(
        r"\w+",
        "cube cume_dist dense_rank empty first_value function grouping groups intersect json_table lag "
        "last_value lateral lead manual nth_value ntile of over parallel percent_rank qualify rank recursive "
        "row row_number rows system tablesample window",
    )
)
USED_AS_KEYWORDS = {"function", "lag", "over", "row", "row_number"}


def code(text: str) -> str:
    """The statements without comments, texts and quoted names."""
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'|`[^`]*`", " ", text).lower()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_holds_nothing_that_only_one_of_them_knows(path: Path) -> None:
    text = code(path.read_text())
    assert [pattern for pattern in ONLY_MARIADB + ONLY_MYSQL if re.search(pattern, text, re.DOTALL)] == []


def test_no_name_is_a_word_that_mysql_reserves() -> None:
    words = {word for path in FILES for word in re.findall(r"[a-z_0-9]+", code(path.read_text()))}
    assert words & RESERVED_BY_MYSQL == USED_AS_KEYWORDS


def test_every_routine_says_what_it_does_with_data() -> None:
    """Without, MySQL refuses a function on a server with a change log where creators are not trusted."""
    for path in FILES:
        for head in re.findall(r"create function .*?\n(?:begin|return)\b", code(path.read_text()), re.DOTALL):
            assert re.search(r"\b(deterministic|reads sql data|modifies sql data)\b", head), head
