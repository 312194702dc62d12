"""The landing: keeps the way from Kafka into the change logs open.

    python -m connectors.kafka.landing

It holds no data and moves none but dead letters; the warehouse itself reads Kafka (or the sink connector
writes to it). What it does, again and again:

- topics of all captured tables exist, and the warehouse has a change log and a route for each;
- the queue is open; after each start of the warehouse it must be made anew (`intake.py`);
- a topic that was deleted and made again is read from its beginning;
- a snapshot that began voids what the change logs held before;
- what the warehouse set aside goes to the dead-letter topic;
- the status file says how far behind Kafka the change logs are.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.errors import CaptureError, Stopped
from connectors.kafka import intake, rejected, routing, snapshots
from connectors.kafka.cluster import Cluster
from connectors.kafka.dead_letters import DeadLetters
from connectors.kafka.declared import SINK_GROUP
from connectors.kafka.errors import KafkaError
from connectors.kafka.landing_status import LandingStatus
from connectors.kafka.register import Register
from connectors.kafka.source_tables import SourceTables, read_source
from connectors.kafka.tails import Tails
from connectors.kafka.topics import read_topics
from tradewind.settings import (
    Endpoint,
    KafkaSettings,
    Settings,
    SettingsError,
    home_folder,
    kafka_settings,
    load_settings,
)

log = logging.getLogger("landing")

_PAUSE_SECONDS = 0.5
_CATALOGUE_SECONDS = 10.0
_PATIENCE_SECONDS = 5.0


class Landing:
    """The landing of one home."""

    def __init__(self, settings: Settings, kafka: KafkaSettings, folder: Path) -> None:
        self.folder = folder
        self.stopping = threading.Event()
        self.status = LandingStatus(pid=os.getpid())
        self._source = settings.database_replication_url
        self._replication = kafka.tradewind_topic_replication
        self._reads_itself = kafka.tradewind_landing == "kafka-engine"
        self._group = intake.GROUP if self._reads_itself else SINK_GROUP
        self._largest = kafka.tradewind_largest_event_bytes
        broker = Endpoint(settings.required("kafka_url"))
        self._bootstrap = f"{broker.host}:{broker.port}"
        self._cluster = Cluster(self._bootstrap)
        self._topics = read_topics()
        letters = self._topics.dead_letters
        self._tails = Tails(self._bootstrap)
        self._letters = DeadLetters(self._bootstrap, letters.name, int(letters.settings["max.message.bytes"]))
        self._warehouse = WarehouseHttp(Endpoint(settings.clickhouse_url), self.stopping, _PATIENCE_SECONDS)
        self._register = Register(self._warehouse)
        self._tables = SourceTables([], {}, {})
        self._looked_at = 0.0
        self._identities: dict[str, str] = {}

    def run(self) -> None:
        """Work until `stopping` is set; what is away is waited for, and named in the status meanwhile."""
        while not self.stopping.is_set():
            try:
                self._work()
            except (KafkaError, CaptureError) as error:
                self._say(str(error))
                # A client may go on waiting for a coordinator that a broker's restart has moved.
                self._cluster = Cluster(self._bootstrap)
            else:
                self._say(None)
            self.stopping.wait(_PAUSE_SECONDS)

    def _work(self) -> None:
        self._look_after_tables()
        self._look_after_topics()
        if self._reads_itself:
            self._look_after_intake()
        else:
            intake.close_intake(self._warehouse)
        if snapshots.waiting(self._warehouse):
            owners = self._register.owners().values()
            snapshots.void_what_was_before(self._warehouse, {*owners, *self._tables.columns})
            self._register.complete(self._tables)
            self._looked_at = 0.0
        self.status.forwarded += rejected.forward(self._warehouse, self._letters)
        self._measure()

    def _say(self, error: str | None) -> None:
        """Write the status; log an error once."""
        if error is not None and error != self.status.error:
            log.warning("%s", error)
        self.status.error = error
        self.status.write(self.folder)

    def _look_after_tables(self) -> None:
        """Prepare the warehouse for the source's tables; those of before go on where it cannot be asked."""
        if self._looked_at and time.monotonic() - self._looked_at < _CATALOGUE_SECONDS:
            return
        try:
            found = read_source(self._source).with_owners(self._register.owners())
        except KafkaError as error:
            if not self._tables.tables:
                raise
            self.status.warning = str(error)
            return
        self.status.warning = None
        self._looked_at = time.monotonic()
        if found.tables != self._tables.tables:
            for statement in routing.statements(found.tables, self._largest):
                self._warehouse.run(statement)
            log.info("routes for %d tables", len(found.tables))
        self._tables = found
        self._note(found.refused, self._register.update(found))

    def _note(self, refused: dict[str, str], lacking: dict[str, str]) -> None:
        """Say once what is not captured, and of what rows are missing."""
        for table, reason in refused.items() - self.status.refused.items():
            log.error("%s is not captured: %s", table, reason)
        for table, reason in lacking.items() - self.status.lacking.items():
            log.warning(
                "bronze lacks rows of %s: %s; `tradewind connectors snapshot` reads all", table, reason
            )
        self.status.refused, self.status.lacking = refused, lacking

    def _look_after_topics(self) -> None:
        """Create topics that are missing; read one that was made again from its beginning."""
        wanted = self._topics.all(self._tables.tables)
        created = self._cluster.create(wanted, self._replication)
        if created:
            log.info("created %s", ", ".join(created))
        identities = self._cluster.identities(topic.name for topic in wanted)
        renewed = [
            topic
            for topic, identity in identities.items()
            if self._identities.get(topic, identity) != identity
        ]
        if renewed:
            log.warning("made again, read from the beginning: %s", ", ".join(renewed))
            intake.close_intake(self._warehouse)
            self._cluster.rewind(self._group, renewed)
        # A topic that was made a moment ago may not be listed yet: what it was before stays known.
        self._identities |= identities

    def _look_after_intake(self) -> None:
        topics = [table.topic for table in self._tables.tables]
        if not intake.is_open(self._warehouse, topics):
            intake.open_intake(self._warehouse, self._bootstrap, topics)
            log.info("reading %d topics", len(topics))

    def _measure(self) -> None:
        """How far behind the ends of the topics the change logs are, in records."""
        topics = [table.topic for table in self._tables.tables]
        ends, read = self._cluster.ends(topics), self._cluster.committed(self._group)
        self.status.lag_records = sum(self._tails.unread(read, ends).values())
        self.status.records = sum(read.get(place, 0) for place in ends)
        self.status.tables = len(self._tables.tables)


def main() -> int:
    """Work until SIGTERM or SIGINT; 1 with one line when it cannot go on."""
    argparse.ArgumentParser(prog="python -m connectors.kafka.landing", description=__doc__).parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    folder = home_folder() / "landing"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        landing = Landing(load_settings(), kafka_settings(), folder)
    except (SettingsError, KafkaError) as error:
        log.error("%s", error)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: landing.stopping.set())
    try:
        landing.run()
    except Stopped:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
