"""A Kafka cluster: its topics with their settings and ends, and how far consumer groups have read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from connectors.kafka.errors import KafkaError
from connectors.kafka.topics import Difference, Topic

_SECONDS = 20.0

Place = tuple[str, int]
"""A topic and a partition of it."""


class Cluster:
    """One cluster; every error is a KafkaError in one line."""

    def __init__(self, bootstrap: str, seconds: float = _SECONDS) -> None:
        self.bootstrap = bootstrap
        self._seconds = seconds
        # What librdkafka would write to standard error is in the errors it raises.
        self._admin = AdminClient(
            {"bootstrap.servers": bootstrap, "log_level": 0, "socket.timeout.ms": 10_000}
        )

    def topics(self) -> dict[str, int]:
        """Topic -> number of partitions."""
        with self._errors("list the topics"):
            found = self._admin.list_topics(timeout=self._seconds).topics
        return {name: len(topic.partitions) for name, topic in found.items() if topic.error is None}

    def described(self, names: Iterable[str]) -> dict[str, Topic]:
        """Those of these topics that exist, with their settings."""
        present = self.topics()
        wanted = [name for name in names if name in present]
        if not wanted:
            return {}
        resources = [ConfigResource(ResourceType.TOPIC, name) for name in wanted]
        with self._errors("read the topics' settings"):
            futures = self._admin.describe_configs(resources, request_timeout=self._seconds)
            return {
                resource.name: Topic(
                    resource.name,
                    present[resource.name],
                    {name: entry.value for name, entry in future.result().items() if entry.value is not None},
                )
                for resource, future in futures.items()
            }

    def create(self, topics: Iterable[Topic], replication: int) -> list[str]:
        """Create those that do not exist; the names of the new ones."""
        present = self.topics()
        new = [
            NewTopic(topic.name, topic.partitions, replication, config=topic.settings)
            for topic in topics
            if topic.name not in present
        ]
        if not new:
            return []
        with self._errors("create the topics"):
            for future in self._admin.create_topics(new, request_timeout=self._seconds).values():
                _unless_exists(future)
        return [topic.topic for topic in new]

    def repair(self, differences: Iterable[Difference]) -> None:
        """Set the settings that differ, and add the partitions that are missing."""
        differences = list(differences)
        settings: dict[str, list[ConfigEntry]] = {}
        for item in differences:
            if item.what not in ("topic", "partitions"):
                entry = ConfigEntry(item.what, item.wanted, incremental_operation=AlterConfigOpType.SET)
                settings.setdefault(item.topic, []).append(entry)
        resources = [
            ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
            for topic, entries in settings.items()
        ]
        partitions = [
            NewPartitions(item.topic, int(item.wanted)) for item in differences if item.what == "partitions"
        ]
        with self._errors("change the topics"):
            for future in self._admin.incremental_alter_configs(resources).values() if resources else ():
                future.result()
            for future in self._admin.create_partitions(partitions).values() if partitions else ():
                future.result()

    def delete(self, names: Iterable[str]) -> None:
        """Delete topics and what they hold."""
        with self._errors("delete the topics"):
            for future in self._admin.delete_topics(list(names), request_timeout=self._seconds).values():
                future.result()

    def ends(self, topics: Iterable[str]) -> dict[Place, int]:
        """Where the next record of each partition would go."""
        present = self.topics()
        places = {
            TopicPartition(topic, partition): OffsetSpec.latest()  # type: ignore[no-untyped-call]
            for topic in topics
            for partition in range(present.get(topic, 0))
        }
        if not places:
            return {}
        with self._errors("read the ends of the topics"):
            futures = self._admin.list_offsets(places, request_timeout=self._seconds)
            return {
                (place.topic, place.partition): future.result().offset for place, future in futures.items()
            }

    def committed(self, group: str) -> dict[Place, int]:
        """Up to where a consumer group has read; partitions it has not read from are absent."""
        with self._errors(f"read the offsets of group {group}"):
            futures = self._admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
            (future,) = futures.values()
            places = future.result().topic_partitions or []
        return {(place.topic, place.partition): place.offset for place in places if place.offset >= 0}

    def identities(self, topics: Iterable[str]) -> dict[str, str]:
        """The id of each of these topics that exists: one that is made again has another."""
        present = self.topics()
        wanted = [name for name in topics if name in present]
        if not wanted:
            return {}
        with self._errors("describe the topics"):
            futures = self._admin.describe_topics(TopicCollection(wanted), request_timeout=self._seconds)
            return {name: str(future.result().topic_id) for name, future in futures.items()}

    def rewind(self, group: str, topics: Iterable[str]) -> None:
        """Let a group without members read these topics from their beginning."""
        places = [TopicPartition(topic, partition, 0) for topic, partition in self.ends(topics)]
        if not places:
            return
        with self._errors(f"rewind group {group}"):
            # By a new client: the administrator's own may wait for a coordinator that was restarted.
            consumer = Consumer(
                {
                    "bootstrap.servers": self.bootstrap,
                    "group.id": group,
                    "enable.auto.commit": False,
                    "log_level": 0,
                }
            )
            try:
                consumer.commit(offsets=places, asynchronous=False)
            finally:
                consumer.close()

    @contextmanager
    def _errors(self, action: str) -> Iterator[None]:
        try:
            yield
        except KafkaException as error:
            reason = error.args[0]
            text = reason.str() if hasattr(reason, "str") else str(reason)
            raise KafkaError(f"Kafka at {self.bootstrap} did not {action}: {text}") from error


def _unless_exists(future: object) -> None:
    from confluent_kafka import KafkaError as Code

    try:
        future.result()  # type: ignore[attr-defined]
    except KafkaException as error:
        if error.args[0].code() != Code.TOPIC_ALREADY_EXISTS:
            raise
