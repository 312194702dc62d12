"""The home's stack.env and users file: made once, private, never made again."""

from __future__ import annotations

import json
import re
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tradewind.settings import Endpoint, Settings
from tradewind.stack import environment, ports
from tradewind.stack.errors import StackError


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for variable in environment.PORT_VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def urls(home: Path) -> dict[str, str]:
    lines = (home / "stack.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_every_role_has_its_own_long_password(home: Path) -> None:
    environment.prepare(home, set())
    passwords = [re.search(r":([^:/@]{20,})@", url) for url in urls(home).values()]
    found = {match.group(1) for match in passwords if match}
    assert len(found) == 7


def test_only_the_owner_can_read_the_files(home: Path) -> None:
    environment.prepare(home, set())
    for path in (home / "stack.env", environment.users_file(home), environment.access_file(home)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_homes_that_are_prepared_at_the_same_time_get_different_ports(tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(8)]
    for folder in homes:
        folder.mkdir()
    with ThreadPoolExecutor(len(homes)) as pool:
        list(pool.map(lambda folder: environment.prepare(folder, set()), homes))
    found = [port for folder in homes for port in {url.rpartition(":")[2] for url in urls(folder).values()}]
    assert len(found) == len(set(found))


def test_a_service_that_is_moved_gets_another_port_and_keeps_its_passwords(home: Path) -> None:
    environment.prepare(home, set())
    before = urls(home)
    with socket.create_server(("127.0.0.1", port_of(before["DATABASE_URL"]))):
        assert environment.prepare(home, set(), moved={"postgres"}) == {"postgres"}
    after = urls(home)
    assert port_of(after["DATABASE_URL"]) != port_of(before["DATABASE_URL"])
    assert [url.rpartition("@")[0] for url in after.values()] == [
        url.rpartition("@")[0] for url in before.values()
    ]
    assert after["CLICKHOUSE_URL"] == before["CLICKHOUSE_URL"]


def port_of(url: str) -> int:
    return Endpoint(url).port


def test_preparing_again_changes_nothing(home: Path) -> None:
    environment.prepare(home, set())
    before = (home / "stack.env").read_text()
    environment.prepare(home, set())
    assert (home / "stack.env").read_text() == before


def test_the_warehouse_gets_the_same_passwords(home: Path) -> None:
    environment.prepare(home, set())
    users = json.loads(environment.users_file(home).read_text())
    assert {name: user["role"] for name, user in users.items()} == {
        "admin": "admin",
        "writer": "writer",
        "bi": "bi",
    }
    assert f"bi:{users['bi']['password']}@" in urls(home)["CLICKHOUSE_BI_URL"]


def test_a_missing_line_is_made_and_the_others_stay(home: Path) -> None:
    environment.prepare(home, set())
    before = urls(home)
    lines = (home / "stack.env").read_text().splitlines()
    (home / "stack.env").write_text("\n".join(line for line in lines if "CLICKHOUSE_BI_URL" not in line))
    environment.prepare(home, set())
    after = urls(home)
    assert after.keys() == before.keys()
    assert after["DATABASE_URL"] == before["DATABASE_URL"]
    assert after["CLICKHOUSE_BI_URL"] != before["CLICKHOUSE_BI_URL"]


def test_a_port_that_is_set_moves_the_service_and_keeps_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.prepare(home, set())
    before = urls(home)["DATABASE_URL"]
    wanted = ports.any_free_port()
    monkeypatch.setenv("TRADEWIND_POSTGRES_PORT", str(wanted))
    environment.prepare(home, set())
    after = urls(home)["DATABASE_URL"]
    assert f":{wanted}/" in after
    assert after.rsplit("@")[0] == before.rsplit("@")[0]


def test_a_remembered_port_that_is_taken_is_not_quietly_changed(home: Path) -> None:
    environment.prepare(home, set())
    port = int(urls(home)["DATABASE_URL"].rsplit(":", 1)[1].split("/")[0])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections may linger
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(StackError, match=f"port {port} for postgres is taken"):
            environment.prepare(home, set())


def test_the_port_of_a_service_that_is_not_requested_may_be_taken(home: Path) -> None:
    environment.prepare(home, set())
    before = urls(home)
    port = int(before["REPUTATION_URL"].rsplit(":", 1)[1].rstrip("/"))
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections may linger
        other.bind(("127.0.0.1", port))
        other.listen()
        environment.prepare(home, set())
        assert urls(home) == before
        with pytest.raises(StackError, match=f"port {port} for reputation is taken"):
            environment.prepare(home, set(), requested={"reputation"})


def test_a_running_service_is_not_moved(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.prepare(home, set())
    monkeypatch.setenv("TRADEWIND_POSTGRES_PORT", str(ports.any_free_port()))
    with pytest.raises(StackError, match="tradewind down"):
        environment.prepare(home, {"postgres"})


def test_a_damaged_line_is_named(home: Path) -> None:
    (home / "stack.env").write_text("DATABASE_URL=nonsense\n")
    with pytest.raises(StackError, match="DATABASE_URL"):
        environment.prepare(home, set())


def test_what_one_home_exports_does_not_steer_where_another_starts() -> None:
    settings = Settings(**{name: "http://user:password@127.0.0.1:1/" for name in Settings.model_fields})
    assert not set(environment.PORT_VARIABLES.values()) & set(settings.exports())


def test_the_access_file_is_written_for_a_home_that_has_none_yet(home: Path) -> None:
    environment.prepare(home, set())
    environment.access_file(home).unlink()
    before = environment.users_file(home).read_text()
    environment.prepare(home, set())
    assert set(json.loads(environment.access_file(home).read_text())["roles"]) == {"admin", "writer", "bi"}
    assert environment.users_file(home).read_text() == before
