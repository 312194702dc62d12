"""Ends of topics that hold nothing for a reader: tombstones, transaction marks.

ClickHouse's Kafka engine drops a record without a value. If it is the last of its partition, the group's
offset stays before it until another record comes, and it would look as if something had not been read yet.
"""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka import KafkaError as Code

from connectors.kafka.cluster import Place
from connectors.kafka.errors import KafkaError

_LONGEST = 1_000
_SECONDS = 10.0


class Tails:
    """The tails of one cluster's partitions; what was looked at once is remembered."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._known: dict[tuple[Place, int, int], bool] = {}

    def unread(self, read: Mapping[Place, int], ends: Mapping[Place, int]) -> dict[Place, int]:
        """How many records of each partition are still to be read, with tails of nothing left out."""
        behind = {place: end - min(read.get(place, 0), end) for place, end in ends.items()}
        return {
            place: number
            for place, number in behind.items()
            if number and not self._is_nothing(place, ends[place] - number, ends[place])
        }

    def _is_nothing(self, place: Place, first: int, end: int) -> bool:
        """Whether no record from `first` up to `end` has a value."""
        if end - first > _LONGEST:
            return False
        looked_up = (place, first, end)
        if looked_up not in self._known:
            self._known = {key: found for key, found in self._known.items() if key[0] != place}
            self._known[looked_up] = self._look(place, first, end)
        return self._known[looked_up]

    def _look(self, place: Place, first: int, end: int) -> bool:
        topic, partition = place
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": "tradewind-tails",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "log_level": 0,
            }
        )
        try:
            consumer.assign([TopicPartition(topic, partition, first)])
            while (message := consumer.poll(_SECONDS)) is not None:
                if (error := message.error()) is not None:
                    if error.code() == Code._PARTITION_EOF:
                        return True
                    raise KafkaException(error)
                if (message.offset() or 0) >= end:
                    return True
                if message.value() is not None:
                    return False
        except KafkaException as error:
            raise KafkaError(f"Kafka at {self._bootstrap}: {error.args[0]}") from error
        finally:
            consumer.close()
        return False
