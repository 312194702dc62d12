"""The files that are written from the source's catalogue are those of the marketplace as it is."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from connectors.definitions import schemas
from connectors.kafka import topics
from connectors.kafka.source_tables import read_source
from tests.fixtures.kafka import postgres_urls
from tests.fixtures.postgres import RunningPostgres
from tradewind.marketplace import schema
from tradewind.source.catalog import read_catalog
from tradewind.stack import postgres as server


@pytest.fixture(scope="module")
def urls(postgres: RunningPostgres) -> dict[str, str]:
    """A marketplace without rows."""
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database generated owner {server.OWNER}".encode())
    found = postgres_urls(postgres, "generated")
    schema.init(found["DATABASE_URL"])
    return found


def test_topics_and_schemas_are_as_the_catalogue_says(urls: dict[str, str], tmp_path: Path) -> None:
    source = read_source(urls["DATABASE_REPLICATION_URL"]).with_owners({})
    path = tmp_path / "topics.yaml"
    path.write_text(topics.FILE.read_text())
    topics.write_tables(source.tables, path)
    assert path.read_text() == topics.FILE.read_text(), "run: tradewind connectors generate"
    tables = [table for table in read_catalog(urls["DATABASE_URL"]) if table.qualified_name in source.columns]
    assert schemas.write_schemas(tables, tmp_path / "schemas") == len(tables)
    for written in (tmp_path / "schemas").iterdir():
        assert written.read_text() == (schemas.FOLDER / written.name).read_text(), written.name
