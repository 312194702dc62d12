"""Writing bronze, the change log in the warehouse, from any capture."""
