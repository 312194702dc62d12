"""The ClickHouse server is a product of its own: what it imports, and who states its settings."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from clickhouse_server.access import Level, load_access
from tradewind.warehouse.access import BI_TABLES, DATABASES, SESSION_SETTINGS, access_file

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "clickhouse_server"
LIBRARIES = {
    "chdb",
    "clickhouse_cityhash",
    "clickhouse_server",
    "httptools",
    "lz4",
    "python_multipart",
    "starlette",
    "uvicorn",
    "uvloop",
    "zstandard",
}


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names.add(str(node.module).split(".")[0])
    return names


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_a_module_imports_nothing_of_the_platform(path: Path) -> None:
    assert imported(path) - set(sys.stdlib_module_names) <= LIBRARIES


def test_loading_the_server_loads_nothing_of_the_platform() -> None:
    code = (
        "import sys, clickhouse_server.__main__\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} "
        "& {'tradewind', 'connectors', 'orchestration', 'simulator', 'dagster', 'dbt'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_dbts_profile_has_the_session_settings() -> None:
    text = (ROOT / "profiles.yml").read_text()
    settings = yaml.safe_load(text)["tradewind"]["outputs"]["clickhouse"]["custom_settings"]
    assert {name: str(value) for name, value in settings.items()} == SESSION_SETTINGS


def users_xml() -> ElementTree.Element:
    return ElementTree.parse(ROOT / "deploy" / "clickhouse" / "users.d" / "tradewind.xml").getroot()


def test_a_clickhouse_server_is_given_the_session_settings() -> None:
    profile = users_xml().find("profiles/default")
    assert profile is not None
    assert {setting.tag: str(setting.text) for setting in profile} == SESSION_SETTINGS


def test_a_clickhouse_server_is_given_the_same_rights() -> None:
    grants = {
        user.tag: {str(query.text) for query in user.findall("grants/query")}
        for user in users_xml().findall("users/*")
    }
    assert {f"GRANT ALL ON {database}.*" for database in DATABASES} <= grants["writer"]
    assert grants["bi"] == {f"GRANT SELECT ON {tables}" for tables in BI_TABLES}
    assert {name for name in grants if name != "default"} == set(json.loads(access_file())["roles"])


def test_the_platforms_access_file_is_one_the_server_reads(tmp_path: Path) -> None:
    path = tmp_path / "access.json"
    path.write_text(access_file())
    access = load_access(path)
    assert {name: role.level for name, role in access.roles.items()} == {
        "admin": Level.ADMIN,
        "writer": Level.WRITER,
        "bi": Level.READER,
    }
    assert access.session_settings == SESSION_SETTINGS
    assert access.roles["writer"].databases == tuple(DATABASES)
