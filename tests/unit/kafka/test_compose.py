"""docker-compose.yml: what can be known of it without Docker."""

from __future__ import annotations

import importlib.resources
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from application import services
from tradewind.settings import PROJECT_ROOT, AlertSettings, Settings

FILE = PROJECT_ROOT / "docker-compose.yml"
TEXT = FILE.read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CORE = {name for name, service in SERVICES.items() if "profiles" not in service}
GIBIBYTE = 1 << 30


def local_programs() -> dict[str, tuple[str, ...]]:
    """Service -> command of the stack without Docker."""
    address = "http://u:p@127.0.0.1:1/ecomm"
    names = [name for name in Settings.model_fields if name.endswith("_url")]
    settings = Settings(**dict.fromkeys(names, address))  # type: ignore[arg-type]
    return {service.name: service.command for service in services.declare(Path("/home"), settings)}


def words(service: dict[str, Any]) -> list[str]:
    return [str(word) for word in service.get("entrypoint", service.get("command", []))]


def module_of(command: list[str] | tuple[str, ...]) -> str:
    """The Python module that a command runs, by `-m` or by its console script."""
    listed = [Path(word).name if number == 0 else word for number, word in enumerate(command)]
    scripts = {
        "dagster": "dagster",
        "dagster-webserver": "dagster_webserver",
        "dagster-daemon": "dagster._daemon",
    }
    return scripts.get(listed[0]) or listed[listed.index("-m") + 1]


def test_it_is_valid_by_the_compose_specification() -> None:
    package = importlib.resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(package.read_text())
    problems = [
        f"{list(error.path)}: {error.message}" for error in Draft7Validator(schema).iter_errors(COMPOSE)
    ]
    assert problems == []


def test_a_service_that_is_no_service_would_be_found() -> None:
    package = importlib.resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    broken = COMPOSE | {"services": {"x": {"image": "y:1", "ports": 7}}}
    assert list(Draft7Validator(json.loads(package.read_text())).iter_errors(broken))


def test_every_mounted_file_exists_and_every_named_volume_is_declared() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            known = (
                (PROJECT_ROOT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]
            )
            assert known, f"{name} mounts {source}"


def test_every_image_that_is_built_has_its_dockerfile_and_copies_what_exists() -> None:
    for service in SERVICES.values():
        if "build" not in service:
            continue
        dockerfile = PROJECT_ROOT / service["build"]["dockerfile"]
        for line in dockerfile.read_text().splitlines():
            if line.startswith("COPY ") and "--from" not in line:
                *sources, _ = [word for word in line.split()[1:] if not word.startswith("--")]
                assert all((PROJECT_ROOT / source).exists() for source in sources), line


def test_every_variable_is_explained_and_no_password_has_a_default() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text()
    for name, rest in re.findall(r"\$\{(\w+)(:?[?-][^}]*)?\}", TEXT):
        assert f"{name}=" in example, f"{name} is not in .env.example"
        if "PASSWORD" in name:
            assert rest.startswith(":?"), f"{name} has a default"


@pytest.mark.parametrize(
    "name",
    [
        "kafka",
        "connect",
        "landing",
        "dagster-code",
        "dagster",
        "dagster-daemon",
        *("api", "alerts"),
        "fraud-scoring",
    ],
)
def test_a_service_runs_the_program_that_the_stack_without_docker_starts(name: str) -> None:
    local = local_programs()["dagster-webserver" if name == "dagster" else name]
    assert module_of(words(SERVICES[name])) == module_of(local)


@pytest.mark.parametrize(
    "name", ["kafka", "connect", "landing", "capture", "reputation", "api", "alerts", "fraud-scoring"]
)
def test_a_program_of_ours_exists_and_knows_the_options_it_is_given(name: str) -> None:
    command = words(SERVICES[name])
    module = module_of(command)
    assert importlib.util.find_spec(module)
    help_text = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(word in help_text for word in command if word.startswith("--"))


def test_ports_of_health_checks_and_addresses_are_those_that_services_listen_on() -> None:
    for name, port in (("kafka", "9092"), ("connect", "8083"), ("dagster-code", "4000"), ("api", "8000")):
        command = words(SERVICES[name])
        assert command[command.index("--port") + 1] == port
        assert port in str(SERVICES[name]["healthcheck"]["test"])
    environment = SERVICES["landing"]["environment"]
    assert environment["KAFKA_URL"] == "kafka://kafka:9092"
    assert environment["CONNECT_URL"] == "http://connect:8083"


def test_what_is_waited_for_to_be_healthy_has_a_health_check() -> None:
    for name, service in SERVICES.items():
        for other, condition in service.get("depends_on", {}).items():
            if condition["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], f"{name} waits for {other}"


def test_the_core_fits_eight_gigabytes() -> None:
    sizes = {"m": 1 << 20, "g": GIBIBYTE}
    limits = {name: str(SERVICES[name].get("mem_limit", "256m")) for name in CORE}
    total = sum(int(limit[:-1]) * sizes[limit[-1]] for limit in limits.values())
    assert total <= 9 * GIBIBYTE, (
        limits
    )  # short-lived ones (prepare, connectors) are not there at the same time


def test_settings_of_the_services_are_settings_of_ours() -> None:
    known = {name.upper() for name in Settings.model_fields} | {
        "DAGSTER_HOME", "TRADEWIND_LANDING", "TRADEWIND_CLICKHOUSE_SINK",
    }  # fmt: skip
    assert set(SERVICES["landing"]["environment"]) <= known
    alerts = {name.upper() for name in AlertSettings.model_fields}
    assert set(SERVICES["alerts"]["environment"]) - set(SERVICES["landing"]["environment"]) == alerts


def test_the_env_script_makes_every_password_once(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "compose" / "make_env.py"
    script.parent.mkdir(parents=True)
    script.write_text((PROJECT_ROOT / "deploy/compose/make_env.py").read_text())
    (tmp_path / "docker-compose.yml").write_text(TEXT)
    (tmp_path / ".env").write_text("TRADEWIND_OWNER_PASSWORD=kept")
    for _ in range(2):
        subprocess.run([sys.executable, str(script)], check=True)
    lines = (tmp_path / ".env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines)
    assert values["TRADEWIND_OWNER_PASSWORD"] == "kept"
    assert len(values) == len(lines) == len(set(re.findall(r"\$\{(\w+):\?", TEXT)))
    assert all(len(value) >= 24 for name, value in values.items() if name != "TRADEWIND_OWNER_PASSWORD")
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
