"""Tradewind: from a commit in the shop's database to an exact, tested mart.

The library, and in `app` the application: the command line, and what runs other programs. Neither imports
Dagster.
"""
