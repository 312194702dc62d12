"""Requests as `multipart/form-data`: fields are parameters, files are external tables."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from clickhouse_server.engine import Connection, quote, quote_name
from clickhouse_server.errors import ClickHouseError, bad_argument
from clickhouse_server.request import Body, Request, checked_format
from clickhouse_server.structure import check_structure, structure_of_types

MAX_FORM_SIZE = 256 << 20
MAX_FIELD_SIZE = 16 << 20
MAX_FIELDS = 10_000
MAX_FILES = 100
TABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class ExternalTable:
    """A table that exists for one query: the file with its data, its format and its columns."""

    name: str
    path: Path
    format: str
    structure: str

    def create(self, connection: Connection) -> None:
        """Create it as a temporary table and load its data; raises ClickHouseError."""
        described = connection.rows(f"DESCRIBE TABLE null({quote(self.structure)})")
        columns = ", ".join(f"{quote_name(row[0])} {row[1]}" for row in described)
        table = quote_name(self.name)
        connection.run(f"CREATE TEMPORARY TABLE {table} ({columns}) ENGINE = Memory")
        connection.run(
            f"INSERT INTO {table} FROM INFILE {quote(str(self.path))} COMPRESSION 'none' FORMAT {self.format}"
        )

    def drop(self, connection: Connection) -> None:
        """Drop the temporary table."""
        connection.run(f"DROP TEMPORARY TABLE IF EXISTS {quote_name(self.name)}")


async def read_form(request: Request, body: Body, folder: Path) -> tuple[Request, list[ExternalTable]]:
    """The request with the form's fields as parameters, and its files, kept in `folder`, as tables."""
    parser = MultiPartParser(
        Headers({"content-type": request.headers["content-type"]}),
        _limited(body),
        max_files=MAX_FILES,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_SIZE,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, KeyError) as error:
        raise bad_argument(f"The form cannot be read: {error}") from error
    tables: list[ExternalTable] = []
    try:
        request = request.with_params(_fields(form))
        for name, file in form.multi_items():
            if isinstance(file, UploadFile):
                request, table = _external_table(request, name, folder)
                tables.append(table)
                await asyncio.to_thread(_save, file, table.path)
    except BaseException:
        delete_files(tables)
        raise
    finally:
        await form.close()
    return request, tables


def delete_files(tables: list[ExternalTable]) -> None:
    """Delete the files of external tables."""
    for table in tables:
        table.path.unlink(missing_ok=True)


async def _limited(body: Body) -> AsyncGenerator[bytes, None]:
    size = 0
    while chunk := await body.read():
        size += len(chunk)
        if size > MAX_FORM_SIZE:
            raise ClickHouseError(
                307, "TOO_MANY_BYTES", f"The form is larger than {MAX_FORM_SIZE >> 20} MiB; use a table"
            )
        yield chunk


def _fields(form: FormData) -> dict[str, str]:
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise bad_argument("A field of the form is given more than once")
    return fields


def _external_table(request: Request, name: str, folder: Path) -> tuple[Request, ExternalTable]:
    """The table of one file; the request without the parameters that describe it."""
    if not TABLE_NAME.fullmatch(name):
        raise bad_argument(f"External table {name!r}: use letters, digits and underscores in its name")
    structure, types = (request.params.get(f"{name}_{what}", "") for what in ("structure", "types"))
    if bool(structure) == bool(types):
        raise bad_argument(f"External table {name}: give either {name}_structure or {name}_types")
    structure = structure or structure_of_types(types)
    check_structure(structure)
    table = ExternalTable(
        name=name,
        path=folder / f"{uuid.uuid4().hex}.upload",
        format=checked_format(request.params.get(f"{name}_format") or "TabSeparated"),
        structure=structure,
    )
    return request.without_params({f"{name}_{what}" for what in ("structure", "types", "format")}), table


def _save(file: UploadFile, path: Path) -> None:
    with path.open("xb") as target:
        copyfileobj(file.file, target)
