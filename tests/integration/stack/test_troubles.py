"""Errors of `tradewind`: one line with what to do, exit code 1, no traceback."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.stack import Stack
from tradewind.settings import Settings

ADDRESSES = {name.upper(): "http://user:password@127.0.0.1:1/" for name in Settings.model_fields}
"""Addresses at which nothing listens."""


def the_line(done: object) -> str:
    assert done.returncode == 1  # type: ignore[attr-defined]
    lines: list[str] = done.stderr.strip().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1 and lines[0].startswith("error: "), lines
    return lines[0]


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("postgres", "TRADEWIND_POSTGRES_PORT"),
        ("warehouse", "TRADEWIND_WAREHOUSE_PORT"),
        ("dagster-webserver", "TRADEWIND_DAGSTER_PORT"),
    ],
)
def test_a_taken_port_is_named_with_its_variable(empty_stack: Stack, service: str, variable: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = the_line(empty_stack.tradewind("up", check=False, **{variable: str(port)}))
    assert f"port {port} for {service} is taken by" in line and variable in line


@pytest.mark.parametrize("place", ["file/home", "loop/home", "x" * 300, "/proc/home"])
def test_a_home_that_cannot_be_made_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    home = tmp_path / place
    line = the_line(Stack(home).tradewind("up", check=False))
    assert str(home)[:200] in line and "set TRADEWIND_HOME" in line


@pytest.mark.parametrize(
    ("command", "server"),
    [
        (("build",), "the shop's database"),
        (("source", "models"), "the shop's database"),
        (("source", "seed"), "the shop's database"),
        (("source", "checksums"), "the shop's database"),
        (("simulate", "--duration", "1s"), "the shop's database"),
        (("docs",), "the warehouse"),
        (("sql", "select 1"), "the warehouse"),
        (("feeds", "ingest"), "the warehouse"),
        (("feeds", "enrich"), "the warehouse"),
        (("lakehouse", "export"), "the warehouse"),
        (("lakehouse", "build"), "the warehouse"),
    ],
    ids=" ".join,
)
def test_while_the_stack_is_down_a_command_says_what_to_do(
    empty_stack: Stack, command: tuple[str, ...], server: str
) -> None:
    addresses = ADDRESSES | {
        name: "postgresql://user:password@127.0.0.1:1/ecomm" for name in ADDRESSES if "DATABASE" in name
    }
    line = the_line(empty_stack.tradewind(*command, check=False, **addresses))
    assert server in line and "127.0.0.1:1" in line and "Connection refused" in line
    assert "`tradewind up`" in line


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_statement_that_is_empty_is_an_error(empty_stack: Stack, text: str) -> None:
    done = subprocess.run(
        empty_stack.command("sql", "-"),
        input=text,
        env=empty_stack.environment() | ADDRESSES,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no statement was given" in the_line(done)


def test_output_that_is_not_read_ends_the_command_silently(empty_stack: Stack) -> None:
    command = " ".join([*empty_stack.command("env"), "|", "true"])
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        env=empty_stack.environment() | ADDRESSES,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")


def test_ctrl_c_ends_a_command_silently_with_code_130(empty_stack: Stack) -> None:
    (empty_stack.home / "logs").mkdir(parents=True)
    (empty_stack.home / "logs" / "postgres.log").write_text("hello\n")
    command = empty_stack.command("logs", "--follow")
    with subprocess.Popen(
        command, env=empty_stack.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        assert running.stdout.readline() == "hello\n"
        running.send_signal(signal.SIGINT)
        assert (running.wait(30), running.stderr.read()) == (130, "")


def test_a_home_of_an_unknown_user_is_named() -> None:
    line = the_line(Stack(Path("~nobody_of_that_name/home")).tradewind("status", check=False))
    assert "TRADEWIND_HOME=~nobody_of_that_name/home names a user that does not exist" in line


@pytest.mark.parametrize(
    "command", [("env",), ("status",), ("build",), ("sql", "select 1"), ("source", "init")], ids=" ".join
)
def test_before_the_first_up_a_command_says_what_to_do(empty_stack: Stack, command: tuple[str, ...]) -> None:
    line = the_line(empty_stack.tradewind(*command, check=False))
    assert "tradewind up" in line


def test_a_time_that_is_no_number_is_named(empty_stack: Stack) -> None:
    line = the_line(empty_stack.tradewind("up", check=False, TRADEWIND_START_TIMEOUT="5m"))
    assert "TRADEWIND_START_TIMEOUT='5m'" in line
    assert not empty_stack.home.exists()


def test_down_without_a_home_does_nothing(empty_stack: Stack) -> None:
    done = empty_stack.tradewind("down")
    assert done.stdout.strip() == "nothing was running"
    assert not empty_stack.home.exists()


def test_logs_of_an_unknown_service_name_the_known_ones(empty_stack: Stack) -> None:
    (empty_stack.home / "logs").mkdir(parents=True)
    (empty_stack.home / "logs" / "postgres.log").write_text("hello\n")
    assert "postgres" in the_line(empty_stack.tradewind("logs", "nothing", check=False))
    assert empty_stack.tradewind("logs", "postgres").stdout == "hello\n"


def test_env_is_quick_and_needs_no_service(empty_stack: Stack) -> None:
    """It is evaluated in shells' start files: nothing heavy may be imported for it."""
    heavy = ("dagster", "dbt", "pandas", "clickhouse_connect", "psycopg", "chdb", "jpype", "supervisor")
    script = (
        "import sys; sys.argv = ['tradewind', 'env']\n"
        "from application.cli import app\n"
        "try: app()\nexcept SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=empty_stack.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "[]"
