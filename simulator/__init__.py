"""The simulated marketplace: its world, its history and its live traffic."""
