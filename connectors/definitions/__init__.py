"""Connector definitions, and what they read of a source: for Kafka Connect and for the embedded capture."""
