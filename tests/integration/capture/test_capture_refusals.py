"""What the capture cannot work with, it refuses with one line that names the object and the way out."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import psycopg
import pytest

from tests.fixtures.capture import drop_slot
from tests.fixtures.postgres import free_port
from tests.integration.capture.conftest import Shop
from tradewind.settings import PROJECT_ROOT

WAY_OUT = "--new-snapshot"


def refusal(shop: Shop, *arguments: str, **environment: str) -> str:
    """The last line of a capture that must not start, which must be its only error."""
    before = len(shop.capture.log) if (shop.capture.home / "capture.log").exists() else 0
    shop.capture.spawn(*arguments, **environment)
    assert shop.capture.exit_code() == 1
    output = shop.capture.log[before:]
    assert "Traceback" not in output and "\tat " not in output, output
    errors = [line for line in output.splitlines() if " ERROR " in line]
    assert len(errors) == 1, output
    status = shop.capture.status
    assert status is not None and status.state == "failed" and status.error and status.error in errors[0]
    return errors[0]


def test_a_source_that_does_not_answer(shop: Shop) -> None:
    url = re.sub(r":\d+/", f":{free_port()}/", shop.capture.replication_url)
    assert "DATABASE_REPLICATION_URL" in refusal(shop, DATABASE_REPLICATION_URL=url)


def test_a_wrong_password_of_the_source_is_not_repeated_in_the_log(shop: Shop) -> None:
    url = re.sub(r":[^:@]+@", ":wrong-secret@", shop.capture.replication_url)
    error = refusal(shop, DATABASE_REPLICATION_URL=url)
    assert "password authentication failed" in error and "tradewind_cdc" in error
    assert "wrong-secret" not in shop.capture.log


def test_a_wrong_password_of_the_warehouse(shop: Shop) -> None:
    url = re.sub(r":[^:@]+@", ":wrong-secret@", shop.capture.warehouse_url)
    error = refusal(shop, CLICKHOUSE_WRITER_URL=url)
    assert "CLICKHOUSE_WRITER_URL" in error and "wrong-secret" not in shop.capture.log


def test_a_warehouse_that_does_not_answer(shop: Shop) -> None:
    url = re.sub(r":\d+/", f":{free_port()}/", shop.capture.warehouse_url)
    assert "tradewind status" in refusal(
        shop, CLICKHOUSE_WRITER_URL=url, TRADEWIND_CAPTURE_PATIENCE_SECONDS="1"
    )


def test_a_missing_publication(shop: Shop) -> None:
    with psycopg.connect(shop.capture.superuser_url, autocommit=True) as session:
        session.execute("drop publication tradewind")
    assert "tradewind source init" in refusal(shop)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_REPLICATION_URL", ""),
        ("DATABASE_REPLICATION_URL", "postgresql://u:p@db/ecomm"),
        ("TRADEWIND_CAPTURE_PATIENCE_SECONDS", "abc"),
    ],
)
def test_a_missing_or_malformed_setting_is_named(shop: Shop, variable: str, value: str) -> None:
    shop.capture.spawn(**{variable: value})
    assert shop.capture.exit_code() == 1
    assert variable in shop.capture.log and len(shop.capture.log.splitlines()) == 1


def test_a_slot_that_is_gone(shop: Shop) -> None:
    shop.capture.start()
    shop.capture.stop()
    drop_slot(shop.capture.superuser_url, shop.capture.slot)
    error = refusal(shop)
    assert "is gone" in error and WAY_OUT in error


def test_a_slot_that_was_created_anew(shop: Shop) -> None:
    shop.run("create table things (id bigint primary key)")
    shop.capture.start()
    shop.capture.stop()
    drop_slot(shop.capture.superuser_url, shop.capture.slot)
    shop.run("insert into things values (1)")
    with psycopg.connect(shop.capture.superuser_url, autocommit=True) as session:
        session.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", (shop.capture.slot,))
    error = refusal(shop)
    assert "past the stored offset" in error and WAY_OUT in error


def test_a_slot_without_an_offset(shop: Shop) -> None:
    with psycopg.connect(shop.capture.superuser_url, autocommit=True) as session:
        session.execute("select pg_create_logical_replication_slot(%s, 'pgoutput')", (shop.capture.slot,))
    error = refusal(shop)
    assert "holds no offset" in error and WAY_OUT in error


def test_a_damaged_offset_file(shop: Shop) -> None:
    folder = shop.capture.home / "capture"
    folder.mkdir()
    (folder / "postgres-source.offset.json").write_text('{"lsn": 1')
    assert "damaged" in refusal(shop)


def test_a_new_snapshot_is_the_way_out_and_forgets_what_was_deleted_meanwhile(shop: Shop) -> None:
    shop.run("create table things (id bigint primary key)", "insert into things values (1), (2)")
    shop.capture.start()
    shop.run("insert into things values (3)")
    assert len(shop.state("things")) == 3
    shop.capture.stop()
    drop_slot(shop.capture.superuser_url, shop.capture.slot)
    shop.run("delete from things where id in (2, 3)", "insert into things values (4)")
    assert WAY_OUT in refusal(shop)
    shop.capture.start("--new-snapshot")
    assert sorted(row["id"] for row in shop.state("things").values()) == [1, 4]
    offset = json.loads((shop.capture.home / "capture" / "postgres-source.offset.json").read_text())
    assert offset["lsn"] > 0


def test_a_status_that_cannot_be_written_ends_it(shop: Shop) -> None:
    shop.capture.start()
    in_the_way = shop.capture.home / "capture" / "status.json.next"
    in_the_way.mkdir()
    assert shop.capture.exit_code(15) == 1
    assert "Traceback" not in shop.capture.log
    assert str(in_the_way) in shop.capture.log


def test_an_unexpected_error_ends_the_process_while_other_threads_run() -> None:
    script = (
        "import threading; from connectors.embedded import capture\n"
        "threading.Thread(target=threading.Event().wait).start()\n"
        "capture.run_and_exit(lambda: 1 // 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert "the capture failed" in done.stderr and "ZeroDivisionError" in done.stderr


def test_a_second_capture_in_the_same_home(shop: Shop) -> None:
    shop.capture.start()
    first = shop.capture.process
    shop.capture.spawn()
    assert shop.capture.exit_code() == 1
    assert "another capture already runs" in shop.capture.log
    shop.capture.process = first
