"""Connector definitions, one JSON file per source, read by Kafka Connect and by the embedded capture."""
