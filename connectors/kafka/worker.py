"""A Kafka Connect worker on this machine, with the plugins of the jar cache.

    python -m connectors.kafka.worker --state connect --port 8083

Addresses and passwords of source and warehouse reach connectors by Connect's own environment provider
(`${env:TRADEWIND_SOURCE_PASSWORD}`): they are in this process's environment and in no file, topic or answer.
Several workers with one `--group` share the connectors; each needs a port and a state folder of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from connectors.definitions.definition import connect_environment
from connectors.kafka import jars, java_process
from connectors.kafka.broker import ALL_INTERFACES
from connectors.kafka.errors import KafkaError
from tradewind.settings import (
    Endpoint,
    KafkaSettings,
    Settings,
    SettingsError,
    kafka_settings,
    load_settings,
)

HOST = "127.0.0.1"
GROUP = "tradewind"
HEAP_MEGABYTES = 768

PROPERTIES = """\
# Written at each start; changes here are lost.
bootstrap.servers = {bootstrap}
group.id = {group}
listeners = http://{listen}:{port}
rest.advertised.host.name = {host}
rest.advertised.port = {port}
plugin.path = {plugins}
plugin.discovery = service_load
key.converter = org.apache.kafka.connect.json.JsonConverter
value.converter = org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable = false
value.converter.schemas.enable = false
# Secrets: a placeholder is filled in when a task starts, from variables of this name alone.
config.providers = env
config.providers.env.class = org.apache.kafka.common.config.provider.EnvVarConfigProvider
config.providers.env.param.allowlist.pattern = TRADEWIND_.*
# Each connector sets up its own producer and consumer; topics are made as topics.yaml says.
connector.client.config.override.policy = All
topic.creation.enable = true
config.storage.topic = {group}-connect-configs
offset.storage.topic = {group}-connect-offsets
status.storage.topic = {group}-connect-status
config.storage.replication.factor = {replication}
offset.storage.replication.factor = {replication}
offset.storage.partitions = 4
status.storage.replication.factor = {replication}
status.storage.partitions = 2
offset.flush.interval.ms = 1000
offset.flush.timeout.ms = 5000
# Recovery: a killed worker is missed after 8 s, and its connectors move to another one at once.
session.timeout.ms = 8000
heartbeat.interval.ms = 2000
rebalance.timeout.ms = 15000
scheduled.rebalance.max.delay.ms = 0
task.shutdown.graceful.timeout.ms = 5000
# A broker that comes back is asked within a second.
reconnect.backoff.max.ms = 1000
"""


def prepare(settings: Settings, state: Path, port: int, group: str = GROUP, advertised: str = HOST) -> Path:
    """Write the worker's settings; their file."""
    state.mkdir(parents=True, exist_ok=True)
    broker = Endpoint(settings.required("kafka_url"))
    kafka = kafka_settings()
    path = state / "connect.properties"
    path.write_text(
        PROPERTIES.format(
            bootstrap=f"{broker.host}:{broker.port}",
            group=group,
            host=advertised,
            listen=HOST if advertised == HOST else ALL_INTERFACES,
            port=port,
            plugins=",".join(plugin_folders(kafka, state)),
            replication=kafka.tradewind_topic_replication,
        )
    )
    return path


def plugin_folders(kafka: KafkaSettings, state: Path) -> list[str]:
    """Where Connect looks for plugins: the jar cache, and the sink's folder where a setting names it.

    Connect takes each folder in a folder for a plugin, so the sink's is linked into one of its own.
    """
    own = jars.folder() / "plugins"
    sink = kafka.tradewind_clickhouse_sink
    if sink is None:
        return [str(own)]
    if not any(sink.glob("*.jar")):
        raise KafkaError(
            f"TRADEWIND_CLICKHOUSE_SINK={sink}: no jar there; name the folder with the sink's jars"
        )
    linked = state.absolute() / "plugins"
    linked.mkdir(exist_ok=True)
    link = linked / "clickhouse-sink"
    link.unlink(missing_ok=True)
    link.symlink_to(sink.absolute())
    return [str(own), str(linked)]


def main() -> int:
    """Become the worker; 1 with one line if that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m connectors.kafka.worker", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="a folder for its settings")
    parser.add_argument("--port", type=int, required=True, help="of its REST API")
    parser.add_argument("--advertise", default=HOST, help="the host name by which others reach it")
    parser.add_argument("--group", default=GROUP, help="the cluster of workers that it belongs to")
    arguments = parser.parse_args()
    try:
        jars.require([jars.BROKER])
        settings = load_settings()
        properties = prepare(settings, arguments.state, arguments.port, arguments.group, arguments.advertise)
    except (KafkaError, SettingsError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    java_process.become(
        "org.apache.kafka.connect.cli.ConnectDistributed",
        [str(properties)],
        jars=jars.location(jars.BROKER),
        archive=arguments.state / "connect.jsa",
        heap_megabytes=HEAP_MEGABYTES,
        environment=os.environ | connect_environment(settings),
    )


if __name__ == "__main__":
    sys.exit(main())
