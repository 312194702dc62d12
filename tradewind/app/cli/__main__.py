"""`python -m tradewind.app.cli`: the same as the `tradewind` command."""

from tradewind.app.cli import app

app()
