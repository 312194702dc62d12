"""Dagster: assets, checks, jobs, schedules; thin wiring over `tradewind`, `connectors`, `dbt_project`."""
