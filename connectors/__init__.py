"""How data gets in: the connector definition, the embedded Debezium runner, the writer of bronze, feeds."""
