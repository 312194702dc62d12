"""A Kafka broker for one machine: broker and controller in one process (KRaft), on the loopback interface.

    python -m connectors.kafka.broker --data kafka --port 9092

It formats its folder on the first start and becomes the broker; SIGTERM stops it cleanly.
"""

from __future__ import annotations

import argparse
import base64
import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path

from connectors.kafka import jars, java_process
from connectors.kafka.errors import KafkaError
from connectors.kafka.topics import read_topics

HOST = "127.0.0.1"
ALL_INTERFACES = "0.0.0.0"  # noqa: S104 - only where --advertise asks for it: inside a container
NODE = 1
HEAP_MEGABYTES = 512

PROPERTIES = """\
# Written at each start; changes here are lost.
process.roles = broker,controller
node.id = {node}
controller.quorum.voters = {node}@{host}:{controller_port}
listeners = PLAINTEXT://{listen}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners = PLAINTEXT://{advertised}:{port}
inter.broker.listener.name = PLAINTEXT
controller.listener.names = CONTROLLER
listener.security.protocol.map = CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs = {data}
# A topic is created by `tradewind connectors apply`, or by Connect as topics.yaml says; a mistyped name is an
# error.
auto.create.topics.enable = false
num.partitions = {partitions}
message.max.bytes = {largest_message}
replica.fetch.max.bytes = {largest_message}
# One node: every internal topic has one replica.
offsets.topic.replication.factor = 1
offsets.topic.num.partitions = 8
transaction.state.log.replication.factor = 1
transaction.state.log.min.isr = 1
transaction.state.log.num.partitions = 4
share.coordinator.state.topic.replication.factor = 1
share.coordinator.state.topic.min.isr = 1
# Recovery: consumers may ask for sessions as short as these, and a first member need not wait for others.
group.min.session.timeout.ms = 3000
group.initial.rebalance.delay.ms = 0
# A segment that is full or a day old can be deleted or compacted; the default is a week.
log.roll.hours = 24
log.cleaner.dedupe.buffer.size = 16777216
"""


def prepare(data: Path, port: int, advertised: str = HOST) -> Path:
    """Write the broker's settings, and format its folder if that has not been done; the settings' file."""
    data.mkdir(parents=True, exist_ok=True)
    topics = read_topics()
    settings = data.parent / "kafka.properties"
    settings.write_text(
        PROPERTIES.format(
            node=NODE,
            host=HOST,
            listen=HOST if advertised == HOST else ALL_INTERFACES,
            advertised=advertised,
            port=port,
            controller_port=_free_port(),
            data=data.absolute(),
            partitions=topics.partitions,
            largest_message=topics.largest_message_bytes,
        )
    )
    if not (data / "meta.properties").exists():
        _format(settings)
    return settings


def new_cluster_id() -> str:
    """A random id as Kafka writes one: 22 characters of base64, and no dash first, which begins an option."""
    while True:
        identifier = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not identifier.startswith("-"):
            return identifier


def _format(settings: Path) -> None:
    """Give the log folder a cluster id and Kafka's present metadata version, by Kafka's own tool."""
    command = [*java_process.command("kafka.tools.StorageTool", jars.location(jars.BROKER)), "format"]
    command += ["--cluster-id", new_cluster_id(), "--config", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise KafkaError(f"Kafka's folder cannot be formatted: {reason[-1]}")


def _free_port() -> int:
    """A port for the controller, which nobody but this process talks to."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Become the broker; 1 with one line if that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m connectors.kafka.broker", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of its logs")
    parser.add_argument("--port", type=int, required=True, help="where clients reach it")
    parser.add_argument("--advertise", default=HOST, help="the host name by which clients reach it")
    arguments = parser.parse_args()
    try:
        jars.require([jars.BROKER])
        settings = prepare(arguments.data, arguments.port, arguments.advertise)
    except (KafkaError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    java_process.become(
        "kafka.Kafka",
        [str(settings)],
        jars=jars.location(jars.BROKER),
        archive=arguments.data.parent / "kafka.jsa",
        heap_megabytes=HEAP_MEGABYTES,
        environment=os.environ,
    )


if __name__ == "__main__":
    sys.exit(main())
