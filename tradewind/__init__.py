"""Tradewind's library: sources, the warehouse, the lakehouse, the stack, the marketplace.

It imports neither Dagster nor the packages that use it.
"""
