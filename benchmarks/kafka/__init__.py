"""How fast change data comes through Kafka."""
