"""For every hour that is over, the near-real-time marts equal batch and source."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dagster as dg

from application.captured import wait_until_captured
from orchestration.project import dbt_project
from orchestration.resources import Warehouse
from tradewind.rt import states
from tradewind.rt.comparison import Comparison, Difference, Hours, dialect_of, reader
from tradewind.rt.figures import FIGURES, Figure
from tradewind.rt.queries import Queries
from tradewind.settings import load_settings, reporting_time_zone

HOURS_COMPARED = 7 * 24
SHOWN = 10


def check_of(figure: Figure) -> dg.AssetChecksDefinition:
    """The check of one mart. It fails where a figure differs, and errors where one cannot be read."""

    @dg.asset_check(
        asset=dg.AssetKey(["rt", figure.mart]),
        name=f"{figure.mart}_equals_batch_and_source",
        description="Every hour of the last week that is over: as in the last build and the shop's tables.",
    )
    def check(warehouse: Warehouse) -> dg.AssetCheckResult:
        settings = load_settings()
        client = warehouse.client()
        manifest = json.loads(dbt_project().manifest_path.read_text())
        queries = Queries(
            manifest, states.tables(client), reporting_time_zone(), dialect_of(settings.database_url)
        )
        hours = Hours.before(datetime.now(UTC), HOURS_COMPARED)
        wait_until_captured(settings)
        with reader(settings.database_url) as source:
            comparison = Comparison(client, source, queries, hours)
            return _result(comparison.with_batch(figure) + comparison.with_source(figure))

    return check


def _result(differences: list[Difference]) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not differences,
        description="; ".join(str(difference) for difference in differences[:SHOWN]) or None,
        metadata={"differing_hours": len(differences), "hours_compared": HOURS_COMPARED},
    )


checks = [check_of(figure) for figure in FIGURES]
