"""YAML in a readable style: block mappings, short lists in one line, long texts folded."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 110
_PLAIN = re.compile(r"[A-Za-z_][\w .,;/()+'\"|$>-]*[\w.)]|[A-Za-z_]")
_RESERVED = re.compile(r"(?i)true|false|yes|no|on|off|null|y|n")


def yaml_text(content: Mapping[str, Any]) -> str:
    """The YAML document of a mapping, keys in their order."""
    return "\n".join(_mapping(content, 0)) + "\n"


def _mapping(content: Mapping[str, Any], indent: int) -> list[str]:
    lines: list[str] = []
    for key, value in content.items():
        lines += _entry(f"{' ' * indent}{_inline(key)}:", value, indent)
    return lines


def _entry(prefix: str, value: Any, indent: int) -> list[str]:
    """`prefix` with its value beside it where that fits, below it otherwise."""
    one_line = f"{prefix} {_inline(value)}"
    is_nested = isinstance(value, Mapping) or any(isinstance(item, Mapping) for item in _items(value))
    if not is_nested and len(one_line) <= WIDTH:
        return [one_line]
    if isinstance(value, Mapping):
        return [prefix, *_mapping(value, indent + 2)]
    if isinstance(value, str):
        return [f"{prefix} >-", *textwrap.wrap(value, WIDTH, **_folding(indent + 2))]
    return [prefix, *(line for item in _items(value) for line in _list_item(item, indent + 2))]


def _list_item(item: Any, indent: int) -> list[str]:
    if not isinstance(item, Mapping):
        return [f"{' ' * indent}- {_inline(item)}"]
    first, *rest = _mapping(item, indent + 2)
    return [f"{' ' * indent}- {first.lstrip()}", *rest]


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _folding(indent: int) -> dict[str, Any]:
    margin = " " * indent
    return {
        "initial_indent": margin,
        "subsequent_indent": margin,
        "break_long_words": False,
        "break_on_hyphens": False,
    }


def _inline(value: Any) -> str:
    if isinstance(value, str):
        is_plain = _PLAIN.fullmatch(value) and not _RESERVED.fullmatch(value)
        return value if is_plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inline_item(item) for item in value)}]"
    return json.dumps(value)


def _inline_item(value: Any) -> str:
    """Within brackets a comma separates items, so a text with one is quoted."""
    return json.dumps(value) if isinstance(value, str) and not value.isidentifier() else _inline(value)
