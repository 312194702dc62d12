"""Dagster: assets, checks, jobs, schedules; thin wiring over `tradewind`, `connectors`, `dbt_project`."""

from tradewind.garbage import collect_rarely

collect_rarely()  # before Dagster is loaded: its processes keep most of what they load
