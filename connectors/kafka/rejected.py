"""Moving what the warehouse set aside (`ops.rejected_events`) into the dead-letter topic.

A row is removed after Kafka has acknowledged its letter; a crash between the two repeats the letter, under
the same name.
"""

from __future__ import annotations

import base64
import json

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.kafka.dead_letters import DeadLetter, DeadLetters, Record
from connectors.kafka.routing import REJECTED

_AT_ONCE = 100

_OLDEST = f"""
    select _topic, _partition, _offset, toUnixTimestamp64Milli(_timestamp) as at, reason,
        toString(rejected_at) as rejected_at, base64Encode(_key) as key, base64Encode(payload) as value
    from {REJECTED} order by rejected_at limit {_AT_ONCE} format JSONEachRow
"""  # noqa: S608 - our own names


def forward(warehouse: WarehouseHttp, letters: DeadLetters) -> int:
    """Move the oldest of them; how many."""
    rows = [json.loads(line) for line in warehouse.run(_OLDEST).splitlines()]
    if not rows:
        return 0
    letters.add([_letter(row, letters) for row in rows])
    places = ", ".join(f"({_quoted(row['_topic'])}, {row['_partition']}, {row['_offset']})" for row in rows)
    warehouse.run(f"delete from {REJECTED} where (_topic, _partition, _offset) in ({places})")  # noqa: S608
    return len(rows)


def waiting(warehouse: WarehouseHttp) -> int:
    """How many have not been moved yet."""
    return int(warehouse.run(f"select count() from {REJECTED}"))  # noqa: S608 - our own name


def _letter(row: dict[str, object], letters: DeadLetters) -> DeadLetter:
    """The original where Kafka still has it: the warehouse knows neither its headers nor its very bytes."""
    place = str(row["_topic"]), int(str(row["_partition"])), int(str(row["_offset"]))
    at = int(str(row["at"]))
    found = letters.original(*place)
    if found is None or found.timestamp_ms != at:
        found = Record(*place, at, _decoded(row["key"]), _decoded(row["value"]), [])
    return DeadLetter(found, str(row["reason"]), str(row["rejected_at"]))


def _decoded(text: object) -> bytes | None:
    return None if text is None else base64.b64decode(str(text))


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
