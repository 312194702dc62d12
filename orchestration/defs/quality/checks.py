"""The gate as one check per change log: names what ODS does not take, and stops a build only at too much."""

import json
from collections.abc import Iterator

import dagster as dg

from application.build_lock import build_lock
from orchestration.project import dbt_project
from orchestration.resources import Warehouse
from tradewind.quality import gate, report
from tradewind.quality.logs import ChangeLog, change_logs
from tradewind.settings import QualitySettings, home_folder

NAME = "events_are_valid"


def logs() -> list[ChangeLog]:
    """The change logs that the models read."""
    return change_logs(json.loads(dbt_project().manifest_path.read_text()))


def asset_key(log: ChangeLog) -> dg.AssetKey:
    """The log's asset."""
    return dg.AssetKey([log.database, log.source])


SPECS = [
    dg.AssetCheckSpec(
        NAME,
        asset=asset_key(log),
        description="Every event can be read and fits the columns of ODS (Great Expectations).",
        blocking=True,
    )
    for log in logs()
]


@dg.multi_asset_check(name="quality_gate", specs=SPECS, can_subset=True)
def quality_gate(
    context: dg.AssetCheckExecutionContext, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    """Validate what arrived, quarantine what fails, and say of each log what is in quarantine."""
    client = warehouse.client()
    settings = QualitySettings()
    with build_lock(lambda: context.log.info("another run builds the warehouse; waiting for it")):
        outcome = gate.run(client, warehouse.address(), logs())
    page = report.write(home_folder(), outcome)
    for log in logs():
        if dg.AssetCheckKey(asset_key(log), NAME) in context.selected_asset_check_keys:
            yield result(outcome, log, gate.stops_build(client, log, outcome, settings), str(page))


def result(outcome: gate.Outcome, log: ChangeLog, stops: bool, page: str) -> dg.AssetCheckResult:
    """The check's result: an error stops the build, a warning does not."""
    count = outcome.quarantined.get(log.name, 0)
    rows = [str(event) for event in outcome.examples.get(log.name, ())]
    advice = f"{count} events in quarantine; see `tradewind quarantine list`: "
    return dg.AssetCheckResult(
        asset_key=asset_key(log),
        check_name=NAME,
        passed=count == 0,
        severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
        description=advice + "; ".join(rows) if count else None,
        metadata={
            "quarantined_events": count,
            "validated_now": log in outcome.validated,
            "report": dg.MetadataValue.path(page),
        },
    )
