"""The HTTP API and dashboard of one home: `python -m application.api`, at the address in API_URL."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Collection
from pathlib import Path

import uvicorn

from application import alerts, manifest, metrics, services
from connectors.embedded.status import read_status
from tradewind.serving.api.app import Sources, create_app
from tradewind.serving.api.contracts import ContractError
from tradewind.serving.api.metrics import Metrics
from tradewind.serving.api.platform import CaptureState, Home, ServiceState
from tradewind.serving.api.warehouse import Warehouse
from tradewind.settings import (
    PROJECT_ROOT,
    Endpoint,
    Settings,
    SettingsError,
    api_settings,
    home_folder,
    load_settings,
    reporting_date,
    reporting_time_zone,
)
from tradewind.stack import supervisor
from tradewind.stack.api_keys import Keys
from tradewind.stack.errors import StackError
from tradewind.stack.login_links import LoginLinks

AUDIT = "api-requests.jsonl"


def sources(settings: Settings) -> Sources:
    """What the API of this home is made from."""
    url = settings.clickhouse_bi_url
    declared = metrics.declarations(settings)
    home, options = home_folder(), api_settings()
    optional = {service.name for service in services.declare(home, settings) if service.is_optional}
    return Sources(
        warehouse=Warehouse(url),
        keys=Keys(home),
        links=LoginLinks(home),
        manifest=manifest.read(settings),
        metrics=Metrics(declared, lambda: metrics.compiler(settings), url, reporting_date),
        time_zone=reporting_time_zone(),
        audit=home / "logs" / AUDIT,
        dashboard=PROJECT_ROOT / "dashboards" / "web" / "dist",
        home=Home(
            services=lambda: service_states(home, optional),
            waiting_messages=lambda: waiting_messages(home),
            captures=lambda: captures(home),
        ),
        requests_per_minute=options.tradewind_api_requests_per_minute,
        origins=tuple(options.tradewind_api_origins),
    )


def service_states(home: Path, optional: Collection[str]) -> list[ServiceState]:
    """The services that the home's supervisor has started, but optional ones that were stopped again.

    There is none where it does not run, as in containers.
    """
    control = supervisor.connect(home)
    states = control.states().values() if control else ()
    return [
        ServiceState(state.name, state.state == "RUNNING", state.started_at)
        for state in states
        if state.started_at and not (state.name in optional and state.state == "STOPPED")
    ]


def waiting_messages(home: Path) -> dict[str, int]:
    """Receiver -> messages of alerts that it has not taken."""
    if not alerts.file(home).exists():
        return {}
    return {receiver: count for receiver, (count, _) in alerts.store(home).waiting().items()}


def captures(home: Path) -> list[CaptureState]:
    """The capture that runs in this home, if one does."""
    status = read_status(home / "capture")
    return [] if status is None else [CaptureState(status.rows_written, status.lag_seconds)]


def main() -> int:
    """Serve until SIGTERM or SIGINT; the process's exit code."""
    parser = argparse.ArgumentParser(prog="python -m application.api", description="Serve the HTTP API.")
    parser.add_argument("--host", help="where to listen, if not at the host of API_URL")
    parser.add_argument("--port", type=int, help="where to listen, if not at the port of API_URL")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = load_settings()
        address = Endpoint(settings.required("api_url"))
        app = create_app(sources(settings))
    except (ContractError, SettingsError, StackError) as error:
        sys.stderr.write(f"api: {error}\n")
        return 1
    uvicorn.run(
        app,
        host=arguments.host or address.host,
        port=arguments.port or address.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
