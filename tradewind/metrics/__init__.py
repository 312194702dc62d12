"""The metrics: their declarations, the queries that answer them, and their export."""
