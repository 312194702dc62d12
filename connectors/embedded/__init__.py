"""Debezium in this process: no Kafka, straight into bronze."""
