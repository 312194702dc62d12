"""What a model merges of a table's change log: its key, and each column with the type it is read as."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

_MERGE, _END = "{{ merge_changes(", ") }}"
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_ENCODED = "encoded "


@dataclass(frozen=True)
class Shape:
    """The key and the columns of a model; a type is empty where it is not known."""

    key: tuple[str, ...]
    columns: Mapping[str, str]


def parse_model(text: str) -> Shape | None:
    """The shape of a generated model; None for a model that merges no change log.

    The call of the macro is written in the syntax that Jinja shares with Python.
    """
    start, end = text.find(_MERGE), text.rfind(_END)
    if start < 0 or end < 0:
        return None
    call = ast.parse(text[start + 3 : end + 1].strip(), mode="eval").body
    assert isinstance(call, ast.Call)
    arguments = {argument.arg: argument.value for argument in call.keywords}
    columns: dict[str, str] = ast.literal_eval(arguments["columns"])
    encoded = ast.literal_eval(arguments["encoded"]) if "encoded" in arguments else []
    return Shape(
        tuple(ast.literal_eval(arguments["key"])),
        {name: f"{_ENCODED if name in encoded else ''}{kind}" for name, kind in columns.items()},
    )


def fits(model_type: str, source_type: str) -> bool:
    """Whether every value of a column of the source is one of the model's type, unaltered."""
    if model_type == source_type or not model_type or not source_type:
        return True
    if (model_type, source_type) == ("bigint", "int"):
        return True
    ours, theirs = _DECIMAL.fullmatch(model_type), _DECIMAL.fullmatch(source_type)
    if ours is None or theirs is None:
        return False
    precision, scale = int(ours[1]), int(ours[2])
    return scale >= int(theirs[2]) and precision - scale >= int(theirs[1]) - int(theirs[2])
