"""How data gets in: the connector definition, the embedded Debezium runner, the writer of bronze.

Imports neither Dagster nor dbt. Bronze's own DDL is in `tradewind.warehouse.bronze`.
"""
