"""The marketplace, the system everything is captured from: its schema and the loaders of real data."""
