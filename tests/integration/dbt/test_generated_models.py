"""The checked-in ODS models are those that the source's DDL gives."""

from __future__ import annotations

import psycopg

from tests.fixtures.postgres import RunningPostgres
from tradewind.marketplace import schema
from tradewind.settings import PROJECT_ROOT
from tradewind.source.catalog import read_catalog
from tradewind.source.layer import FOLDER, generate
from tradewind.stack import postgres as server

DATABASE = "generated_models"


def test_checked_in_models_are_up_to_date(postgres: RunningPostgres) -> None:
    with psycopg.connect(postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {DATABASE} owner {server.OWNER}".encode())
    owner_url = postgres.owner_url.replace("/ecomm", f"/{DATABASE}")
    schema.init(owner_url)
    files = generate(read_catalog(owner_url)).files
    folder = PROJECT_ROOT / FOLDER
    found = {path.name: path.read_text() for path in folder.glob("*.*")}
    assert sorted(found) == sorted(files), "run `tradewind source models`"
    assert found == files, "run `tradewind source models`"
