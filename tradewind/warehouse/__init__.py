"""The warehouse: its client, its databases, and the DDL of bronze."""
