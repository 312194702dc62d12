"""Sample drops: valid by the feeds' own rules, deterministic, plausible from month to month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.feeds.catalog import ECONOMIC_INDICATORS, GEOGRAPHY
from connectors.feeds.errors import FeedError
from connectors.feeds.files import Content, read_content
from connectors.feeds.samples import write_samples
from simulator.parameters import COUNTRIES

OCTOBER, DECEMBER = date(2026, 10, 1), date(2026, 12, 1)


def samples(folder: Path, month: date, seed: int = 1) -> tuple[Content, Content]:
    """What the written files say, read by the feeds' own rules."""
    geography, economy = write_samples(folder, month, seed)
    return read_content(geography, GEOGRAPHY), read_content(economy, ECONOMIC_INDICATORS)


def test_samples_keep_the_feeds_rules_and_cover_the_shops_countries(tmp_path: Path) -> None:
    for month in (date(2000, 1, 1), OCTOBER, date(2049, 12, 1)):
        for content in samples(tmp_path, month):
            assert content.period == month.isoformat()
            assert {row["country"] for row in content.rows} == set(COUNTRIES)


def test_the_same_seed_gives_the_same_files_and_another_other_ones(tmp_path: Path) -> None:
    digests = [tuple(c.digest for c in samples(tmp_path, OCTOBER, seed)) for seed in (1, 1, 2)]
    assert digests[0] == digests[1]
    assert digests[0][0] != digests[2][0]
    assert digests[0][1] != digests[2][1]


def test_the_gross_domestic_product_comes_with_the_last_month_of_a_quarter(tmp_path: Path) -> None:
    assert {row["gdp_amount"] for row in samples(tmp_path, OCTOBER)[1].rows} == {None}
    thailand = next(row for row in samples(tmp_path, DECEMBER)[1].rows if row["country"] == "TH")
    assert Decimal("400e9") < Decimal(str(thailand["gdp_amount"])) < Decimal("700e9")


def test_a_month_later_little_has_changed(tmp_path: Path) -> None:
    before, after = samples(tmp_path, OCTOBER)[0], samples(tmp_path, date(2026, 11, 1))[0]
    for earlier, later in zip(before.rows, after.rows, strict=True):
        growth = int(later["population_count"] or 0) / int(earlier["population_count"] or 1) - 1
        assert 0 <= growth < 0.003


def test_no_half_written_file_is_left_behind(tmp_path: Path) -> None:
    samples(tmp_path, OCTOBER)
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == [
        "economic_indicators_2026-10.csv",
        "geography_2026-10.csv",
    ]


def test_a_day_inside_a_month_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="2026-10-02 is not the first day of a month"):
        write_samples(tmp_path, date(2026, 10, 2), 1)
