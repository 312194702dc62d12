"""This home's connectors: what is wanted, what the cluster has, and how far change data has come."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable

from connectors.bronze.warehouse_http import WarehouseHttp
from connectors.kafka import declared, preflight
from connectors.kafka.cluster import Cluster
from connectors.kafka.connect_client import ConnectClient
from connectors.kafka.connect_errors import ConnectError
from connectors.kafka.dead_letters import DeadLetters
from connectors.kafka.drift import Drift
from connectors.kafka.drift import find as find_drift
from connectors.kafka.errors import KafkaError
from connectors.kafka.intake import GROUP
from connectors.kafka.landing_status import read_status
from connectors.kafka.plan import Plan, Report, Target, make_plan, take_snapshot
from connectors.kafka.plan import apply as apply_plan
from connectors.kafka.progress import Route
from connectors.kafka.register import Register
from connectors.kafka.source_tables import SourceTables, read_source
from connectors.kafka.topics import Topic, read_topics
from tradewind.settings import Endpoint, Settings, home_folder, kafka_settings


class Connectors:
    """The connectors of one home; every method asks the cluster anew."""

    def __init__(self, settings: Settings) -> None:
        if settings.kafka_url is None or settings.connect_url is None:
            raise KafkaError(
                "this home captures without Kafka: KAFKA_URL and CONNECT_URL are not set; "
                "start a home with `tradewind up --stack kafka`, or set them"
            )
        self.settings = settings
        self.kafka = kafka_settings()
        self.topics = read_topics()
        broker = Endpoint(settings.kafka_url)
        self.cluster = Cluster(f"{broker.host}:{broker.port}")
        self.connect = connect_client(settings.connect_url)

    def plan(self, names: Iterable[str] = ()) -> Plan:
        """What differs for these connectors, or for those that this home needs."""
        return self._plan(names, self.source())

    def apply(self, names: Iterable[str] = (), report: Report = lambda text: None) -> Plan:
        """Make it so; returns what was carried out."""
        source = self.source()
        made = self._plan(names, source)
        preflight.require(self.settings, made)
        apply_plan(made, self._target(source), self._topics(source, made.names), report)
        return made

    def take_snapshot(self, name: str) -> None:
        """Take a new snapshot of all tables; what was landed before is void."""
        source = self.source()
        (item,) = self._plan([name], source).connectors
        if not item.exists:
            raise KafkaError(f"there is no connector {name}; `tradewind connectors apply {name}` creates it")
        take_snapshot(self._target(source), name, item.wanted)

    def source(self) -> SourceTables:
        """The captured tables, from the source's catalogue and the warehouse's register."""
        owners = Register(self._warehouse()).owners()
        return read_source(self.settings.database_replication_url).with_owners(owners)

    def drift(self) -> list[Drift]:
        """Where landed events of the shop's tables are not as their published schemas say."""
        return find_drift(self._warehouse(), sorted(table.log_name for table in self.source().columns))

    def dead_letters(self) -> DeadLetters:
        """The dead-letter topic."""
        topic = self.topics.dead_letters
        return DeadLetters(self.cluster.bootstrap, topic.name, int(topic.settings["max.message.bytes"]))

    def route(self) -> Route:
        """The way from this home's source into bronze."""
        source = declared.source_name(self.settings.database_replication_url)
        is_sink = self.kafka.tradewind_landing == "sink"
        group = declared.SINK_GROUP if is_sink else GROUP
        topics = tuple(table.topic for table in self.source().tables)
        return Route(self.connect, self.cluster, source, group, topics, self._warehouse())

    def _warehouse(self) -> WarehouseHttp:
        address = Endpoint(self.settings.clickhouse_writer_url)
        return WarehouseHttp(address, threading.Event(), patience_seconds=10)

    def _target(self, source: SourceTables) -> Target:
        source_url, replication = (
            self.settings.database_replication_url,
            self.kafka.tradewind_topic_replication,
        )
        return Target(self.connect, self.cluster, source_url, replication, source.snapshot_properties)

    def _plan(self, names: Iterable[str], source: SourceTables) -> Plan:
        names = list(names) or declared.default_names(self.settings.database_replication_url, self.kafka)
        wanted = {name: declared.declared(name, self.topics, source, self.kafka) for name in names}
        return make_plan(self.connect, self.cluster, wanted, self._topics(source, names))

    def _topics(self, source: SourceTables, names: Iterable[str]) -> list[Topic]:
        return [*self.topics.all(source.tables), *declared.own_topics(names)]


def overview(settings: Settings) -> dict[str, object]:
    """What `tradewind status` adds: each connector with its tasks, the lag in records, dead letters, and
    tables that are not captured or lack rows.

    What cannot be asked now is said in its place.
    """
    landing = read_status(home_folder() / "landing")
    shown: dict[str, object] = {"lag_records": landing.lag_records if landing else None}
    for name, tables in (("refused", landing.refused), ("lacking", landing.lacking)) if landing else ():
        if tables:
            shown[name] = tables
    try:
        connectors = Connectors(settings)
        connectors.connect = connect_client(settings.required("connect_url"), retry_seconds=0)
        statuses = connectors.connect.statuses()
        shown["connectors"] = {name: status.summary for name, status in statuses.items()}
        shown["dead_letters"] = len(connectors.dead_letters().pending())
    except (ConnectError, KafkaError) as error:
        shown["error"] = str(error)
    return shown


def connect_client(url: str, retry_seconds: float = 30) -> ConnectClient:
    """A client for the address of a setting, which may hold user and password."""
    address = Endpoint(url)
    auth = (address.user, address.password) if address.user else None
    authorities = os.environ.get("SSL_CERT_FILE") or True
    return ConnectClient(address.origin, auth=auth, verify=authorities, retry_seconds=retry_seconds)
