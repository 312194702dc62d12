"""Dead letters: records that are no change event of their table, kept in a topic until somebody decides.

Each is the original record, byte for byte, with its headers and these beside them:

    tradewind.topic, tradewind.partition, tradewind.offset     where it stood
    tradewind.timestamp                                        when it was produced, in ms since 1970
    tradewind.reason, tradewind.rejected_at                    why and when it was set aside

Its key there is `topic/partition/offset`, its name in `tradewind dlq`. Replayed or discarded, it gets a
record without a value under the same key, which lets Kafka remove it. The original's own key is in the header
`tradewind.key`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from confluent_kafka import Consumer, KafkaException, Message, Producer, TopicPartition

from connectors.kafka.errors import KafkaError

PREFIX = "tradewind."
_SECONDS = 15.0
_POLL_SECONDS = 1.0

Headers = list[tuple[str, bytes | None]]


@dataclass(frozen=True)
class Record:
    """A record as it stands, or stood, in a topic."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def name(self) -> str:
        """`topic/partition/offset`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True)
class DeadLetter:
    """A record that was set aside."""

    record: Record
    reason: str
    rejected_at: str

    @property
    def name(self) -> str:
        """By which `tradewind dlq` knows it."""
        return self.record.name


class DeadLetters:
    """The dead-letter topic of one cluster."""

    def __init__(self, bootstrap: str, topic: str, largest_bytes: int) -> None:
        self.bootstrap = bootstrap
        self.topic = topic
        self._largest = largest_bytes

    def pending(self) -> list[DeadLetter]:
        """Those that nobody has decided about, oldest first."""
        letters: dict[str, DeadLetter] = {}
        for message in self._messages():
            name = (message.key() or b"").decode()
            letters.pop(name, None)
            if message.value() is not None or message.headers():
                letters[name] = _letter(message)
        return list(letters.values())

    def find(self, name: str) -> DeadLetter:
        """One by its name; KafkaError if there is none."""
        for letter in self.pending():
            if letter.name == name:
                return letter
        raise KafkaError(f"there is no dead letter {name}; `tradewind dlq list` shows all")

    def add(self, letters: list[DeadLetter]) -> None:
        """Keep these; when this returns, Kafka has them."""
        self._produce((self.topic, letter.name.encode(), *_kept(letter)) for letter in letters)

    def replay(self, letters: list[DeadLetter]) -> None:
        """Produce the originals once more to the topics they were in, then take them off the list."""
        self._produce(
            (letter.record.topic, letter.record.key, letter.record.value, letter.record.headers)
            for letter in letters
        )
        self.discard(letters)

    def discard(self, letters: list[DeadLetter]) -> None:
        """Take these off the list."""
        self._produce((self.topic, letter.name.encode(), None, []) for letter in letters)

    def original(self, topic: str, partition: int, offset: int) -> Record | None:
        """The record at a place, with its bytes and headers; None if Kafka no longer has it."""
        consumer = self._consumer()
        try:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_SECONDS)
            if not low <= offset < high:
                return None
            consumer.assign([TopicPartition(topic, partition, offset)])
            message = consumer.poll(_SECONDS)
        except KafkaException as error:
            raise self._failed(error) from error
        finally:
            consumer.close()
        if message is None or message.error() is not None or message.offset() != offset:
            return None
        return _record(message)

    def _messages(self) -> Iterator[Message]:
        """Every record of the topic, up to where it ends now."""
        consumer = self._consumer()
        try:
            known = consumer.list_topics(self.topic, timeout=_SECONDS).topics[self.topic]
            for partition in known.partitions if known.error is None else ():
                yield from self._of_partition(consumer, partition)
        except KafkaException as error:
            raise self._failed(error) from error
        finally:
            consumer.close()

    def _of_partition(self, consumer: Consumer, partition: int) -> Iterator[Message]:
        low, high = consumer.get_watermark_offsets(TopicPartition(self.topic, partition), timeout=_SECONDS)
        if low == high:
            return
        consumer.assign([TopicPartition(self.topic, partition, low)])
        while consumer.position([TopicPartition(self.topic, partition)])[0].offset < high:
            message = consumer.poll(_POLL_SECONDS)
            if message is None:
                continue
            if (error := message.error()) is not None:
                raise KafkaException(error)
            yield message

    def _produce(self, records: Iterator[tuple[str, bytes | None, bytes | None, Headers]]) -> None:
        failures: list[str] = []

        def acknowledged(error: Any, message: Message) -> None:
            if error is not None:
                failures.append(f"{message.topic()}: {error.str()}")

        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "acks": "all",
                "enable.idempotence": True,
                "message.max.bytes": self._largest,
                "delivery.timeout.ms": int(_SECONDS * 1000),
                "log_level": 0,
            }
        )
        try:
            for topic, key, value, headers in records:
                producer.produce(
                    topic, key=key, value=value, headers=cast(Any, headers), on_delivery=acknowledged
                )
                producer.poll(0)
        except KafkaException as error:
            raise self._failed(error) from error
        if producer.flush(_SECONDS + 5) or failures:
            raise KafkaError(f"Kafka at {self.bootstrap} did not take {failures[:1] or 'the records'}")

    def _consumer(self) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                "group.id": "tradewind-dead-letters",
                "enable.auto.commit": False,
                "enable.partition.eof": False,
                "fetch.message.max.bytes": self._largest,
                "log_level": 0,
            }
        )

    def _failed(self, error: KafkaException) -> KafkaError:
        reason = error.args[0]
        return KafkaError(f"Kafka at {self.bootstrap}: {reason.str() if hasattr(reason, 'str') else reason}")


def _record(message: Message) -> Record:
    _, timestamp = message.timestamp()
    headers = [(str(item[0]), _bytes(item[1])) for item in message.headers() or []]
    return Record(
        str(message.topic()),
        int(message.partition() or 0),
        int(message.offset() or 0),
        timestamp,
        _bytes(message.key()),
        _bytes(message.value()),
        headers,
    )


def _kept(letter: DeadLetter) -> tuple[bytes | None, Headers]:
    """Value and headers of a letter in the dead-letter topic."""
    record = letter.record
    about = {
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "timestamp": str(record.timestamp_ms),
        "reason": letter.reason,
        "rejected_at": letter.rejected_at,
    }
    ours: Headers = [(PREFIX + name, text.encode()) for name, text in about.items()]
    if record.key is not None:
        ours.append((f"{PREFIX}key", record.key))
    return record.value, [*record.headers, *ours]


def _letter(message: Message) -> DeadLetter:
    kept = _record(message)
    about = {name.removeprefix(PREFIX): value for name, value in kept.headers if name.startswith(PREFIX)}

    def text(name: str) -> str:
        return (about.get(name) or b"").decode()

    record = Record(
        text("topic"),
        int(text("partition")),
        int(text("offset")),
        int(text("timestamp")),
        about.get("key"),
        kept.value,
        [(name, value) for name, value in kept.headers if not name.startswith(PREFIX)],
    )
    return DeadLetter(record, text("reason"), text("rejected_at"))


def _bytes(value: object) -> bytes | None:
    if value is None:
        return None
    return value if isinstance(value, bytes) else str(value).encode()
