"""Small inserts do not make a log's large part be written anew each time."""

from __future__ import annotations

import time

from clickhouse_connect.driver.client import Client

from tests.fixtures.warehouse import RunningWarehouse
from tradewind.warehouse import bronze

SMALL_INSERTS = 48
LARGEST = """\
select rows, level from system.parts
where active and database = 'bronze' and table = 'merged' order by rows desc limit 1"""
MERGING = "select count() from system.merges where database = 'bronze'"


def insert(client: Client, rows: int) -> None:
    """Events of a row with 200 random characters."""
    client.command(
        "insert into bronze.merged (_offset, payload) "
        "select number, concat('{\"note\":\"', randomPrintableASCII(200), '\"}') "
        f"from numbers({rows}) settings max_insert_threads = 1, min_insert_block_size_rows = {rows}"
    )


def test_a_large_part_is_not_merged_with_each_small_one(warehouse: RunningWarehouse) -> None:
    client = warehouse.client()
    client.command("create database if not exists bronze")
    client.command("drop table if exists bronze.merged sync")
    client.command(bronze.create_table("merged"))
    insert(client, 50_000)
    for _ in range(SMALL_INSERTS):
        insert(client, 1)
        time.sleep(0.05)  # inserts of a running shop, between which the engine may merge
    end = time.monotonic() + 30
    while client.query(MERGING).result_rows != [(0,)] and time.monotonic() < end:
        time.sleep(0.1)
    [(rows, level)] = client.query(LARGEST).result_rows
    assert rows >= 50_000
    assert level <= 2
    client.command("drop table bronze.merged sync")


def test_a_log_made_with_other_settings_gets_the_present_ones(warehouse: RunningWarehouse) -> None:
    client = warehouse.client()
    client.command("create database if not exists bronze")
    client.command("drop table if exists bronze.merged sync")
    client.command(
        bronze.create_table("merged").split("settings")[0] + "settings min_parts_to_merge_at_once = 16"
    )
    assert "merged" in str(client.command(bronze.tables_without_merge_settings())).split()
    client.command(bronze.set_merge_settings("merged"))
    assert "merged" not in str(client.command(bronze.tables_without_merge_settings())).split()
    client.command("drop table bronze.merged sync")
