"""The warehouse: the embedded ClickHouse server, the client, and the DDL of bronze and of access.

Doesn't belong here: models (`dbt_project/`) and what writes change data (`connectors/`).
"""
