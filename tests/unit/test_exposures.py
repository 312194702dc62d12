"""What the lineage says reads a model is what reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tradewind.serving.alerts import rules
from tradewind.serving.api import recommendations
from tradewind.serving.api.tables import TABLES
from tradewind.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
RELATION = re.compile(r"\b(?:ods|cdm|ads|rt)\.((?:ods|dim|fact|ads|rt|mv|v)_\w+)")
FILE = MODELS / "exposures.yml"


def named_in(*paths: str) -> set[str]:
    """Models that these files name with their database; a folder stands for all its files of Python."""
    files: list[Path] = []
    for path in paths:
        place = PROJECT_ROOT / path
        files += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    return {name for file in files for name in RELATION.findall(file.read_text())}


def of_api() -> set[str]:
    """The marts with an address, those that give names to their rows, and what recommendations look up."""
    relations = [table.relation for table in TABLES] + [
        names.mart for table in TABLES for names in table.names
    ]
    asked = Path(recommendations.__file__).relative_to(PROJECT_ROOT)
    return set(RELATION.findall(" ".join(relations))) | named_in(str(asked))


def of_alerts() -> set[str]:
    """The marts that the product's own rules look at."""
    return set(RELATION.findall(rules.DEFAULT_FILE.read_text()))


def of_grafana() -> set[str]:
    """The marts in the statements of its panels."""
    file = PROJECT_ROOT / "dashboards" / "grafana" / "json" / "tradewind-shop-live.json"
    statements = [
        target["rawSql"] for panel in json.loads(file.read_text())["panels"] for target in panel["targets"]
    ]
    return set(RELATION.findall(" ".join(statements)))


READERS: dict[str, Callable[[], set[str]]] = {
    "http_api": of_api,
    "dashboard": lambda: named_in("dashboards/web/src/api/marts.ts"),
    "alerts": of_alerts,
    "grafana_shop_live": of_grafana,
    "terminal": lambda: named_in("tradewind/rt/board.py"),
    "demand_models": lambda: named_in(
        "tradewind/ml/warehouse.py", "tradewind/ml/demand", "tradewind/ml/stock"
    ),
    "fraud_model": lambda: named_in("tradewind/ml/fraud"),
    "recommendations": lambda: named_in("tradewind/ml/recommendations"),
    "customer_models": lambda: named_in("tradewind/ml/customers"),
}


def expected(name: str) -> set[str]:
    """The models that an exposure's reader names."""
    return READERS[name]()


def declared() -> dict[str, set[str]]:
    """The models of each exposure."""
    found = yaml.safe_load(FILE.read_text())["exposures"]
    return {
        each["name"]: {re.fullmatch(r"ref\('(\w+)'\)", ref)[1] for ref in each["depends_on"]}  # type: ignore[index]
        for each in found
    }


def test_every_reader_is_an_exposure() -> None:
    assert declared().keys() == READERS.keys()


@pytest.mark.parametrize("name", READERS)
def test_an_exposure_names_the_models_that_are_read(name: str) -> None:
    read = expected(name)
    assert read and declared()[name] == read


def test_every_mart_has_a_reader() -> None:
    marts = {path.stem for path in (MODELS / "ads").rglob("ads_*.sql")}
    assert marts and marts <= set().union(*declared().values())
