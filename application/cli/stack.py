"""`tradewind up|down|status|open|logs|env|prepare`: the embedded stack, and what servers need once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import DatabaseKind, Json, StackKind, kind_of
from application.cli.simulate import (
    DEFAULT_SPEED_UP,
    GrowthOption,
    RateOption,
    SpeedUpOption,
    UsersOption,
)

if TYPE_CHECKING:
    from pathlib import Path

    from rich.table import Table

    from simulator.live.request import RunRequest
    from tradewind.stack.lifecycle import Status

STATE_STYLES = {"running": "green", "starting": "yellow", "stopped": "dim"}


def register(commands: typer.Typer) -> None:
    """Add these commands."""
    for command in (up, down, status, logs, env, prepare):
        commands.command()(command)
    commands.command("open")(open_dashboard)


def up(
    context: typer.Context,
    also: Annotated[
        list[str] | None, typer.Option("--with", help="Start an optional service too: reputation.")
    ] = None,
    capture: StackKind = None,
    database: DatabaseKind = None,
    simulate: Annotated[
        str | None, typer.Option("--simulate", help="Start the live simulator too, with this scenario.")
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(
            "--seed",
            help="With --simulate: fill an empty shop first; small, medium or large.",
        ),
    ] = None,
    rate: RateOption = None,
    users: UsersOption = None,
    user_growth: GrowthOption = None,
    speed_up: SpeedUpOption = DEFAULT_SPEED_UP,
    json_output: Json = False,
) -> None:
    """Start the stack; repeatable.

    On a running stack, starts the services that have ended and applies changed settings and models.
    """
    from application import stack
    from tradewind.settings import home_folder

    home = home_folder()
    if not simulate:
        _require_simulator(context)
    request = _run_request(simulate, rate, users, user_growth, speed_up, seed) if simulate else None
    waiting: set[str] = set()
    with ERRORS.status("starting") as spinner:

        def report(step: str, state: str, seconds: float) -> None:
            if state == "ready":
                waiting.discard(step)
                ERRORS.print(f"[green]ready[/] {step} [dim]{seconds:.1f} s[/]")
            else:
                waiting.add(step)
            spinner.update(f"waiting for {', '.join(sorted(waiting))}")

        stack.up(home, report, [*(also or ()), *_simulator(home, request)], kind_of(capture, database))
    services = stack.status(home)
    if json_output:
        _write_services(services, _kafka_status())
        return
    OUT.print(_drawn(services))
    OUT.print(f"dashboard {login_link()}", soft_wrap=True, markup=False)
    OUT.print(f'home {home}; connection settings: eval "$(tradewind env)"', style="dim", markup=False)


def down() -> None:
    """Stop the stack; its data is kept."""
    from application import stack
    from tradewind.settings import home_folder

    with ERRORS.status("stopping"):
        ran = stack.down(home_folder())
    OUT.print("stopped" if ran else "nothing was running")


def status(json_output: Json = False) -> None:
    """Show the services; exit code 1 unless all are healthy."""
    from application import stack
    from tradewind.settings import home_folder

    services = stack.status(home_folder())
    kafka = _kafka_status()
    if json_output:
        _write_services(services, kafka)
    else:
        OUT.print(_drawn(services))
        for name, text in kafka.items():
            OUT.print(f"{name}: {text}", markup=False)
    if any(service.state != "running" for service in services):
        raise typer.Exit(1)


def open_dashboard(
    print_only: Annotated[bool, typer.Option("--print", help="Print the link, and open no browser.")] = False,
    json_output: Json = False,
) -> None:
    """Open the dashboard by a link that logs in once."""
    import json
    import webbrowser

    link = login_link()
    if json_output:
        write(json.dumps({"url": link}))
    elif print_only or not webbrowser.open(link):
        write(link)


def login_link() -> str:
    """A new one-time link to this home's dashboard; SettingsError if it has no API."""
    from tradewind.settings import home_folder, load_settings
    from tradewind.stack.login_links import LoginLinks

    return LoginLinks(home_folder()).create(load_settings().required("api_url"))


def logs(
    service: str = typer.Argument("", help="A service; default: all."),
    follow: bool = typer.Option(False, "--follow", "-f", help="Keep showing new lines until Ctrl+C."),
    lines: int = typer.Option(50, "--lines", "-n", help="How many lines."),
) -> None:
    """Show the last lines of the services' logs."""
    from tradewind.settings import home_folder
    from tradewind.stack import logs as log_files
    from tradewind.stack.errors import StackError

    known = sorted((home_folder() / "logs").glob("*.log"))
    chosen = [log for log in known if service in ("", log.stem)]
    if not chosen:
        names = ", ".join(log.stem for log in known) or "none yet; start the stack with `tradewind up`"
        raise StackError(f"there is no log of {service or 'any service'}; known: {names}")
    for log in chosen:
        for line in log_files.last_lines(log, lines):
            write(f"{log.stem:<18} {line}" if len(chosen) > 1 else line)
    if follow:
        for log, line in log_files.follow(chosen):
            write(f"{log.stem:<18} {line}" if len(chosen) > 1 else line)


def env(json_output: Json = False) -> None:
    """Print the connection settings as export lines.

    Use it as: eval "$(tradewind env)"
    """
    import json

    from tradewind.settings import load_settings

    settings = load_settings()
    write(json.dumps(settings.exports(), indent=2) if json_output else settings.export_lines())


def prepare() -> None:
    """Prepare servers of your own as `up` does; repeatable.

    Creates the shop's schema, the warehouse's databases, the dbt manifest and Dagster's files.
    """
    from application.preparation import prepare_servers
    from tradewind.settings import home_folder, load_settings

    with ERRORS.status("preparing"):
        prepare_servers(home_folder(), load_settings())
    OUT.print(
        f"ready: the shop's tables, the warehouse's databases, and Dagster's home in {home_folder()}",
        markup=False,
    )


def _require_simulator(context: typer.Context) -> None:
    """BadParameter for an option that has no effect without the simulator."""
    for option in ("seed", "rate", "users", "user_growth", "speed_up"):
        source = context.get_parameter_source(option)
        if source is not None and source.name != "DEFAULT":
            hint = "; without it use `tradewind source seed --size`" if option == "seed" else ""
            raise typer.BadParameter(f"--{option.replace('_', '-')} needs --simulate{hint}")


def _run_request(
    scenario: str,
    rate: float | None,
    users: int | None,
    user_growth: float | None,
    speed_up: float,
    history: str | None,
) -> RunRequest:
    """The options of the supervised simulator; an error if they are invalid."""
    from simulator.live.request import RunRequest
    from tradewind.settings import simulation_settings

    request = RunRequest(scenario, rate, None, users, user_growth, speed_up, history=history)
    request.plan(simulation_settings())
    return request


def _simulator(home: Path, request: RunRequest | None) -> list[str]:
    """Store the simulator's options for its service; the service's name if it is requested."""
    from application import preparation
    from tradewind.stack import supervisor

    if request is None:
        return []
    preparation.folders(home)
    control = supervisor.connect(home)
    if request.save(home / "simulator") and control is not None:
        control.restart("simulator")
    return ["simulator"]


def _kafka_status() -> dict[str, object]:
    """Connectors with their tasks, records still to be landed, dead letters; empty without Kafka."""
    from application.connectors import overview
    from tradewind.settings import load_settings

    settings = load_settings()
    return overview(settings) if settings.kafka_url else {}


def _write_services(services: list[Status], kafka: dict[str, object]) -> None:
    """The contract of `status --json` and `up --json`."""
    import json

    shown: dict[str, object] = {"services": {service.name: service.as_json() for service in services}}
    write(json.dumps(shown | ({"kafka": kafka} if kafka else {}), indent=2))


def _drawn(services: list[Status]) -> Table:
    from rich.text import Text

    rows = [
        (
            service.name,
            Text(service.state, style=STATE_STYLES.get(service.state, "red")),
            str(service.pid or ""),
            service.url,
            service.reason,
        )
        for service in services
    ]
    return table(("service", "state", "pid", "address", ""), rows)
