"""The list of expected failures of a peer's suite can only become shorter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.peers.__main__ import SUITES

PLUGIN = Path(__file__).resolve().parents[2] / "peers" / "plugin"
TESTS = """
import pytest

def test_passes(): pass

@pytest.mark.parametrize("number", [1, 2])
def test_fails(number): assert number == 0

def test_waits(): raise SystemExit("it must not run")
"""
LEFT_OUT = [{"reason": "it would wait", "tests": ["test_suite.py::test_waits"]}]


def run(folder: Path, failures: list[str], whole: str = "1") -> subprocess.CompletedProcess[str]:
    """Run the small suite above with these expected failures."""
    (folder / "test_suite.py").write_text(TESTS)
    groups = [{"reason": "the engine", "tests": failures}]
    (folder / "expected.yml").write_text(yaml.safe_dump({"left_out": LEFT_OUT, "failures": groups}))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "expected_failures", "-p", "no:cacheprovider", "."],
        cwd=folder,
        env={
            **os.environ,
            "EXPECTED_FAILURES": str(folder / "expected.yml"),
            "PYTHONPATH": str(PLUGIN),
            "WHOLE_SUITE": whole,
        },
        capture_output=True,
        text=True,
    )


def test_an_expected_failure_is_none(tmp_path: Path) -> None:
    done = run(tmp_path, ["test_suite.py::test_fails"])
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped, 2 xfailed" in done.stdout


def test_an_expected_failure_that_passes_fails_the_run(tmp_path: Path) -> None:
    done = run(tmp_path, ["test_suite.py::test_fails", "test_suite.py::test_passes"])
    assert done.returncode == 1
    assert "XPASS(strict)" in done.stdout


def test_a_failure_that_is_not_expected_fails_the_run(tmp_path: Path) -> None:
    assert run(tmp_path, ["test_suite.py::test_fails[1]"]).returncode == 1


def test_an_entry_that_names_no_test_fails_a_whole_run(tmp_path: Path) -> None:
    failures = ["test_suite.py::test_fails", "test_suite.py::test_gone"]
    done = run(tmp_path, failures)
    assert done.returncode == 4
    assert "test_suite.py::test_gone" in done.stderr + done.stdout
    assert run(tmp_path, failures, whole="0").returncode == 0


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_each_suites_list_names_its_commit_and_gives_reasons(suite: object) -> None:
    content = yaml.safe_load(suite.expected.read_text())  # type: ignore[attr-defined]
    assert len(content["commit"]) == 40
    for group in [*content["failures"], *content["left_out"]]:
        assert group["reason"] and group["tests"]
