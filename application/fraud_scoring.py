"""The fraud scores of one home: `python -m application.fraud_scoring`, a service of the stack."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading

from tradewind.ml.fraud.scoring import Scoring
from tradewind.settings import SettingsError, home_folder, load_settings
from tradewind.warehouse.client import connect

FOLDER = "fraud-scoring"


def main() -> int:
    """Serve until SIGTERM or SIGINT; the process's exit code."""
    description = "Score orders for fraud while they arrive."
    argparse.ArgumentParser(prog="python -m application.fraud_scoring", description=description).parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        settings, home = load_settings(), home_folder()
    except SettingsError as error:
        sys.stderr.write(f"fraud-scoring: {error}\n")
        return 1
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    Scoring(lambda: connect(settings.clickhouse_writer_url), home / "models", folder).run(stopping)
    return 0


if __name__ == "__main__":
    sys.exit(main())
