"""The server's settings and accounts, as `deploy/mysql/` says them: each can do its work and nothing else."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

import pymysql
import pytest

from tests.fixtures.mariadb import DEPLOYMENT, RunningMariadb
from tradewind.marketplace import schema
from tradewind.source.mysql.connection import connect, rows, run_all

REFUSED_FOR_LACK_OF_RIGHTS = {1044, 1142, 1143, 1227, 1370, 1410}

NOT_FOR_THE_CAPTURE = [
    "insert into users (country, registered_at) values ('TH', now())",
    "update orders set status = 'confirmed'",
    "delete from orders",
    "create table mine (id int)",
    "create table cdc.mine (id int)",
    "create database mine",
    "select * from tradewind.schema_version",
    "select * from rules.order_transitions",
    "select * from labels.attacks",
    "select * from mysql.global_priv",
    "select take_stock(1, 1, 1, null, now(6), 'sale')",
    "lock tables orders write",
    "create user mine",
    "alter user tradewind_owner@'%' identified by 'x'",
    "set global binlog_format = 'STATEMENT'",
    "purge binary logs before now()",
]
NOT_FOR_THE_APPLICATION = [
    "create table mine (id int)",
    "drop trigger legal_step",
    "alter table orders drop column status",
    "truncate orders",
    "drop table orders",
    "insert into rules.writers values (connection_id(), true)",
    "call add_spend(1, 1000)",
    "call give_flash_sale_back(1)",
    "call take_min_price(1)",
    "call take_rating(1)",
    "call align_identities()",
    "insert into cdc.`signal` (id, type) values ('1', 'execute-snapshot')",
    "update cdc.heartbeat set beat_at = now()",
    "update rules.loyalty_tiers set min_points = 0",
    "update tradewind.schema_version set checksum = ''",
    "select * from labels.attacks",
    "drop procedure refuse",
    "show binary logs",
    "set sql_log_bin = 0",
    "select * into outfile '/tmp/orders' from orders",
]
NOT_FOR_THE_OWNER = [
    "create database mine",
    "create user mine",
    "select * from mysql.global_priv",
    "set global log_bin_trust_function_creators = 0",
    "set sql_log_bin = 0",
    "grant select on ecomm.* to tradewind_app@'%'",
]


def refused(url: str, statement: str) -> bool:
    with connect(url) as connection, pytest.raises(pymysql.MySQLError) as error:
        run_all(connection, statement)
    return error.value.args[0] in REFUSED_FOR_LACK_OF_RIGHTS


@pytest.mark.parametrize("statement", NOT_FOR_THE_CAPTURE)
def test_the_capture_may_not(shop: RunningMariadb, statement: str) -> None:
    assert refused(shop.url("cdc"), statement)


@pytest.mark.parametrize("statement", NOT_FOR_THE_APPLICATION)
def test_the_application_may_not(shop: RunningMariadb, statement: str) -> None:
    assert refused(shop.url("app"), statement)


@pytest.mark.parametrize("statement", NOT_FOR_THE_OWNER)
def test_the_owner_may_not(shop: RunningMariadb, statement: str) -> None:
    assert refused(shop.url("owner"), statement)


def test_the_capture_may_read_hold_writers_see_the_log_beat_and_signal(shop: RunningMariadb) -> None:
    with connect(shop.url("cdc")) as connection:
        run_all(connection, "flush tables with read lock")
        ((log, position, *_),) = rows(connection, "show master status")
        assert str(log).startswith("tradewind-bin.")
        assert int(str(position)) > 0
        run_all(connection, "unlock tables")
        assert rows(connection, "select count(*) from orders") == [(2,)]
        assert rows(connection, "show binary logs")
        run_all(connection, "update cdc.heartbeat set beat_at = now(6)")
        run_all(connection, "insert into cdc.`signal` (id, type) values ('window', 'snapshot-window-open')")
        run_all(connection, "delete from cdc.`signal` where id = 'window'")


def test_a_change_is_logged_with_every_column_of_its_row(shop: RunningMariadb) -> None:
    with connect(shop.url("cdc")) as connection:
        ((log, before, *_),) = rows(connection, "show master status")
    with connect(shop.url("app")) as connection:
        run_all(connection, "update users set language = 'th' where user_id = 2")
    with connect(shop.url("root", "mysql")) as connection:
        events = rows(connection, f"show binlog events in '{log}' from {before}")
    kinds = [str(event[2]) for event in events]
    assert any(kind.startswith("Update_rows") for kind in kinds), kinds
    assert kinds[0] == "Gtid", "a transaction begins with its position in the group"


def test_the_settings_are_on(mariadb: RunningMariadb) -> None:
    wanted = {
        "log_bin": "ON",
        "binlog_format": "ROW",
        "binlog_row_image": "FULL",
        "binlog_row_metadata": "FULL",
        "gtid_strict_mode": "ON",
        "log_bin_trust_function_creators": "ON",
        "time_zone": "+00:00",
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_bin",
        "tx_isolation": "READ-COMMITTED",
    }
    with connect(mariadb.url("app")) as connection:
        query = "show global variables where variable_name in %s"
        assert dict(rows(connection, query, tuple(wanted))) == wanted


def test_every_account_has_a_password(mariadb: RunningMariadb) -> None:
    with connect(mariadb.url("root", "mysql")) as connection:
        query = (
            "select user from global_priv where user <> 'mariadb.sys' "
            "and coalesce(json_value(priv, '$.authentication_string'), '') = ''"
        )
        assert rows(connection, query) == []


def test_the_accounts_cannot_be_made_without_passwords(mariadb: RunningMariadb) -> None:
    with connect(mariadb.url("root", "mysql")) as connection, pytest.raises(pymysql.MySQLError):
        run_all(connection, (DEPLOYMENT / "accounts.sql").read_text())


def test_making_the_accounts_again_changes_passwords_and_keeps_data(shop: RunningMariadb) -> None:
    with connect(shop.url("root", "mysql")) as connection:
        with connection.cursor() as cursor:
            new = secrets.token_urlsafe(8) + "'\\"
            cursor.execute("set @owner_password = %s, @app_password = %s, @cdc_password = %s", (new,) * 3)
        run_all(connection, (DEPLOYMENT / "accounts.sql").read_text())
    with pymysql.connect(
        host="127.0.0.1", port=shop.port, user="tradewind_app", password=new, database="ecomm"
    ) as connection:
        assert rows(connection, "select count(*) from orders") == [(2,)]
    shop.make_accounts()
    with connect(shop.url("app")) as connection:
        assert rows(connection, "select count(*) from orders") == [(2,)]


def test_an_images_first_start_makes_the_accounts_with_whatever_passwords(shop: RunningMariadb) -> None:
    passwords = {name: f"{name} \\ ' \" $x" for name in ("OWNER", "APP", "CDC")}
    environment = {f"TRADEWIND_{name}_PASSWORD": password for name, password in passwords.items()}
    root = urlsplit(shop.url("root"))
    command = [str(DEPLOYMENT / "init.sh"), "--no-defaults", "--host=127.0.0.1", f"--port={shop.port}"]
    own = {"MARIADB_ROOT_PASSWORD": root.password or "", "TRADEWIND_SQL": str(DEPLOYMENT)}
    subprocess.run(command, env=os.environ | environment | own, check=True, timeout=30)
    for name, password in passwords.items():
        pymysql.connect(
            host="127.0.0.1", port=shop.port, user=f"tradewind_{name.lower()}", password=password
        ).close()
    del environment["TRADEWIND_CDC_PASSWORD"]
    lacking = subprocess.run(command, env=os.environ | environment | own, timeout=30, capture_output=True)
    assert b"TRADEWIND_CDC_PASSWORD" in lacking.stderr
    shop.make_accounts()


@pytest.fixture
def statement_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMariadb]:
    running = RunningMariadb(tmp_path_factory.mktemp("statement"), "[mariadbd]\nbinlog_row_image = MINIMAL")
    running.start()
    yield running
    running.stop()


def test_a_server_that_logs_too_little_is_refused_with_the_way_out(statement_server: RunningMariadb) -> None:
    with pytest.raises(
        schema.SchemaError, match=r"binlog_row_image is MINIMAL.*set it to FULL.*tradewind\.cnf"
    ):
        schema.init(statement_server.url("owner"))
