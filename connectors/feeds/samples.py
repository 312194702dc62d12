"""Sample files for the shop's countries, as an agency could send them for a month; repeatable by a seed.

Regions start from the census figures of about 2020 (`sample_regions.csv`) and grow. Economies start from the
figures of about 2024 below; growth and rates vary a little from month to month, by the seed.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.feeds.catalog import ECONOMIC_INDICATORS, GEOGRAPHY
from connectors.feeds.declaration import FileFeed
from connectors.feeds.drops import folder_of
from connectors.feeds.errors import FeedError

_REGIONS = Path(__file__).with_name("sample_regions.csv")
_REGIONS_YEAR = 2020
_ECONOMIES_YEAR = 2024
_QUARTER_ENDS = (3, 6, 9, 12)


@dataclass(frozen=True)
class Economy:
    """A country around 2024."""

    gdp_usd_billions: int
    gdp_growth: float
    population_growth: float
    unemployment: float
    confidence: float


ECONOMIES = {
    "TH": Economy(526, 0.025, 0.001, 0.010, 57.0),
    "SG": Economy(547, 0.030, 0.012, 0.020, 96.0),
    "MY": Economy(420, 0.045, 0.011, 0.033, 95.0),
    "PH": Economy(462, 0.056, 0.014, 0.042, 88.0),
    "ID": Economy(1_396, 0.050, 0.011, 0.049, 124.0),
    "VN": Economy(476, 0.065, 0.009, 0.022, 101.0),
    "US": Economy(29_185, 0.024, 0.005, 0.041, 74.0),
}


def write_samples(drops: Path, month: date, seed: int) -> list[Path]:
    """Put a file of each feed for a month into the drop folders; the paths written."""
    if month.day != 1:
        raise FeedError(f"{month} is not the first day of a month")
    contents = {GEOGRAPHY: geography(month, seed), ECONOMIC_INDICATORS: economic_indicators(month, seed)}
    return [_write(drops, feed, month, rows) for feed, rows in contents.items()]


def geography(month: date, seed: int) -> list[list[str]]:
    """The regions of a month, in the order of the feed's columns."""
    years = _years_since(_REGIONS_YEAR, month)
    with _REGIONS.open(newline="") as file:
        return [_region(row, month, years, seed) for row in csv.DictReader(file)]


def economic_indicators(month: date, seed: int) -> list[list[str]]:
    """The economies of a month, in the order of the feed's columns."""
    return [_economy(country, economy, month, seed) for country, economy in ECONOMIES.items()]


def _region(row: dict[str, str], month: date, years: float, seed: int) -> list[str]:
    growth = ECONOMIES[row["country"]].population_growth * (0.5 + _random(seed, row["region_code"]))
    grown = {
        "period_date": month.isoformat(),
        "population_count": str(round(int(row["population_count"]) * (1 + growth) ** years)),
        "urban_rate": _rate(float(row["urban_rate"]) + 0.002 * years),
        "internet_rate": _rate(float(row["internet_rate"]) + 0.006 * years, largest=0.99),
    }
    return [str((row | grown)[column.name]) for column in GEOGRAPHY.columns]


def _economy(country: str, economy: Economy, month: date, seed: int) -> list[str]:
    growth = economy.gdp_growth + 0.015 * _variation(seed, country, "gdp", month)
    gdp = economy.gdp_usd_billions * 1e9 * (1 + economy.gdp_growth) ** _years_since(_ECONOMIES_YEAR, month)
    is_released = month.month in _QUARTER_ENDS
    unemployment = economy.unemployment * (1 + 0.15 * _variation(seed, country, "unemployment", month))
    confidence = economy.confidence * (1 + 0.08 * _variation(seed, country, "confidence", month))
    return [
        month.isoformat(),
        country,
        "USD",
        f"{round(gdp, -6):.2f}" if is_released else "",
        f"{growth:.4f}" if is_released else "",
        _rate(unemployment),
        f"{confidence:.2f}",
    ]


def _write(drops: Path, feed: FileFeed, month: date, rows: Iterable[Sequence[str]]) -> Path:
    """Write beside the final name and rename, so that a reader never sees half a file."""
    folder = folder_of(drops, feed)
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([[column.name for column in feed.columns], *rows])
    path = folder / f"{feed.name}_{month:%Y-%m}.csv"
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_text(text.getvalue())
    return unfinished.replace(path)


def _years_since(year: int, month: date) -> float:
    return (month.year - year) + (month.month - 1) / 12


def _variation(seed: int, country: str, indicator: str, month: date) -> float:
    """From -1 to 1; a mean of three months, so that neighbouring months are alike."""
    number = month.year * 12 + month.month
    values = [_random(seed, f"{country}:{indicator}:{number - ago}") for ago in range(3)]
    return sum(values) / 3 * 2 - 1


def _random(seed: int, name: str) -> float:
    """From 0 up to 1; always the same for a seed and a name."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:6], "big") / 2**48


def _rate(value: float, largest: float = 1.0) -> str:
    return str(Decimal(min(max(value, 0.0), largest)).quantize(Decimal("0.0001")))
