"""The embedded capture: reads the source's log into bronze until it is stopped.

Started by `python -m connectors.embedded.capture`. An error ends it with one line in the log and exit code 1;
a supervisor restarts it.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

import psycopg

from connectors.embedded.runner import Capture
from connectors.errors import CaptureError, Stopped
from tradewind.settings import Endpoint, SettingsError, home_folder, load_settings

log = logging.getLogger("capture")


def lock_folder(folder: Path) -> IO[str]:
    """Lock the folder against a second capture; the lock holds while the returned file is open."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CaptureError(f"another capture already runs in {folder}; stop it first") from error
    return lock


def main() -> int:
    """Capture until SIGTERM or SIGINT; returns 0 after a clean stop, 1 after an error."""
    parser = argparse.ArgumentParser(prog="python -m connectors.embedded.capture", description=__doc__)
    parser.add_argument(
        "--new-snapshot", action="store_true", help="discard the stored offset and read every table again"
    )
    parser.add_argument("--slot", help="the replication slot to use instead of the definition's")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    folder = home_folder() / "capture"
    try:
        lock = lock_folder(folder)
        settings = load_settings()
        capture = Capture(
            Endpoint(settings.database_replication_url), settings.warehouse, folder, arguments.slot
        )
    except (CaptureError, SettingsError) as error:
        log.error("%s", error)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: capture.stopping.set())
    with lock:
        return _run(capture, arguments.new_snapshot)


def _run(capture: Capture, new_snapshot: bool) -> int:
    try:
        capture.run(new_snapshot)
    except Stopped:
        return 0
    except CaptureError as error:
        capture.fail(str(error))
        return 1
    except (psycopg.Error, OSError) as error:
        capture.fail(" ".join(f"{type(error).__name__}: {error}".split()))
        return 1
    log.info("stopped after %d rows", capture.status.rows_written)
    return 0


def run_and_exit(work: Callable[[], int]) -> None:
    """Exit this process with the code that `work` returns, or with 1 after an unexpected error.

    Java's threads would otherwise keep the process alive after the capture has ended.
    """
    sys.excepthook = _exit_with_error
    _exit(work())


def _exit_with_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("the capture failed", exc_info=(kind, error, trace))
    _exit(1)


def _exit(code: int) -> None:
    """Exit without waiting for other threads; all state is on disk."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run_and_exit(main)
