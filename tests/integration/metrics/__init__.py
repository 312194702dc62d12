"""The metrics: their declarations compiled, and MetricFlow's SQL on the real engine."""
