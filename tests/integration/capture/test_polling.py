"""The capture's polling interval: short while changes arrive, long while there are none."""

from __future__ import annotations

import subprocess
import sys
import time

from connectors.embedded.polling import IDLE_AFTER_SECONDS, IDLE_MS
from tests.integration.capture.conftest import Shop
from tradewind.settings import PROJECT_ROOT

BUSY_MS = 5
FIND_FIELDS = """
import jpype
from connectors.embedded import jvm
jvm.start()
expected = {
    "io.debezium.embedded.async.AsyncEmbeddedEngine": {"tasks": "java.util.List"},
    "io.debezium.connector.postgresql.PostgresConnectorTask": {
        "queue": "io.debezium.connector.base.ChangeEventQueue",
    },
    "io.debezium.connector.common.BaseSourceTask": {
        "coordinator": "io.debezium.pipeline.ChangeEventSourceCoordinator",
    },
    "io.debezium.pipeline.ChangeEventSourceCoordinator": {
        "streamingSource": "io.debezium.pipeline.source.spi.StreamingChangeEventSource",
    },
    "io.debezium.connector.base.ChangeEventQueue": {"pollInterval": "java.time.Duration"},
    "io.debezium.connector.postgresql.PostgresStreamingChangeEventSource": {
        "pauseNoMessage": "io.debezium.util.DelayStrategy",
    },
}
for name, fields in expected.items():
    declared = jpype.JClass(name).class_.getDeclaredFields()
    found = {str(field.getName()): str(field.getType().getName()) for field in declared}
    for field, kind in fields.items():
        if found.get(field) != kind:
            print(f"{name}.{field} is {found.get(field)}, not {kind}; see decision 53")
"""


def test_debezium_has_the_private_fields_that_polling_sets() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIND_FIELDS], cwd=PROJECT_ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_interval_is_long_while_idle_and_short_while_changes_arrive(shop: Shop) -> None:
    shop.run("create table polled (id bigint primary key)")
    shop.capture.spawn(TRADEWIND_CAPTURE_POLL_MS=str(BUSY_MS))
    shop.capture.wait_for(lambda status: status.state == "streaming" and status.poll_ms == IDLE_MS)
    started = time.monotonic()
    intervals = set()
    for number in range(25):
        shop.run(f"insert into polled values ({number})")
        time.sleep(IDLE_AFTER_SECONDS / 10)
        if time.monotonic() - started > IDLE_AFTER_SECONDS:
            assert shop.capture.status is not None
            intervals.add(shop.capture.status.poll_ms)
    assert intervals == {BUSY_MS}
    assert len(shop.events("polled")) == 25
    shop.capture.wait_for(lambda status: status.poll_ms == IDLE_MS)
    assert "the polling interval stays" not in shop.capture.log
