"""Run the test suites of clickhouse-connect and dbt-clickhouse against the ClickHouse server.

    python -m tests.peers SUITES [--suite NAME] [-- arguments of pytest]

SUITES is a folder with a checkout of each, SUITES/clickhouse-connect and SUITES/dbt-clickhouse, at the
commits that `expected/*.yml` name. Their environment is made in SUITES/.venv.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

import yaml

from tests.fixtures.warehouse import RunningWarehouse

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ACCESS = '{"roles": {"admin": {"level": "admin"}, "writer": {"level": "writer"}, "bi": {"level": "reader"}}}'
"""No session settings: the suites expect ClickHouse's own."""


class PeersError(RuntimeError):
    """The suites cannot be run; the message says why and what to do."""


@dataclass(frozen=True)
class Suite:
    """One project's tests: its checkout's name, its folder of tests, and how it finds the server."""

    name: str
    tests: str
    prefix: str
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> Path:
        """The list of its expected failures."""
        return HERE / "expected" / f"{self.name}.yml"


SUITES = (
    Suite(
        "clickhouse-connect",
        "tests/integration_tests",
        prefix="CLICKHOUSE_CONNECT_TEST_",
        # The installed package, which is compiled, before the checkout; its suite asks for four processes.
        options=("--import-mode=append", "-n", "2"),
        environment={"CLICKHOUSE_CONNECT_TEST_FUZZ": "50"},
    ),
    Suite(
        "dbt-clickhouse",
        "tests/integration/adapter",
        prefix="DBT_CH_TEST_",
        environment={"WITHOUT_USERS": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    ),
)


def check_checkout(folder: Path, suite: Suite) -> None:
    """Raise PeersError unless the checkout is at the commit that the expected failures are for."""
    checkout = folder / suite.name
    wanted = yaml.safe_load(suite.expected.read_text())["commit"]
    command = ["git", "-C", str(checkout), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise PeersError(f"{checkout} is not a checkout of {suite.name}; clone that project there")
    if done.stdout.strip() != wanted:
        raise PeersError(
            f"{checkout} is at {done.stdout.strip()}; run: git -C {checkout} checkout {wanted}\n"
            f"(or bring {suite.expected.relative_to(ROOT)} up to date with the newer suite)"
        )


def make_environment(folder: Path, names: list[str]) -> Path:
    """The Python of SUITES/.venv, with the locked requirements and the projects themselves installed."""
    uv, venv = Path(sys.executable).with_name("uv"), folder / ".venv"
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, venv], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", python]
    subprocess.run([*install, "--require-hashes", "-r", ROOT / "requirements" / "peers.txt"], check=True)
    with tempfile.TemporaryDirectory() as copies:  # building leaves files in the source folder
        for name in names:
            source = copytree(folder / name, Path(copies) / name, symlinks=True)
            subprocess.run([*install, "--no-deps", "--no-build-isolation", source], check=True)
    return python


def run_suite(
    python: Path, folder: Path, suite: Suite, server: RunningWarehouse, arguments: list[str]
) -> int:
    """Run one suite; pytest's exit code."""
    admin = server.users["admin"]
    address = {"HOST": server.host, "PORT": str(server.port), "USER": admin.name, "PASSWORD": admin.password}
    environment = {
        **os.environ,
        **{f"{suite.prefix}{name}": value for name, value in address.items()},
        **suite.environment,
        "EXPECTED_FAILURES": str(suite.expected),
        "PYTHONPATH": str(HERE / "plugin"),
        "WHOLE_SUITE": "0" if arguments else "1",
    }
    command = [
        *(python.with_name("pytest"), "-p", "expected_failures", "-p", "no:cacheprovider", "-q", "-rfEX"),
        *("--timeout=300", *suite.options, *(arguments or [suite.tests])),
    ]
    return subprocess.run(command, cwd=folder / suite.name, env=environment).returncode


def main(arguments: list[str]) -> int:
    """Run the suites one after the other; 0 only if each ended as expected."""
    parser = argparse.ArgumentParser(prog="python -m tests.peers", description=__doc__)
    parser.add_argument("suites", type=Path, help="folder with the checkouts")
    parser.add_argument("--suite", choices=[suite.name for suite in SUITES], help="only this one")
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    given, of_pytest = parser.parse_args(arguments[:cut]), arguments[cut + 1 :]
    folder = given.suites.resolve()
    suites = [suite for suite in SUITES if given.suite in {None, suite.name}]
    try:
        for suite in suites:
            check_checkout(folder, suite)
        python = make_environment(folder, [suite.name for suite in suites])
    except PeersError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    codes = []
    for suite in suites:
        with tempfile.TemporaryDirectory() as home:
            server = RunningWarehouse(Path(home), access=ACCESS)
            server.start()
            try:
                codes.append(run_suite(python, folder, suite, server, of_pytest))
            finally:
                server.stop()
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
