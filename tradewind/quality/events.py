"""The events of change logs as the gate sees them: the rule that each breaks first, the column and the value.

The rules are dbt's own (`macros/cdc/validity.sql`), so what is named here is what ODS does not take.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined

from tradewind.quality.logs import ChangeLog
from tradewind.settings import PROJECT_ROOT

MACROS = PROJECT_ROOT / "macros" / "cdc" / "validity.sql"
RULES = ("payload", "operation", "position", "envelope", "key", "value")
"""In the order in which an event is asked for them."""
LONGEST_VALUE = 200

EVENT_ID = "lower(hex(sipHash128(ifNull(_key, ''), ifNull(payload, ''))))"
"""What identifies a raw event, whatever of it can be read."""


def events(log: ChangeLog, condition: str) -> str:
    """The query for a log's events: identity, operation, and the fault; `rule` is empty for a valid event.

    Records without payload are the tombstones of a compacted topic and no events.
    """
    return (
        f"select '{_escaped(log.name)}' as log, event_id, position, event_key, operation, arrived_at, "  # noqa: S608
        "tupleElement(fault, 1) as rule, tupleElement(fault, 2) as column_name, "
        f"{_shown_value(log)} as value "
        f"from (select {EVENT_ID} as event_id, _position as position, {_shown_key(log)} as event_key, "
        "toString(_op) as operation, _ingested_at as arrived_at, "
        f"{_fault(log)} as fault "
        f"from (select _op, _position, _key, payload, _ingested_at, {_image(log)} as _image "
        f"from {log.relation} where payload is not null and {condition}))"
    )


def valid_changes(log: ChangeLog, condition: str) -> str:
    """The query for `_key` and `_position` of a log's events that ODS takes."""
    return (
        "select _key, _position "  # noqa: S608 - our own query
        f"from (select _op, _position, _key, payload, _ingested_at, {_image(log)} as _image "
        f"from {log.relation} where payload is not null and {condition}) "
        f"where tupleElement({_fault(log)}, 1) = ''"
    )


def all_events(logs: Iterable[tuple[ChangeLog, str]]) -> str:
    """The events of several logs, each with its condition."""
    return " union all ".join(events(log, condition) for log, condition in logs)


def _fault(log: ChangeLog) -> str:
    return str(_macros().clickhouse__event_fault("_image", list(log.key), dict(log.columns)))


def _image(log: ChangeLog) -> str:
    fields = ", ".join(f"{_quoted(name)} Nullable(String)" for name in log.columns)
    return (
        "JSONExtract(ifNull(payload, ''), if(toString(_op) = 'd', 'before', 'after'), "
        f"'Tuple({_escaped(fields)})')"
    )


def _shown_key(log: ChangeLog) -> str:
    """The key's values as a JSON text, from the row; masked where the key is personal data."""
    if log.personal & set(log.key):
        return "'(personal data)'"
    fields = ", ".join(f"{_quoted(name)} Nullable(String)" for name in log.key)
    values = ", ".join(_text_of(name) for name in log.key)
    return f"toJSONString(cast(tuple({values}), 'Tuple({_escaped(fields)})'))"


def _shown_value(log: ChangeLog) -> str:
    """The value as it came, cut where it is long; of personal data only its length."""
    value = f"left(tupleElement(fault, 3), {LONGEST_VALUE})"
    if not log.personal:
        return value
    names = ", ".join(f"'{_escaped(name)}'" for name in sorted(log.personal))
    masked = "concat('(personal data, ', toString(length(tupleElement(fault, 3))), ' bytes)')"
    return f"if(tupleElement(fault, 2) in ({names}), {masked}, {value})"


@cache
def _macros() -> Any:
    sql = Environment(extensions=["jinja2.ext.do"], undefined=StrictUndefined)  # noqa: S701 - SQL, not HTML
    return sql.from_string(MACROS.read_text()).module


def _text_of(name: str) -> str:
    return str(_macros().clickhouse__text_of("_image", name))


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
