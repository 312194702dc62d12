"""The reference of the API as one page that needs nothing from elsewhere: no script, no font, no site."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

Spec = Mapping[str, Any]

_STYLE = """\
body { font: 15px/1.55 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem }
body { color: #1b1f24; background: #fff }
details { border: 1px solid #d8dee4; border-radius: 6px; margin: .5rem 0; padding: .5rem .9rem }
summary { cursor: pointer } summary code { font-weight: 600 } code { font-size: 14px }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 } th { font-weight: 600 }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #eaeef2; vertical-align: top }
td.type { white-space: nowrap; color: #57606a }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e6edf3 } a { color: #79c0ff }
  details, th, td { border-color: #30363d } td.type { color: #8d96a0 } }"""


def html(spec: Spec) -> str:
    """The page of an OpenAPI description."""
    info = spec["info"]
    groups: dict[str, list[str]] = {}
    for path, methods in spec["paths"].items():
        for operation in methods.values():
            groups.setdefault(operation["tags"][0], []).append(_operation(path, operation, spec))
    sections = "".join(f"<h2>{escape(name)}</h2>{''.join(items)}" for name, items in groups.items())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style>"
        f"<h1>{escape(info['title'])} API</h1><p>{escape(info['summary'])} "
        "<a href=/api/openapi.json>OpenAPI description</a></p>"
        f"{_paragraphs(info.get('description', ''))}{sections}</html>\n"
    )


def _operation(path: str, operation: Spec, spec: Spec) -> str:
    link = "" if "{" in path else f"<p><a href='{escape(path)}'>Open</a></p>"
    parameters = [
        (item["name"], _type(item["schema"]), item.get("description", ""))
        for item in operation.get("parameters", [])
    ]
    return (
        f"<details><summary><code>GET {escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
        f"{link}{_table('parameter', parameters)}{_table('column', _columns(operation, spec))}</details>"
    )


def _columns(operation: Spec, spec: Spec) -> list[tuple[str, str, str]]:
    """The columns of an answer's rows, or else the fields of the answer."""
    content = operation["responses"]["200"].get("content", {})
    schema = _resolved(content.get("application/json", {}).get("schema", {}), spec)
    rows = _resolved(schema.get("properties", {}).get("data", {}).get("items", {}), spec)
    fields = (rows if "properties" in rows else schema).get("properties", {})
    return [(name, _type(field), field.get("description", "")) for name, field in fields.items()]


def _resolved(schema: Spec, spec: Spec) -> Spec:
    """The schema that a reference stands for; of a list, that of its items."""
    if schema.get("type") == "array":
        schema = schema["items"]
    reference = schema.get("$ref")
    return spec["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema


def _type(schema: Spec) -> str:
    kinds = [schema, *schema.get("anyOf", [])]
    names = [kind.get("format") or kind.get("type") for kind in kinds]
    return next((str(name) for name in names if name and name != "null"), "")


def _table(head: str, rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code><td class=type>{escape(kind)}<td>{escape(text)}"
        for name, kind, text in rows
    )
    return f"<table><tr><th>{head}<th>type<th>meaning{lines}</table>"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n") if part)
