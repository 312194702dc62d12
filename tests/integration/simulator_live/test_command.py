"""`tradewind simulate` as a person types it: a report, or one clear line and exit code 1."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fixtures.postgres import RunningPostgres
from tests.integration.simulator_live.conftest import SmallShop, new_shop
from tradewind.settings import PROJECT_ROOT

COMMAND = [sys.executable, "-m", "application.cli", "simulate"]


@pytest.fixture(scope="module")
def environment(shop: SmallShop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses in the environment, as on servers without the embedded stack."""
    nowhere = "http://user:word@127.0.0.1:1/"
    return os.environ | {
        "TRADEWIND_HOME": str(tmp_path_factory.mktemp("simulate") / "home"),
        "DATABASE_URL": shop.owner_url,
        "DATABASE_APP_URL": shop.app_url,
        "DATABASE_REPLICATION_URL": shop.replication_url,
        **dict.fromkeys(
            ("CLICKHOUSE_URL", "CLICKHOUSE_WRITER_URL", "CLICKHOUSE_BI_URL", "DAGSTER_URL"), nowhere
        ),
    }


def simulate(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], env=environment, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("--rate -5", "error: rate must be more than 0 (events/s), not -5"),
        (
            "--scenario Foo",
            "error: there is no scenario 'Foo'; there are NormalDay, FlashSale, FraudAttack, PromotionBlast",
        ),
        ("--duration soon", "error: duration 'soon' is not valid; write it like 90s, 10m or 1h30m"),
        ("--schedule FlashSale", "error: schedule entry 'FlashSale' is not SCENARIO@START+LENGTH"),
    ],
)
def test_an_invalid_request_is_one_line(environment: dict[str, str], arguments: str, says: str) -> None:
    done = simulate(environment, *arguments.split())
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(says)
    assert done.stderr.count("\n") == 1


def test_an_unreachable_database_is_one_line(environment: dict[str, str]) -> None:
    elsewhere = environment | {"DATABASE_APP_URL": "postgresql://a:b@127.0.0.1:1/shop"}
    done = simulate(elsewhere, "--duration", "1s")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "error: the shop's database at 127.0.0.1:1 cannot be used: Connection refused"
    )
    assert done.stderr.count("\n") == 1


def test_an_empty_shop_is_one_line(environment: dict[str, str], postgres: RunningPostgres) -> None:
    empty = environment | {"DATABASE_APP_URL": new_shop(postgres, filled=False).app_url}
    done = simulate(empty, "--duration", "1s")
    assert done.returncode == 1
    assert "seed it with `tradewind source seed --size small`" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_run_reports_its_figures(environment: dict[str, str], shop: SmallShop) -> None:
    done = simulate(environment, "--rate", "100", "--duration", "3s", "--users", "200", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["state"] == "finished"
    assert report["keeps_up"] is True
    assert report["events"] == shop.value("select count(*) from user_events")


def test_without_a_duration_it_runs_until_it_is_interrupted(
    environment: dict[str, str], postgres: RunningPostgres, tmp_path: Path
) -> None:
    shop = new_shop(postgres)
    with (tmp_path / "out").open("w") as out:
        process = subprocess.Popen(
            [*COMMAND, "--rate", "200", "--json"],
            env=environment | {"DATABASE_APP_URL": shop.app_url},
            cwd=PROJECT_ROOT,
            stdout=out,
        )
        deadline = time.monotonic() + 60
        while not shop.value("select count(*) from user_events"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
    assert json.loads((tmp_path / "out").read_text())["events"] == shop.value(
        "select count(*) from user_events"
    )
    assert shop.violations() == []
