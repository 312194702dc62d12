"""Tradewind: from a commit in the shop's database to an exact, tested mart.

This package is the library behind the command line. It imports neither Dagster nor dbt:
`orchestration/` and `dbt_project/` are its callers, never the other way round.
"""
