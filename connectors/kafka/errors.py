"""What can go wrong on the way through Kafka, said in one line with the way out."""

from __future__ import annotations


class KafkaError(RuntimeError):
    """The message names the topic, connector, setting or file, and what to do about it."""
