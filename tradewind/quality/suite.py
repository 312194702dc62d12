"""Great Expectations: the suite that every change event must meet, and its validation by key.

Great Expectations takes seconds to import, so it is imported only where something is to be validated.
The context is ephemeral: nothing is read from or written to a project folder.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.quality.events import RULES
from tradewind.settings import Endpoint

BATCH = "ops.gate_batch"
OPERATIONS = ("c", "r", "u", "d", "t")
NAMED = 20
"""How many failing events of a rule a validation names itself; all are in the quarantine."""
DESCRIPTIONS = {
    "payload": "the payload is a JSON object",
    "operation": f"the operation is one of {', '.join(OPERATIONS)}",
    "position": "the position is a place in the log: 38 digits, not all of them zero",
    "envelope": "the envelope holds the row that the operation speaks of",
    "key": "the row has a value for every column of the key",
    "value": "every value can be read and fits its column",
}


@dataclass(frozen=True)
class RuleResult:
    """One rule's outcome over all events that were validated."""

    rule: str
    success: bool
    events: int
    failed: int


class GateError(RuntimeError):
    """The gate could not validate; the message says what went wrong."""


def create_batch(events: str) -> str:
    """The statement that keeps events as the batch: an event a row, a column per rule with what it is about.

    A rule is not asked of events that an earlier one names, so their columns are null there, which
    expectations about values leave out. Of valid events nothing but the operation is kept.
    """
    columns = [
        "log",
        *(f"if(rule = '', '', {name}) as {name}" for name in ("event_id", "position", "event_key", "value")),
        "arrived_at",
        "operation as event_operation",
        "rule",
        "column_name",
        "if(rule = 'payload', null, operation) as operation",
        *(f"if(rule = '{rule}', column_name, null) as {rule}_fault" for rule in RULES if rule != "operation"),
    ]
    return (
        f"create table {BATCH} engine = MergeTree order by tuple() "  # noqa: S608 - our own query
        f"as select {', '.join(columns)} from ({events}) "
        "settings short_circuit_function_evaluation = 'disable'"
    )


def expectations() -> list[Any]:
    """The suite as code."""
    from great_expectations.expectations.core.expect_column_values_to_be_in_set import (
        ExpectColumnValuesToBeInSet,
    )
    from great_expectations.expectations.core.expect_column_values_to_be_null import (
        ExpectColumnValuesToBeNull,
    )

    found: list[Any] = [
        ExpectColumnValuesToBeInSet(
            column="operation", value_set=list(OPERATIONS), description=DESCRIPTIONS["operation"]
        )
    ]
    found += [
        ExpectColumnValuesToBeNull(column=f"{rule}_fault", description=DESCRIPTIONS[rule])
        for rule in RULES
        if rule != "operation"
    ]
    return found


def validate(warehouse_url: str) -> list[RuleResult]:
    """Validate the batch against the suite."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        source = context.data_sources.add_sql("warehouse", connection_string=_address(warehouse_url))
        asset = source.add_table_asset("events", table_name=BATCH.partition(".")[2])
        batch = asset.add_batch_definition_whole_table("arrived").get_batch()
        result = batch.validate(
            gx.ExpectationSuite("change_events", expectations=expectations()),
            result_format={
                "result_format": "SUMMARY",
                "unexpected_index_column_names": ["log", "event_id"],
                "partial_unexpected_count": NAMED,
            },
        )
    by_rule = {
        each.expectation_config.kwargs["column"].removesuffix("_fault"): each
        for each in result.results
        if each.expectation_config is not None
    }
    return [_rule_result(rule, by_rule) for rule in RULES]


def _rule_result(rule: str, by_rule: Mapping[str, Any]) -> RuleResult:
    """The result of a rule, found by its column: results come in any order."""
    found = by_rule.get(rule)
    if found is None or found.exception_info.get("raised_exception", True):
        reason = found.exception_info if found is not None else "no result"
        raise GateError(f"Great Expectations did not validate the rule {rule}: {reason}")
    counts = found.result
    return RuleResult(
        rule=rule,
        success=bool(found.success),
        events=int(counts["element_count"]),
        failed=int(counts["unexpected_count"] or 0),
    )


def _address(warehouse_url: str) -> str:
    from sqlalchemy import URL

    at = Endpoint(warehouse_url)
    address = URL.create(
        "clickhousedb",
        at.user,
        at.password,
        at.host,
        at.port,
        "ops",
        {"secure": str(at.scheme == "https").lower()},
    )
    return address.render_as_string(hide_password=False)
