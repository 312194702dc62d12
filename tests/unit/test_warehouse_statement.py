"""What a text is: tokens, kinds of statements, FORMAT clauses, where an INSERT's data begins."""

from __future__ import annotations

import pytest

from clickhouse_server.errors import ClickHouseError
from clickhouse_server.lexer import TokenKind, tokens
from clickhouse_server.statement import StatementKind, parse, parse_insert


def test_tokens_skip_comments_and_keep_quotes_whole() -> None:
    text = "SELECT /* a /* nested */ */ 'it''s; --', `a``b`, \"c\\\"d\", $x$ ' $x$ -- end\n, 1.5e3 # x"
    found = [token.text for token in tokens(text)]
    assert found == ["SELECT", "'it''s; --'", ",", "`a``b`", ",", '"c\\"d"', ",", "$x$ ' $x$", ",", "1.5e3"]


def test_quoted_names_lose_their_quotes() -> None:
    names = [token.name for token in tokens('`a``b` "c""d" e \'f\'') if token.kind is not TokenKind.SYMBOL]
    assert names == ["a`b", 'c"d', "e", ""]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SELECT 1", StatementKind.SELECT),
        ("-- x\n((select 1))", StatementKind.SELECT),
        ("with a as (select 1) select * from a", StatementKind.SELECT),
        ("from t select x", StatementKind.SELECT),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", StatementKind.OTHER),
        ("INSERT INTO t SELECT 1", StatementKind.OTHER),
        ("KILL QUERY WHERE 1", StatementKind.KILL_QUERY),
        ("KILL MUTATION WHERE 1", StatementKind.OTHER),
        ("SHOW TABLES", StatementKind.OTHER),
    ],
)
def test_kinds_of_statements(text: str, kind: StatementKind) -> None:
    assert parse(text).kind is kind


@pytest.mark.parametrize(
    ("text", "output", "rewritten"),
    [
        ("SELECT 1", None, "SELECT 1 X "),
        ("SELECT 1 FORMAT JSON ;", "JSON", "SELECT 1 X  ;"),
        ("SELECT 1 -- c", None, "SELECT 1 X  -- c"),
        ("SELECT 1 FORMAT CSV SETTINGS a = 1", "CSV", "SELECT 1 X  SETTINGS a = 1"),
        ("SELECT 1 SETTINGS a = 1 FORMAT CSV", "CSV", "SELECT 1 SETTINGS a = 1 X "),
        ("SELECT 'FORMAT CSV'", None, "SELECT 'FORMAT CSV' X "),
        ("SELECT * FROM (SELECT 1 AS format)", None, "SELECT * FROM (SELECT 1 AS format) X "),
        ("SELECT format FROM t", None, "SELECT format FROM t X "),
        ("SELECT format", None, "SELECT format X "),
    ],
)
def test_the_format_clause_is_found_and_replaced(text: str, output: str | None, rewritten: str) -> None:
    statement = parse(text)
    assert statement.format == output
    assert statement.with_output("X") == rewritten


@pytest.mark.parametrize(
    ("text", "head", "data_format", "data"),
    [
        ("INSERT INTO t FORMAT CSV\n1,2", "INSERT INTO t", "CSV", "1,2"),
        ("insert into t(a, b) format TSV \r\n1", "insert into t(a, b)", "TSV", "1"),
        ("INSERT INTO t VALUES (1), ('x')", "INSERT INTO t", "Values", "(1), ('x')"),
        (
            "/* c */ INSERT INTO `values` (`format`) VALUES(1)",
            "/* c */ INSERT INTO `values` (`format`)",
            "Values",
            "(1)",
        ),
        (
            "INSERT INTO db.format SETTINGS a = 1 FORMAT Native\n\n",
            "INSERT INTO db.format SETTINGS a = 1",
            "Native",
            "\n",
        ),
        ("INSERT INTO FUNCTION null('x Int8') FORMAT CSV;", "INSERT INTO FUNCTION null('x Int8')", "CSV", ""),
        ("INSERT INTO t FORMAT CSV 1,2", "INSERT INTO t", "CSV", "1,2"),
    ],
)
def test_an_inserts_data_begins_after_its_format(text: str, head: str, data_format: str, data: str) -> None:
    found = parse_insert(text)
    assert found is not None
    statement, start = found
    assert (statement.text, statement.format, text[start:]) == (head, data_format, data)


@pytest.mark.parametrize(
    "text", ["INSERT INTO t SELECT 1 FORMAT CSV", "SELECT 1 FORMAT CSV", "", "INSERT INTO t"]
)
def test_other_statements_carry_no_data(text: str) -> None:
    assert parse_insert(text) is None


@pytest.mark.parametrize(
    "text", ["SELECT 1 INTO /* x */ OUTFILE 'a'", "INSERT INTO t FROM INFILE 'a' FORMAT CSV"]
)
def test_files_of_the_server_are_refused(text: str) -> None:
    with pytest.raises(ClickHouseError, match="not available over HTTP"):
        parse_insert(text) or parse(text)
