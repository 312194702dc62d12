"""`tradewind sql`: one statement in the warehouse, through its HTTP interface like any client."""

from __future__ import annotations

import base64
import json
import shutil
import sys
import urllib.error
import urllib.request
from enum import StrEnum
from http.client import HTTPResponse
from typing import Annotated
from urllib.parse import urlencode

import typer

from application.cli.console import OUT, table
from tradewind.settings import Endpoint
from tradewind.stack.errors import StackError


class Format(StrEnum):
    """The format of a result."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


ENGINE_FORMATS = {Format.TABLE: "JSONCompact", Format.CSV: "CSVWithNames", Format.JSON: "JSONEachRow"}
JSON_SETTINGS = {"output_format_json_array_of_rows": "1", "output_format_json_quote_64bit_integers": "0"}


def register(commands: typer.Typer) -> None:
    """Add this command."""
    commands.command()(sql)


def sql(
    query: str = typer.Argument(help="One statement of ClickHouse SQL; - reads it from standard input."),
    output: Annotated[
        Format, typer.Option("--format", help="How to write the result; csv and json are for scripts.")
    ] = Format.TABLE,
) -> None:
    """Run one SQL statement in the warehouse."""
    from tradewind.settings import load_settings

    with _run(load_settings().warehouse, _statement(query), ENGINE_FORMATS[output]) as response:
        if output is not Format.TABLE:
            shutil.copyfileobj(response, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return
        text = response.read()
    if text.startswith(b"{"):
        result = json.loads(text)
        OUT.print(table([column["name"] for column in result["meta"]], result["data"]))
    else:
        OUT.print(text.decode().strip() or "done", markup=False)


def _statement(query: str) -> str:
    """The statement, read from standard input for `-`; StackError if it is empty."""
    text = sys.stdin.read() if query == "-" else query
    if not text.strip():
        raise StackError('no statement was given; try `tradewind sql "select 1"`, or - to read it from stdin')
    return text


def _run(warehouse: Endpoint, query: str, engine_format: str) -> HTTPResponse:
    parameters = urlencode({"default_format": engine_format, **JSON_SETTINGS})
    login = base64.b64encode(f"{warehouse.user}:{warehouse.password}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - the address of the settings
        f"{warehouse.origin}/?{parameters}",
        data=query.encode(),
        headers={"Authorization": f"Basic {login}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        response: HTTPResponse = opener.open(request)
        return response
    except urllib.error.HTTPError as error:
        raise StackError(error.read().decode(errors="replace").strip()) from error
    except OSError as error:
        raise StackError(
            f"the warehouse at {warehouse.host}:{warehouse.port} is not reachable: "
            f"{getattr(getattr(error, 'reason', error), 'strerror', None) or error}; "
            "start it with `tradewind up`, or correct its address in the settings"
        ) from error
