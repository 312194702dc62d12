"""Real data into the shop's schema: one module per data set, over a shared core."""
