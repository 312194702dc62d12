"""`python -m application.cli`: the same as the `tradewind` command."""

from application.cli import app

app()
