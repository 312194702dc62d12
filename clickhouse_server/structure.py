"""Descriptions of columns that the engine reads out of a string: `id UInt64, name String`.

The engine also takes DEFAULT expressions in them and evaluates these, with functions that the checks of the
statement's own text have not seen. Such descriptions are refused.
"""

from __future__ import annotations

from clickhouse_server.errors import access_denied
from clickhouse_server.lexer import Token, TokenKind, tokens

COLUMN_PROPERTIES = frozenset(
    {
        "ALIAS", "CHECK", "CODEC", "COLLATE", "COMMENT", "CONSTRAINT", "DEFAULT", "EPHEMERAL", "INDEX",
        "MATERIALIZED", "PRIMARY", "PROJECTION", "SETTINGS", "STATISTICS", "TTL",
    }
)  # fmt: skip
FUNCTIONS_WITH_STRUCTURE = frozenset({"format", "null", "values"})


def check_structure(text: str) -> None:
    """Raise ClickHouseError if a description of columns holds more than names and types."""
    for token in tokens(text):
        if token.keyword in COLUMN_PROPERTIES:
            raise access_denied(
                f"Not enough privileges to use {token.keyword} in a table's structure; give names and types"
            )


def structure_of_types(types: str) -> str:
    """The structure of columns that have types only: `_1 UInt64, _2 String`."""
    depth, start, found = 0, 0, []
    for token in tokens(types):
        depth += token.is_symbol("(") - token.is_symbol(")")
        if token.is_symbol(",") and depth == 0:
            found.append(types[start : token.start])
            start = token.end
    found.append(types[start:])
    return ", ".join(f"_{number} {text.strip()}" for number, text in enumerate(found, 1))


def check_structure_arguments(found: list[Token], place: int) -> None:
    """Check a call of format(), null() or values() whose opening parenthesis is at `place`.

    The structure must be a plain string: an expression could yield any text.
    """
    name, arguments = found[place - 1].name.lower(), _arguments(found, place)
    if name == "null":
        checked = arguments
    elif name == "format":
        checked = arguments[1:2] if len(arguments) > 2 else []
    else:
        checked = arguments[:1]
    for argument in checked:
        if len(argument) == 1 and argument[0].kind is TokenKind.STRING:
            check_structure(argument[0].string)
        elif name != "values" or not _is_value(argument):
            raise access_denied(f"Not enough privileges to use {name}(...) with a computed structure")


def _is_value(argument: list[Token]) -> bool:
    """Whether an argument is a number, a tuple or an array, so that it cannot be a structure."""
    first = argument[0] if argument else None
    return first is not None and (first.kind is TokenKind.NUMBER or first.text in {"(", "[", "-"})


def _arguments(found: list[Token], place: int) -> list[list[Token]]:
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in found[place + 1 :]:
        if depth == 0 and token.text in {",", ")"}:
            if token.is_symbol(")"):
                break
            arguments.append([])
            continue
        depth += (token.text in {"(", "["}) - (token.text in {")", "]"})
        arguments[-1].append(token)
    return arguments
