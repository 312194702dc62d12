"""A simulated marketplace: a history for an empty shop, and live traffic for a running one."""
