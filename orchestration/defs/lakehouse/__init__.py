"""The same models on Spark and Iceberg; loaded only where the extra `lakehouse` is installed."""
