"""The services of the stack, one declaration each, in the order in which they start."""

from __future__ import annotations

import sys
from pathlib import Path

from application import health
from tradewind.settings import Endpoint, Settings
from tradewind.source.mysql import is_mysql
from tradewind.stack.environment import ON_REQUEST, access_file, users_file
from tradewind.stack.service import Service


def declare(home: Path, settings: Settings) -> list[Service]:
    """The services of one home, each after those it needs; their commands run in the home."""
    warehouse, dagster = settings.warehouse, Endpoint(settings.dagster_url)
    workspace = "dagster/workspace.yaml"
    return [
        _database(settings),
        Service(
            name="warehouse",
            command=_module(
                "clickhouse_server",
                *("--data", "warehouse"),
                *("--users", users_file(home).name, "--access", access_file(home).name),
                *("--host", warehouse.host, "--port", str(warehouse.port)),
            ),
            needs=(),
            check=lambda: health.warehouse(settings.clickhouse_writer_url),
            endpoint=warehouse,
            url=warehouse.origin,
        ),
        *(_kafka(home, settings) if settings.kafka_url else [_capture(home, settings)]),
        Service(
            name="dagster-code",
            command=_module(
                *("dagster", "api", "grpc", "--module-name", "orchestration.definitions"),
                *("--socket", "dagster/code.sock", "--location-name", "tradewind"),
                *("--use-python-environment-entry-point", "--inject-env-vars-from-instance"),
            ),
            needs=("manifest", "run-storage"),
            check=lambda: health.dagster_code(home / "dagster", settings.dagster_url),
        ),
        Service(
            name="dagster-webserver",
            command=_module(
                *("dagster_webserver", "--host", dagster.host, "--port", str(dagster.port)),
                *("--workspace", workspace, "--suppress-warnings"),
            ),
            needs=("manifest", "run-storage"),
            check=lambda: health.dagster(settings.dagster_url),
            endpoint=dagster,
            url=settings.dagster_url,
        ),
        Service(
            name="dagster-daemon",
            command=(_program("dagster-daemon"), "run", "--workspace", workspace),
            needs=("manifest", "run-storage"),
            check=lambda: health.dagster_daemon(settings.dagster_url),
        ),
        *_api(settings),
        Service(
            name="alerts",
            command=_module("application.alerts"),
            needs=("databases", "warehouse"),
            check=lambda: health.alerts(home / "alerts"),
        ),
        Service(
            name="fraud-scoring",
            command=_module("application.fraud_scoring"),
            needs=("databases", "warehouse"),
            check=lambda: health.fraud_scoring(home / "fraud-scoring"),
        ),
        *_reputation(settings),
        Service(
            name="simulator",
            command=_module("simulator.live"),
            needs=("schema",),
            check=lambda: health.simulator(home / "simulator"),
            is_optional="simulator" in ON_REQUEST,
        ),
    ]


def _database(settings: Settings) -> Service:
    """The shop's database."""
    database = settings.database
    if is_mysql(settings.database_url):
        return Service(
            name="mariadb",
            command=_module("tradewind.stack.mariadb", "--data", "mariadb"),
            needs=("cluster",),
            check=lambda: health.mariadb(settings.database_url),
            endpoint=database,
            url=f"mysql://{database.host}:{database.port}/{database.database}",
        )
    return Service(
        name="postgres",
        command=_module("tradewind.stack.postgres", "--data", "postgres", "--port", str(database.port)),
        needs=("cluster",),
        check=lambda: health.postgres(settings.database_url),
        endpoint=database,
        url=f"postgresql://{database.host}:{database.port}/{database.database}",
        stop_signal="INT",
    )


def _capture(home: Path, settings: Settings) -> Service:
    """Debezium in a process of ours."""
    return Service(
        name="capture",
        command=_module("connectors.embedded.capture"),
        needs=("schema", "databases"),
        check=lambda: health.capture(home / "capture", settings.database_url),
    )


def _kafka(home: Path, settings: Settings) -> list[Service]:
    """Debezium on Kafka Connect: broker, worker, and what lets topics into the warehouse."""
    broker, connect = Endpoint(settings.required("kafka_url")), Endpoint(settings.required("connect_url"))
    return [
        Service(
            name="kafka",
            command=_module("connectors.kafka.broker", "--data", "kafka/data", "--port", str(broker.port)),
            needs=("jars",),
            check=lambda: health.kafka(broker),
            endpoint=broker,
            url=f"{broker.host}:{broker.port}",
        ),
        Service(
            name="connect",
            command=_module("connectors.kafka.worker", "--state", "connect", "--port", str(connect.port)),
            needs=("kafka",),
            check=lambda: health.connect(connect.origin),
            endpoint=connect,
            url=connect.origin,
        ),
        Service(
            name="landing",
            command=_module("connectors.kafka.landing"),
            needs=("kafka", "schema", "databases"),
            check=lambda: health.landing(home / "landing"),
        ),
    ]


def _api(settings: Settings) -> list[Service]:
    """The HTTP API, if the settings have its address."""
    if settings.api_url is None:
        return []
    endpoint = Endpoint(settings.api_url)
    return [
        Service(
            name="api",
            command=_module("application.api"),
            needs=("manifest", "warehouse"),
            check=lambda: health.api(endpoint.origin),
            endpoint=endpoint,
            url=f"{endpoint.origin}/api/docs",
        )
    ]


def _reputation(settings: Settings) -> list[Service]:
    """The simulated reputation service, if the settings have its address."""
    if settings.reputation_url is None:
        return []
    endpoint = Endpoint(settings.reputation_url)
    return [
        Service(
            name="reputation",
            command=_module("simulator.reputation"),
            needs=(),
            check=lambda: health.reputation(endpoint.origin),
            endpoint=endpoint,
            url=endpoint.origin,
            is_optional="reputation" in ON_REQUEST,
        )
    ]


def _module(name: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name, *arguments)


def _program(name: str) -> str:
    """A program that was installed with this Python."""
    return str(Path(sys.executable).with_name(name))
