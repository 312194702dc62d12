"""The demo in a network that consists of this machine alone: nothing reaches for the internet."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.stack import Stack
from tests.require import lacking

LOOPBACK_ONLY = 'ip link set lo up && exec "$@"'


def namespace() -> list[str]:
    """The words before a command that give it a network of its own, without changing who runs it."""
    if not shutil.which("unshare") or not shutil.which("ip"):
        lacking("network_namespace", "the programs unshare (util-linux) and ip (iproute2) are needed")
    if os.geteuid() == 0:
        return ["unshare", "--net", "sh", "-c", LOOPBACK_ONLY, "sh"]
    back = ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
    return ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", LOOPBACK_ONLY, "sh", *back]


@pytest.fixture
def offline() -> list[str]:
    words = namespace()
    probe = subprocess.run([*words, "ip", "-o", "addr"], capture_output=True, text=True, check=False)
    if probe.returncode:
        lacking("network_namespace", probe.stderr.strip())
    assert "127.0.0.1" in probe.stdout and len(probe.stdout.splitlines()) <= 2, probe.stdout
    return words


def test_the_demo_needs_no_network(empty_stack: Stack, olist: Path, offline: list[str]) -> None:
    done = subprocess.run(
        [*offline, *empty_stack.command("demo", "--data", str(olist), "--json")],
        env=empty_stack.environment(),
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["success"]
