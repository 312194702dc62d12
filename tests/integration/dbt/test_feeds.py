"""Feeds as ODS models: typed and current, empty when nothing has come, corrected when a file is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.feeds.change_log import Change, ChangeLog, Delivery
from connectors.feeds.drops import ingest
from connectors.feeds.samples import write_samples
from tests.fixtures.dbt import DbtWarehouse

pytestmark = pytest.mark.timeout(600)

MODELS = ("--select", "path:dbt_project/models/ods/feeds")
OCTOBER = date(2026, 10, 1)


@pytest.fixture(scope="module")
def fed(dbt_warehouse: DbtWarehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtWarehouse]:
    """Built empty, then with two months of sample files and an answer of the reputation service."""
    dbt_warehouse.must("build", *MODELS)
    assert row_count(dbt_warehouse, "ods_geography") == 0
    drops = tmp_path_factory.mktemp("drops")
    for month in (OCTOBER, date(2026, 12, 1)):
        write_samples(drops, month, seed=1)
    assert [outcome.result for outcome in ingest(drops, dbt_warehouse.client())] == ["ingested"] * 4
    answer(dbt_warehouse, risk_score="0.9000")
    dbt_warehouse.must("build", *MODELS)
    yield dbt_warehouse


def answer(running: DbtWarehouse, **changed: str) -> None:
    """What the reputation service says of one address."""
    log = ChangeLog(running.client(), "ip_reputation", ("ip_address",))
    moment = log.next_time()
    row: dict[str, str | int | bool | None] = {
        "ip_address": "10.0.0.1",
        "country": "TH",
        "network_kind": "tor",
        "is_vpn": False,
        "is_tor": True,
        "previous_incident_count": 3,
        "looked_up_at": moment.isoformat(),
        **changed,
    }
    log.append(Delivery([Change("c", row)], {"service": "reputation"}, moment))


def row_count(running: DbtWarehouse, model: str) -> int:
    return int(running.client().command(f"select count() from ods.{model}"))  # type: ignore[arg-type]


def thai_regions(running: DbtWarehouse, period: str) -> dict[str, str]:
    """The regions' names by code."""
    query = (
        "select region_code, region_name from ods.ods_geography "
        "where country = 'TH' and period_date = {day:Date}"
    )
    return {code: name for code, name in running.client().query(query, {"day": period}).result_rows}


def test_every_row_of_the_files_is_there_typed(fed: DbtWarehouse) -> None:
    assert (row_count(fed, "ods_geography"), row_count(fed, "ods_economic_indicators")) == (86, 14)
    [found] = (
        fed.client()
        .query(
            "select main_city, latitude, population_count, internet_rate from ods.ods_geography "
            "where period_date = '2026-10-01' and region_code = 'TH-83'"
        )
        .result_rows
    )
    assert found[:2] == ("Phuket", Decimal("7.880400"))
    assert 417_891 < found[2] < 425_000
    gdp = "select gdp_amount from ods.ods_economic_indicators where country = 'TH' order by period_date"
    october, december = fed.client().query(gdp).result_columns[0]
    assert october is None
    assert december > Decimal("400e9")


def test_an_answer_about_an_address_is_there_and_a_later_one_replaces_it(fed: DbtWarehouse) -> None:
    query = (
        "select is_vpn, is_tor, previous_incident_count, risk_score, looked_up_at from ods.ods_ip_reputation"
    )
    [found] = fed.client().query(query).result_rows
    assert found[:4] == (False, True, 3, Decimal("0.9000"))
    assert abs((found[4].replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()) < 600
    answer(fed, risk_score="0.1000")
    fed.must("build", *MODELS)
    [found] = fed.client().query(query).result_rows
    assert found[3] == Decimal("0.1000")


def test_a_corrected_month_replaces_its_rows_and_removes_those_it_lacks(
    fed: DbtWarehouse, tmp_path: Path
) -> None:
    geography, _ = write_samples(tmp_path, OCTOBER, seed=1)
    lines = geography.read_text().splitlines()
    kept = [line for line in lines if ",TH-83," not in line]
    geography.write_text("\n".join(kept).replace("TH-10,Bangkok", "TH-10,Krung Thep") + "\n")
    results = {outcome.feed: (outcome.result, outcome.removed) for outcome in ingest(tmp_path, fed.client())}
    assert results == {"geography": ("ingested", 1), "economic_indicators": ("already there", 0)}
    fed.must("build", *MODELS)
    october, december = thai_regions(fed, "2026-10-01"), thai_regions(fed, "2026-12-01")
    assert (october["TH-10"], december["TH-10"]) == ("Krung Thep", "Bangkok")
    assert december.keys() - october.keys() == {"TH-83"}


def test_a_value_that_no_file_may_have_fails_the_models_tests(fed: DbtWarehouse) -> None:
    answer(fed, network_kind="satellite", risk_score="1.5000")
    done = fed.dbt("build", *MODELS)
    assert done.with_status("fail") == {"ods_ip_reputation_rows_are_valid"}
