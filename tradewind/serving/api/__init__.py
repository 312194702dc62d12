"""The HTTP API over marts and metrics: `python -m tradewind.serving.api`."""
