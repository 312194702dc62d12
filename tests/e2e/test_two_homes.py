"""Two homes side by side, and what one `down` leaves of the other."""

from __future__ import annotations

import subprocess

import psutil

from tests.fixtures.stack import Stack


def pids(stack: Stack) -> set[int]:
    """Every process of the home, found by what it was started with, without asking supervisord."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("TRADEWIND_HOME") == str(stack.home) or str(stack.home) in " ".join(
                process.cmdline()
            ):
                found.add(process.pid)
        except psutil.Error:
            continue
    return found


def test_a_second_home_runs_beside_the_first_and_leaves_it_alone(stack: Stack, empty_stack: Stack) -> None:
    first = stack.services()
    starts = [
        subprocess.Popen(empty_stack.command("up"), env=empty_stack.environment(), stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [start.communicate(timeout=800)[1].decode() for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said
    second = empty_stack.services()
    assert {service["state"] for service in second.values()} == {"running"}
    ports = [service["port"] for state in (first, second) for service in state.values() if service["port"]]
    assert len(ports) == len(set(ports)) == 6
    assert pids(empty_stack)
    empty_stack.tradewind("down")
    assert pids(empty_stack) == set()
    assert stack.services() == first
