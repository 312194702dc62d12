"""Running the Dagster job `batch` in a process of its own, and its result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tradewind.settings import PROJECT_ROOT, Settings

Progress = Callable[[dict[str, Any]], None]
"""Called with `{"event": "model", "name"}` and `{"event": "check", "name", "passed"}` as they happen."""


class BuildFailed(RuntimeError):
    """A model or a test failed; the message names each one with its reason."""


@dataclass(frozen=True)
class BuildSummary:
    """The result of a run."""

    run_id: str
    success: bool
    models: dict[str, int]
    """Number of models by dbt's outcome: success, error, skipped."""
    tests: dict[str, int]
    """Number of tests by dbt's outcome: pass, warn, fail, error, skipped."""
    failures: list[dict[str, str]] = field(default_factory=list)
    """`{"name", "kind", "reason"}` each."""
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Differences between the source's tables and the models, which lose nothing, and what was left out."""

    def require_success(self) -> None:
        """Raise BuildFailed unless everything succeeded."""
        if self.success:
            return
        reasons = [f"{failure['name']}: {failure['reason']}" for failure in self.failures] or self.errors
        raise BuildFailed("the build failed\n" + "\n".join(f"  {reason}" for reason in reasons))


class Build:
    """One run of the job, in a process that loads Dagster at once and starts the run on request."""

    def __init__(
        self,
        settings: Settings,
        select: str | None = None,
        full_refresh: bool = False,
        everything: bool = False,
    ) -> None:
        """`everything`: also the models that have nothing new to read."""
        command = [sys.executable, "-m", "orchestration.run", "--wait"]
        command += ["--select", select] if select else []
        command += ["--full-refresh"] if full_refresh else []
        command += ["--all"] if everything else []
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT_ROOT,
            env=os.environ | settings.exports(),
        )
        self._errors: list[str] = []
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()

    def run(self, progress: Progress = lambda event: None) -> BuildSummary:
        """Run the job to its end; BuildFailed if the process ends without a summary."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("go\n")
            self._process.stdin.close()
        except BrokenPipeError:
            self._process.wait()
        run_id = ""
        for event in self._events():
            kind = event.pop("event")
            if kind == "run":
                run_id = event["run_id"]
            elif kind == "summary":
                self._process.wait()
                return BuildSummary(run_id=run_id, **event)
            else:
                progress({"event": kind, **event})
        raise BuildFailed(self._exit_reason())

    def cancel(self) -> None:
        """End the process if it is still running."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    def _events(self) -> Iterator[dict[str, Any]]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith('{"event"'):
                yield json.loads(line)

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)

    def _exit_reason(self) -> str:
        code = self._process.wait()
        self._reader.join()
        lines = [line.rstrip() for line in self._errors if line.strip()] or ["no error output"]
        return f"the process that runs the job ended with code {code}: {lines[-1]}"
