"""Dagster: assets, checks, jobs and schedules; thin wiring over `tradewind`, `connectors` and `dbt_project`."""
