"""Any source database: its catalogue, neutral types, the dbt models made from it, and strict CSV reading."""
