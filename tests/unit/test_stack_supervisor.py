"""supervisord's configuration, read back by supervisord's own parser."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from tradewind.stack import supervisor
from tradewind.stack.service import Service

SERVICE = Service("postgres", ("/bin/a b", "--data", "/x/%d;'\""), (), lambda: None, stop_signal="INT")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "a home; with 100% odd 'characters'"
    (folder / "logs").mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def where_it_runs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)


def parsed(home: Path) -> ServerOptions:
    control = supervisor.Control(12345, "secret")
    supervisor.write_private(home / "supervisord.conf", supervisor._configuration(control, [SERVICE]))
    options = ServerOptions()
    options.realize(["-c", str(home / "supervisord.conf")])
    return options


def test_commands_and_folders_survive_odd_characters(home: Path) -> None:
    program = parsed(home).process_group_configs[0].process_configs[0]
    assert tuple(shlex.split(program.command)) == SERVICE.command
    assert Path(program.stdout_logfile).resolve() == home / "logs" / "postgres.log"


def test_a_program_restarts_for_ever_and_takes_its_children_with_it(home: Path) -> None:
    program = parsed(home).process_group_configs[0].process_configs[0]
    assert program.startretries >= 1_000_000
    assert program.stopasgroup and program.killasgroup
    assert not program.autostart


def test_the_configuration_is_private(home: Path) -> None:
    parsed(home)
    assert stat.S_IMODE((home / "supervisord.conf").stat().st_mode) == 0o600


def test_a_home_without_a_configuration_has_no_supervisor(tmp_path: Path) -> None:
    assert supervisor.connect(tmp_path) is None
