"""What kind of statement a text is, and where its format and its data are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from clickhouse_server.errors import ClickHouseError, access_denied
from clickhouse_server.lexer import Token, TokenKind, tokens

SELECT_STARTS = frozenset({"SELECT", "WITH", "FROM"})
READ_STARTS = SELECT_STARTS | {"SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN", "CHECK"}

NO_RESULT_STARTS = frozenset(
    {
        "ALTER", "ATTACH", "BEGIN", "COMMIT", "CREATE", "DELETE", "DETACH", "DROP", "EXCHANGE", "GRANT",
        "INSERT", "MOVE", "OPTIMIZE", "RENAME", "REPLACE", "REVOKE", "ROLLBACK", "SET", "SYSTEM", "TRUNCATE",
        "UNDROP", "UPDATE", "USE",
    }
)  # fmt: skip

# Formats without a header or footer: separately formatted blocks can follow each other.
BLOCK_FORMATS = frozenset(
    name.lower()
    for name in (
        "Native", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "Raw", "CSV", "TSKV", "JSONEachRow",
        "JSONLines", "NDJSON", "JSONStringsEachRow", "JSONCompactEachRow", "JSONCompactStringsEachRow",
        "RowBinary", "LineAsString", "RawBLOB",
    )
)  # fmt: skip


class StatementKind(Enum):
    """How a statement is executed."""

    SELECT = "select"
    INSERT_DATA = "insert of data that follows"
    KILL_QUERY = "kill query"
    OTHER = "anything else"


@dataclass(frozen=True)
class Statement:
    """One statement: its text without the data that follows an INSERT, and the output or input format.

    `body_end` is where a FORMAT clause, or an INSERT's SETTINGS, begins in the text; `tokens` are the text's.
    """

    text: str
    kind: StatementKind
    start: str
    format: str | None = None
    body_end: int = 0
    tail_start: int = 0
    has_totals: bool = False
    tokens: list[Token] = field(default_factory=list, repr=False, compare=False)

    def with_output(self, clause: str) -> str:
        """The text with `clause` in the place of its FORMAT clause."""
        return f"{self.text[: self.body_end]} {clause} {self.text[self.tail_start :]}"

    def with_start(self, text: str, words: int) -> str:
        """The text with `text` in the place of its first words."""
        return f"{text}{self.text[self.tokens[words - 1].end :]}"

    @property
    def has_result(self) -> bool:
        """Whether it returns rows, judging by its first word."""
        return self.kind is not StatementKind.INSERT_DATA and (
            self.start not in NO_RESULT_STARTS
            and not (self.start == "WITH" and self.kind is StatementKind.OTHER)
        )

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing, judging by its first word."""
        return self.start in READ_STARTS and (self.kind is StatementKind.SELECT or self.start != "WITH")


def first_word(found: list[Token]) -> str:
    """The keyword that the statement starts with, past opening parentheses."""
    return next((token.keyword for token in found if not token.is_symbol("(")), "")


def parse(text: str) -> Statement:
    """Describe a whole text that carries no data after an INSERT's FORMAT or VALUES."""
    found = list(tokens(text))
    _refuse_files(found)
    _refuse_several(found)
    start = first_word(found)
    body_end, output, tail_start = _format_clause(found)
    return Statement(
        text=text,
        kind=_kind_of(start, found),
        start=start,
        format=output,
        body_end=body_end,
        tail_start=tail_start,
        has_totals=any(token.keyword == "TOTALS" for token in found),
        tokens=found,
    )


def _kind_of(start: str, found: list[Token]) -> StatementKind:
    if start in SELECT_STARTS:
        return StatementKind.OTHER if start == "WITH" and _has_insert(found) else StatementKind.SELECT
    if start == "KILL" and len(found) > 1 and found[1].keyword == "QUERY":
        return StatementKind.KILL_QUERY
    return StatementKind.OTHER


def _has_insert(found: list[Token]) -> bool:
    return any(token.keyword == "INSERT" and after.keyword == "INTO" for token, after in pairwise(found))


def _format_clause(found: list[Token]) -> tuple[int, str | None, int]:
    """(where the statement ends without its FORMAT clause, the format, where what follows it starts)."""
    while found and found[-1].is_symbol(";"):
        found = found[:-1]
    end = found[-1].end if found else 0
    for place in range(len(found) - 2, 0, -1):
        token, after = found[place], found[place + 1]
        if token.is_symbol(")"):
            break
        if _is_a_name(found[place - 1]):
            continue
        if token.keyword == "FORMAT" and after.kind is TokenKind.WORD:
            rest = found[place + 2 :]
            if not rest or rest[0].keyword == "SETTINGS":
                return found[place - 1].end, after.text, after.end
            break
    return end, None, end


def _is_a_name(before: Token) -> bool:
    """Whether a word after this token names a column, whatever the word."""
    return before.keyword == "BY" or before.is_symbol(",") or before.is_symbol(".")


def _refuse_several(found: list[Token]) -> None:
    """The engine would run one after the other."""
    if any(token.is_symbol(";") and not after.is_symbol(";") for token, after in pairwise(found)):
        raise ClickHouseError(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")


def _refuse_files(found: list[Token]) -> None:
    for token, after in pairwise(found):
        pair = (token.keyword, after.keyword)
        if pair in {("INTO", "OUTFILE"), ("FROM", "INFILE")}:
            raise access_denied(
                f"{' '.join(pair)} is not available over HTTP; send or read the data in the body"
            )


def parse_insert(text: str) -> tuple[Statement, int] | None:
    """An INSERT whose data follows its FORMAT or VALUES, and where the data begins in `text`.

    None for everything else, INSERT ... SELECT included.
    """
    depth = 0
    format_word = False
    seen: list[Token] = []
    for token in tokens(text):
        if not seen and token.keyword != "INSERT":
            return None
        qualified = bool(seen) and seen[-1].is_symbol(".")
        seen.append(token)
        depth += token.is_symbol("(") - token.is_symbol(")")
        if depth or qualified:
            continue
        if format_word:
            return _insert(text, seen, token.text, token.end)
        if token.keyword == "VALUES" and len(seen) > 3:
            return _insert(text, seen, "Values", token.end)
        if token.keyword in {"SELECT", "WITH", "WATCH"} and len(seen) > 3:
            return None
        format_word = token.keyword == "FORMAT" and len(seen) > 3
    return None


def _insert(text: str, seen: list[Token], data_format: str, end: int) -> tuple[Statement, int]:
    _refuse_files(seen)
    _refuse_several(seen)
    cut = seen[-1].start if data_format == "Values" and seen[-1].keyword == "VALUES" else seen[-2].start
    head = text[:cut].rstrip()
    statement = Statement(
        head,
        StatementKind.INSERT_DATA,
        "INSERT",
        format=data_format,
        body_end=_settings_start(seen, len(head)),
        tokens=[token for token in seen if token.end <= cut],
    )
    return statement, _data_start(text, end)


def _settings_start(seen: list[Token], end: int) -> int:
    """Where an INSERT's own `SETTINGS name = ...` begins, or its end."""
    names = zip(seen, seen[2:], strict=False)
    starts = (token.start for token, after in names if token.keyword == "SETTINGS" and after.is_symbol("="))
    return next(starts, end)


def _data_start(text: str, place: int) -> int:
    """Data starts after the blanks and at most one line break that follow the format's name."""
    while place < len(text) and text[place] in " \t\f":
        place += 1
    if place < len(text) and text[place] == ";":
        rest = text[place + 1 :].strip()
        if rest:
            raise ClickHouseError(
                62, "SYNTAX_ERROR", f"Syntax error: unexpected ';' before the data of an INSERT: {rest[:40]}"
            )
        return len(text)
    if text.startswith("\r\n", place):
        return place + 2
    return place + 1 if text.startswith("\n", place) else place
