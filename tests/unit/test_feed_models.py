"""Feeds are declared once: their models and the checks of their files follow from the declaration."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from connectors.feeds.catalog import FEEDS
from connectors.feeds.declaration import PERIOD, FeedColumn, FileFeed, Format, RowRule
from connectors.feeds.errors import FeedError
from connectors.feeds.files import Content, read_content
from connectors.feeds.models import LAYER, feed_model_files, write_feed_models
from tradewind.settings import PROJECT_ROOT
from tradewind.source.errors import LoadError

TOLLS = FileFeed(
    name="tolls",
    description="Road tolls per month.",
    key=(PERIOD, "road"),
    columns=(
        FeedColumn(PERIOD, "date", "Month."),
        FeedColumn("road", "text", "The road.", format=Format("[A-Z][0-9]+", "a road, such as A1")),
        FeedColumn("kind", "text", "Kind.", allowed_values=("bridge", "tunnel")),
        FeedColumn("toll_amount", "numeric(6,2)", "Toll.", limits=(0, 500)),
        FeedColumn("lane_count", "integer", "Lanes.", nullable=True, limits=(1, 12)),
        FeedColumn("opened_date", "date", "Opening.", nullable=True),
    ),
    rules=(
        RowRule(
            name="bridges have lanes",
            column="lane_count",
            sql="kind <> 'bridge' or lane_count is not null",
            holds=lambda row: row["kind"] != "bridge" or row["lane_count"] is not None,
            reason="is missing for the bridge on {road}",
        ),
    ),
)
HEADER = "period_date,road,kind,toll_amount,lane_count,opened_date"


def content(folder: Path, *rows: str) -> Content:
    path = folder / "tolls.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return read_content(path, TOLLS)


def test_the_checked_in_models_are_those_of_the_declarations() -> None:
    files = feed_model_files()
    folder = PROJECT_ROOT / LAYER.folder
    assert {path.name: path.read_text() for path in folder.iterdir()} == files, "run `tradewind feeds models`"


def test_a_declaration_becomes_a_model_with_types_and_rules(tmp_path: Path) -> None:
    assert write_feed_models(tmp_path, [TOLLS]) == ["_feed_sources.yml", "ods_tolls.sql", "ods_tolls.yml"]
    assert write_feed_models(tmp_path, [TOLLS]) == []
    sql = (tmp_path / LAYER.folder / "ods_tolls.sql").read_text()
    assert f"source('{LAYER.source}', 'tolls')" in sql
    assert "'toll_amount': 'decimal(6,2)'" in sql and "toastable" not in sql
    [model] = yaml.safe_load((tmp_path / LAYER.folder / "ods_tolls.yml").read_text())["models"]
    assert model["data_tests"][0]["valid_rows"]["arguments"] == {
        "key": [PERIOD, "road"],
        "not_null": ["kind", "toll_amount"],
        "accepted_values": {"kind": ["bridge", "tunnel"]},
        "in_range": {"toll_amount": [0, 500], "lane_count": [1, 12]},
        "expressions": {
            "bridges have lanes": "kind <> 'bridge' or lane_count is not null",
            "period is a month": "extract(day from period_date) = 1",
        },
    }


def test_a_file_of_the_feed_is_read_with_the_types_of_its_columns(tmp_path: Path) -> None:
    found = content(tmp_path, "2026-10-01,A1,bridge,12.50,4,2001-02-03", "2026-10-01,A2,tunnel,3,,")
    assert found.period == "2026-10-01"
    assert [row["lane_count"] for row in found.rows] == [4, None]
    assert [row["toll_amount"] for row in found.rows] == ["12.50", "3"]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2026-10-01,1A,tunnel,3,,", "column road: '1A' is not a road, such as A1"),
        ("2026-10-01,A1,ferry,3,,", "column kind: 'ferry' is unknown; known are bridge, tunnel"),
        ("2026-10-01,A1,tunnel,501,,", "column toll_amount: 501 is outside 0 to 500"),
        ("2026-10-01,A1,tunnel,3.125,,", "column toll_amount: '3.125' is not a number with at most 4 digits"),
        ("2026-10-01,A1,tunnel,12345,,", "column toll_amount: '12345' is not a number with at most 4 digits"),
        ("2026-10-01,A1,tunnel,3,13,", "column lane_count: 13 is outside 1 to 12"),
        ("2026-10-01,A1,tunnel,3,,2001-02-30", "column opened_date: day is out of range"),
        ("2026-10-01,A1,tunnel,3,,1/2/2001", "column opened_date: '1/2/2001' is not a date like 2026-10-31"),
        ("2026-10-01,A1,bridge,3,,", "column lane_count: is missing for the bridge on A1"),
        ("2026-10-01,A1,,3,,", "column kind: is empty"),
    ],
)
def test_a_value_that_breaks_the_declaration_is_named(tmp_path: Path, row: str, problem: str) -> None:
    with pytest.raises(LoadError) as raised:
        content(tmp_path, row)
    assert f"tolls.csv, line 2, {problem}" in str(raised.value)


def test_a_type_that_files_cannot_have_is_named(tmp_path: Path) -> None:
    feed = FileFeed("x", "X.", (PERIOD,), (FeedColumn(PERIOD, "date", ""), FeedColumn("a", "jsonb", "")))
    (tmp_path / "x.csv").write_text("period_date,a\n2026-10-01,{}\n")
    with pytest.raises(FeedError, match="column a is declared as jsonb"):
        read_content(tmp_path / "x.csv", feed)


def test_names_of_feeds_and_their_columns_are_unique() -> None:
    names = [feed.name for feed in FEEDS]
    assert len(names) == len(set(names))
    for feed in FEEDS:
        columns = [column.name for column in feed.columns]
        assert len(columns) == len(set(columns)) and set(feed.key) <= set(columns)
