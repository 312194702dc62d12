"""Dropped files: ingested once, whole or not at all; a corrected file replaces its month."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

import pytest
import zstandard
from clickhouse_connect.driver.client import Client

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.bronze.writer import BronzeWriter
from connectors.feeds.change_log import prepare_feeds
from connectors.feeds.drops import Outcome, ingest, unread, waiting
from tests.fixtures.warehouse import RunningWarehouse
from tradewind.settings import Endpoint
from tradewind.source.naming import TableName
from tradewind.warehouse import bronze

GEOGRAPHY_HEADER = (
    "period_date,country,region_code,region_name,main_city,latitude,longitude,"
    "population_count,urban_rate,internet_rate"
)
BANGKOK = "2026-10-01,TH,TH-10,Bangkok,Bangkok,13.7563,100.5018,5494932,1.0000,0.9400"
PHUKET = "2026-10-01,TH,TH-83,Phuket,Phuket,7.8804,98.3923,417891,0.7000,0.9100"
ECONOMY_HEADER = (
    "period_date,country,currency,gdp_amount,gdp_growth_rate,unemployment_rate,consumer_confidence_index"
)


@pytest.fixture
def drops(tmp_path: Path) -> Path:
    folder = tmp_path / "drops"
    for feed in ("geography", "economic_indicators"):
        (folder / feed).mkdir(parents=True)
    return folder


def drop(drops: Path, *rows: str, name: str = "oct.csv", header: str = GEOGRAPHY_HEADER) -> Path:
    path = drops / "geography" / name
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def populations(client: Client) -> dict[str, int]:
    """What the newest event of each live region says."""
    found = client.query(
        "select _key, argMax(_op, _position), argMax(payload, _position) from feeds.geography group by _key"
    ).result_rows
    return {
        json.loads(key)["region_code"]: json.loads(payload)["after"]["population_count"]
        for key, op, payload in found
        if op == "c"
    }


def rows_in(client: Client) -> int:
    return int(client.command("select count() from feeds.geography"))  # type: ignore[arg-type]


def taken(drops: Path, client: Client) -> Outcome:
    [outcome] = ingest(drops, client)
    return outcome


def test_a_file_becomes_events_and_is_moved_to_done(drops: Path, client: Client) -> None:
    drop(drops, BANGKOK, PHUKET)
    outcome = taken(drops, client)
    assert (outcome.result, outcome.period, outcome.rows, outcome.removed) == ("ingested", "2026-10-01", 2, 0)
    assert populations(client) == {"TH-10": 5_494_932, "TH-83": 417_891}
    assert Path(outcome.moved_to).parent == drops / "geography" / "done"
    assert waiting(drops) == []


def test_the_same_content_again_adds_nothing_whatever_its_name_order_or_compression(
    drops: Path, client: Client
) -> None:
    drop(drops, BANGKOK, PHUKET)
    taken(drops, client)
    path = drop(drops, PHUKET, BANGKOK, name="again.csv")
    packed = drops / "geography" / "again.csv.zst"
    packed.write_bytes(zstandard.compress(path.read_bytes()))
    assert [outcome.result for outcome in ingest(drops, client)] == ["already there", "already there"]
    assert rows_in(client) == 2


def test_a_corrected_file_replaces_its_month_and_removes_what_it_no_longer_has(
    drops: Path, client: Client
) -> None:
    drop(drops, BANGKOK, PHUKET)
    taken(drops, client)
    drop(drops, BANGKOK.replace("5494932", "5500000"))
    outcome = taken(drops, client)
    assert (outcome.result, outcome.rows, outcome.removed) == ("ingested", 1, 1)
    assert populations(client) == {"TH-10": 5_500_000}


def test_an_older_version_dropped_again_changes_nothing_and_says_why(drops: Path, client: Client) -> None:
    drop(drops, BANGKOK)
    taken(drops, client)
    drop(drops, BANGKOK.replace("5494932", "5500000"))
    taken(drops, client)
    drop(drops, BANGKOK)
    outcome = taken(drops, client)
    assert outcome.result == "already there"
    assert "newer version" in outcome.reason
    assert populations(client) == {"TH-10": 5_500_000}


def test_another_month_leaves_the_first_alone(drops: Path, client: Client) -> None:
    drop(drops, BANGKOK)
    drop(drops, PHUKET.replace("2026-10", "2026-11"), name="nov.csv")
    assert [outcome.removed for outcome in ingest(drops, client)] == [0, 0]
    assert rows_in(client) == 2


@pytest.mark.parametrize("name", ["oct.csv.part", "oct.csv.tmp", ".oct.csv.swp", "README"])
def test_a_file_under_another_name_is_not_touched(drops: Path, client: Client, name: str) -> None:
    path = drop(drops, "half a ro", name=name)
    assert ingest(drops, client) == []
    assert path.exists()
    assert bool(unread(drops)) == (name == "README")


@pytest.mark.parametrize("name", ["oct.CSV", "Oct.Csv", "oct.csv.gz", "OCT.CSV.GZ", "oct.CSV.zst"])
def test_a_name_in_any_case_and_any_compression_is_read(drops: Path, client: Client, name: str) -> None:
    path = drop(drops, BANGKOK, name=name)
    if name.lower().endswith(".gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    elif name.lower().endswith(".zst"):
        path.write_bytes(zstandard.compress(path.read_bytes()))
    assert waiting(drops) == [path]
    assert taken(drops, client).result == "ingested"
    assert populations(client) == {"TH-10": 5_494_932}


def test_a_spreadsheets_semicolons_capitals_and_blank_lines_are_read(drops: Path, client: Client) -> None:
    header = GEOGRAPHY_HEADER.replace(",", ";").title()
    lines = ["sep=;", header, BANGKOK.replace(",", ";"), "", ";" * 9]
    (drops / "geography" / "oct.csv").write_text("\r\n".join(lines) + "\r\n")
    assert taken(drops, client).result == "ingested"
    drop(drops, BANGKOK, name="again.csv")
    assert taken(drops, client).result == "already there"


def test_what_is_never_read_is_named_with_the_reason(drops: Path, client: Client) -> None:
    reasons = {
        "Geography": "there is no feed of that name; rename it to geography",
        "economic-indicators": "there is no feed of that name; rename it to economic_indicators",
        "weather": "there is no feed of that name (feeds: geography, economic_indicators)",
        "oct.csv": "files belong in the folder of their feed (geography, economic_indicators)",
        "geography/oct.xlsx": "its name must end in .csv, .csv.zst or .csv.gz",
        "geography/2026": "files belong in",
        "geography/gone.csv": "it is not a regular file",
    }
    for folder in ("Geography", "economic-indicators", "weather", "geography/2026"):
        (drops / folder).mkdir()
        (drops / folder / "oct.csv").write_text("x")
    for name in (
        "oct.csv",
        "geography/oct.xlsx",
        *(f"geography/{name}" for name in ("a.csv.part", ".b", "c~")),
    ):
        (drops / name).write_text("x")
    (drops / "geography" / "gone.csv").symlink_to("nowhere")
    assert ingest(drops, client) == []
    notes = unread(drops)
    assert len(notes) == len(reasons)
    for name, reason in reasons.items():
        assert [note for note in notes if note.startswith(f"{drops / name} is not read: {reason}")], name


def test_a_file_of_endless_text_is_refused_at_once(drops: Path, client: Client) -> None:
    packed = drops / "geography" / "oct.csv.zst"
    packed.write_bytes(zstandard.compress(GEOGRAPHY_HEADER.encode() + b"\n" + b"a" * 2**26))
    assert "line 2: has a row of more than 16 MiB" in taken(drops, client).reason
    packed.write_bytes(zstandard.compress(f"{GEOGRAPHY_HEADER}\n{BANGKOK}\n".encode() + b"\n" * 2**25))
    assert "has more than 16 MiB of text" in taken(drops, client).reason


def test_a_file_that_a_killed_run_had_taken_is_finished_by_the_next(drops: Path, client: Client) -> None:
    path = drop(drops, BANGKOK)
    (drops / "geography" / ".taken").mkdir()
    left = path.rename(drops / "geography" / ".taken" / "oct.csv")
    assert waiting(drops) == [left]
    assert taken(drops, client).result == "ingested"


def test_a_file_that_was_written_but_not_moved_is_not_written_again(drops: Path, client: Client) -> None:
    drop(drops, BANGKOK)
    done = Path(taken(drops, client).moved_to)
    done.rename(drops / "geography" / ".taken" / "oct.csv")
    assert taken(drops, client).result == "already there"
    assert rows_in(client) == 1


def test_a_new_snapshot_of_the_shop_leaves_feeds_alone(
    drops: Path, client: Client, warehouse: RunningWarehouse
) -> None:
    drop(drops, BANGKOK)
    taken(drops, client)
    admin = warehouse.client("admin")
    admin.command("drop table if exists bronze.captured sync")
    writer = BronzeWriter(WarehouseHttp(Endpoint(warehouse.writer_url), threading.Event(), 5))
    writer.logs.prepare([TableName("public", "captured")])
    event = ("ecomm.cdc.captured", 0, 0, 0, "{}", '{"op": "c", "source": {"lsn": 5}}')
    client.insert("captured", [event], list(bronze.WRITTEN_COLUMNS), database="bronze")
    writer.write_snapshot_start(b'{"source": {"lsn": 9}}')
    assert client.query("select _op from bronze.captured order by _position").result_columns == [["c", "t"]]
    assert client.query("select _op from feeds.geography").result_columns == [["c"]]
    admin.command("drop table bronze.captured sync")


def test_without_a_warehouse_the_file_waits(drops: Path, client: Client, warehouse: RunningWarehouse) -> None:
    drop(drops, BANGKOK)
    warehouse.client("admin").command("drop table feeds.geography sync")
    with pytest.raises(Exception, match=r"feeds\.geography"):
        ingest(drops, client)
    prepare_feeds(warehouse.client("admin"))
    assert taken(drops, client).result == "ingested"


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([BANGKOK, "2026-10-01,TH"], "oct.csv, line 3: has 2 values, the header 10"),
        (
            [BANGKOK.replace("5494932", "many")],
            "oct.csv, line 2, column population_count: 'many' is not a whole",
        ),
        ([BANGKOK.replace("13.7563", "113.7563")], "line 2, column latitude: 113.7563 is outside -90 to 90"),
        ([BANGKOK.replace("13.7563", '"13,7563"')], "latitude: '13,7563' has a decimal comma; write 13.7563"),
        ([BANGKOK.replace("1.0000", "1.2")], "line 2, column urban_rate: 1.2 is outside 0 to 1"),
        ([BANGKOK.replace(",TH,", ",Thailand,")], "line 2, column country: 'Thailand' is not a country's"),
        ([BANGKOK.replace(",TH,", ",SG,")], "line 2, column region_code: TH-10 is not a region of SG"),
        ([BANGKOK.replace("-01,", "-15,")], "line 2, column period_date: '2026-10-15' is not the first day"),
        ([BANGKOK, BANGKOK], "line 3, column region_code: 2026-10-01, TH-10 is in line 2 too"),
        ([BANGKOK, PHUKET.replace("-10-", "-11-")], "line 3, column period_date: is not 2026-10-01 as above"),
        ([BANGKOK.replace("Bangkok", "")], "line 2, column region_name: is empty"),
        ([], "oct.csv: has no rows"),
    ],
)
def test_a_wrong_file_is_refused_whole_with_the_reason_beside_it(
    drops: Path, client: Client, rows: list[str], problem: str
) -> None:
    drop(drops, *rows)
    outcome = taken(drops, client)
    assert outcome.result == "refused"
    assert problem in outcome.reason
    reason = Path(f"{outcome.moved_to}.reason.txt").read_text()
    assert problem in reason
    assert "put it into" in reason
    assert Path(outcome.moved_to).parent == drops / "geography" / "refused"
    assert rows_in(client) == 0


def test_a_missing_or_unknown_column_is_named(drops: Path, client: Client) -> None:
    drop(drops, BANGKOK, header=GEOGRAPHY_HEADER.replace("urban_rate", "town_rate"))
    assert "line 1, column urban_rate: column is missing" in taken(drops, client).reason
    drop(drops, f"{BANGKOK},x", header=f"{GEOGRAPHY_HEADER},note")
    assert "line 1, column note: column is unknown" in taken(drops, client).reason


def test_a_torn_compressed_file_is_refused(drops: Path, client: Client) -> None:
    whole = zstandard.compress(f"{GEOGRAPHY_HEADER}\n{BANGKOK}\n".encode())
    (drops / "geography" / "oct.csv.zst").write_bytes(whole[:-6])
    assert taken(drops, client).result == "refused"


def test_a_refused_file_does_not_stop_the_others(drops: Path, client: Client) -> None:
    drop(drops, "nonsense", name="a.csv")
    drop(drops, BANGKOK, name="b.csv")
    economy = drops / "economic_indicators" / "oct.csv"
    economy.write_text(f"{ECONOMY_HEADER}\n2026-10-01,TH,USD,,,0.0100,57.20\n")
    results = {(outcome.feed, outcome.file): outcome.result for outcome in ingest(drops, client)}
    assert results == {
        ("geography", "a.csv"): "refused",
        ("geography", "b.csv"): "ingested",
        ("economic_indicators", "oct.csv"): "ingested",
    }
