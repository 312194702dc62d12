"""Any source database: its catalogue, its types, the dbt models generated from it, and strict CSV reading."""
