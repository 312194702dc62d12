"""`python -m tradewind.cli`: the same as the `tradewind` command."""

from tradewind.cli import app

app()
