"""The files that are dropped: what each feed's columns are, and reading one with every rule checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.feeds.change_log import Row
from tradewind.source.errors import LoadError
from tradewind.source.files import Field, FileSpec, integer, read, text

PERIOD = "period_date"
Values = Mapping[str, str | None]


@dataclass(frozen=True)
class FileFeed:
    """A feed of files: one file holds one month, and a later file of that month replaces it."""

    name: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    check_row: Callable[[Values], tuple[str, str] | None] = lambda row: None
    """The column and the reason, where a row's values contradict each other."""


@dataclass(frozen=True)
class Content:
    """What a file says."""

    period: str
    rows: tuple[Row, ...]

    @property
    def digest(self) -> str:
        """The identity of what is said: order of rows, line ends and compression do not matter."""
        rows = sorted(json.dumps(row, sort_keys=True) for row in self.rows)
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def read_content(path: Path, feed: FileFeed) -> Content:
    """The checked rows of a file; LoadError with file, line, column and reason for the first wrong one."""
    rows: list[Row] = []
    lines: dict[tuple[str | None, ...], int] = {}
    period: str | None = None
    names = [field.name for field in feed.fields]
    for line, found in read(path, FileSpec(path.stem, feed.fields)):
        values = dict(zip(names, found, strict=True))
        if wrong := feed.check_row(values):
            raise LoadError(path.name, wrong[1], line, wrong[0])
        period = period or values[PERIOD]
        if values[PERIOD] != period:
            raise LoadError(path.name, f"is not {period} as above; a file holds one month", line, PERIOD)
        key = tuple(values[name] for name in feed.key)
        if key in lines:
            raise LoadError(
                path.name, f"{', '.join(map(str, key))} is in line {lines[key]} too", line, feed.key[-1]
            )
        lines[key] = line
        rows.append(_typed(values, feed))
    if period is None:
        raise LoadError(path.name, "has no rows")
    return Content(period, tuple(rows))


def _typed(values: Values, feed: FileFeed) -> Row:
    """Whole numbers as numbers, everything else as text, as Debezium has it."""
    numbers = {field.name for field in feed.fields if field.sql_type == "integer"}
    return {
        name: int(value) if name in numbers and value is not None else value for name, value in values.items()
    }


def _pattern(name: str, pattern: str, like: str) -> Field:
    def check(value: str) -> None:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"'{value}' is not {like}")

    return Field(name, "text", check)


def _decimal(name: str, smallest: str, largest: str, places: int, *, optional: bool = False) -> Field:
    def check(value: str) -> None:
        if not re.fullmatch(rf"-?[0-9]{{1,16}}(\.[0-9]{{1,{places}}})?", value):
            raise ValueError(f"'{value}' is not a number with at most {places} decimals")
        if not Decimal(smallest) <= Decimal(value) <= Decimal(largest):
            raise ValueError(f"{value} is outside {smallest} to {largest}")

    return Field(name, f"numeric(18, {places})", check, optional)


def _first_of_month(name: str) -> Field:
    def check(value: str) -> None:
        if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}-01", value):
            raise ValueError(f"'{value}' is not the first day of a month since 2000, like 2026-10-01")
        date.fromisoformat(value)

    return Field(name, "date", check)


def _region_in_country(row: Values) -> tuple[str, str] | None:
    if str(row["region_code"]).startswith(f"{row['country']}-"):
        return None
    return "region_code", f"{row['region_code']} is not a region of {row['country']}"


_COUNTRY = _pattern("country", "[A-Z]{2}", "a country's two capital letters (ISO 3166-1)")

GEOGRAPHY = FileFeed(
    name="geography",
    key=(PERIOD, "region_code"),
    fields=(
        _first_of_month(PERIOD),
        _COUNTRY,
        _pattern("region_code", "[A-Z]{2}-[A-Z0-9]{1,3}", "a region's code (ISO 3166-2), like TH-10"),
        text("region_name"),
        text("main_city"),
        _decimal("latitude", "-90", "90", 6),
        _decimal("longitude", "-180", "180", 6),
        integer("population_count", 1, 2_000_000_000),
        _decimal("urban_rate", "0", "1", 4),
        _decimal("internet_rate", "0", "1", 4),
    ),
    check_row=_region_in_country,
)

ECONOMIC_INDICATORS = FileFeed(
    name="economic_indicators",
    key=(PERIOD, "country"),
    fields=(
        _first_of_month(PERIOD),
        _COUNTRY,
        _pattern("currency", "[A-Z]{3}", "a currency's three capital letters (ISO 4217)"),
        _decimal("gdp_amount", "0", "9999999999999999", 2, optional=True),
        _decimal("gdp_growth_rate", "-1", "1", 4, optional=True),
        _decimal("unemployment_rate", "0", "1", 4),
        _decimal("consumer_confidence_index", "0", "200", 2),
    ),
)

FILE_FEEDS = (GEOGRAPHY, ECONOMIC_INDICATORS)
