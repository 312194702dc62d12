"""Writing bronze: the change log in the warehouse, whoever captures the changes."""
