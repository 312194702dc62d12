"""`tradewind connectors`: what is captured through Kafka Connect, declared in files and made so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.app.cli.console import ERRORS, OUT, table, write
from tradewind.app.cli.options import Json

if TYPE_CHECKING:
    from connectors.kafka.plan import Plan
    from tradewind.app.connectors import Connectors

commands = typer.Typer(
    help="Connectors on Kafka Connect: planned and applied from connectors/definitions.", no_args_is_help=True
)
Names = Annotated[list[str] | None, typer.Argument(help="Connectors; default: those that this home needs.")]
Name = Annotated[str, typer.Argument(help="A connector; `tradewind connectors list` shows all.")]


@commands.command()
def check(json_output: Json = False) -> None:
    """Look at the source database: what stands in the way of capturing it, and what mends it."""
    import json
    from dataclasses import asdict

    from connectors.kafka.preflight import check as look
    from tradewind.settings import load_settings

    found = look(load_settings().database_replication_url)
    if json_output:
        write(json.dumps([asdict(item) for item in found], indent=2))
    elif not found:
        OUT.print("the source can be captured")
    else:
        rows = [("error" if item.is_error else "risk", item.what, item.remedy) for item in found]
        OUT.print(table(("", "found", "to mend it"), rows))
    if any(item.is_error for item in found):
        raise typer.Exit(1)


@commands.command()
def plan(names: Names = None, json_output: Json = False) -> None:
    """Show what differs between the files and the cluster; exit code 2 if anything does."""
    import json
    from dataclasses import asdict

    made = _connectors().plan(names or ())
    if json_output:
        items = [
            {"name": item.name, "action": item.action, "changes": [asdict(change) for change in item.changes]}
            for item in made.connectors
        ]
        topics = [asdict(difference) for difference in made.topics]
        write(json.dumps({"topics": topics, "connectors": items, "undeclared": made.undeclared}, indent=2))
    else:
        _show(made)
    if not made.is_empty:
        raise typer.Exit(2)


@commands.command()
def apply(names: Names = None) -> None:
    """Make the cluster as the files say and wait until everything runs; repeatable."""
    connectors = _connectors()
    with ERRORS.status("comparing") as spinner:
        made = connectors.apply(names or (), spinner.update)
    if made.is_empty:
        OUT.print("nothing differed")
    else:
        _show(made)
        OUT.print("applied; everything runs")


@commands.command(name="list")
def list_() -> None:
    """Show the connectors that are declared and those that the cluster has."""
    from connectors.kafka.declared import NAMES

    statuses = _connectors().connect.statuses()
    rows = [(name, statuses[name].state if name in statuses else "declared only") for name in NAMES]
    rows += [
        (name, f"{status.state}, not declared") for name, status in statuses.items() if name not in NAMES
    ]
    OUT.print(table(("connector", "state"), rows))


@commands.command()
def status(json_output: Json = False) -> None:
    """Show connectors, tasks and causes of failures; exit code 1 unless all run."""
    import json

    statuses = _connectors().connect.statuses()
    rows = [
        (
            name,
            status.kind,
            status.state,
            ", ".join(task.state for task in status.tasks),
            status.failure or "",
        )
        for name, status in statuses.items()
    ]
    names = ("connector", "kind", "state", "tasks", "cause")
    if json_output:
        write(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2))
    else:
        OUT.print(table(names, rows))
    if not all(status.is_all("RUNNING") for status in statuses.values()):
        raise typer.Exit(1)


@commands.command()
def pause(name: Name) -> None:
    """Suspend a connector; it keeps its connections and its slot."""
    connect = _connectors().connect
    connect.pause(name)
    connect.wait_until(name, "PAUSED", 60)
    OUT.print(f"{name} is paused")


@commands.command()
def resume(name: Name) -> None:
    """Let a paused or stopped connector run."""
    connect = _connectors().connect
    connect.resume(name)
    connect.wait_until(name, "RUNNING", 60)
    OUT.print(f"{name} runs")


@commands.command()
def stop(name: Name) -> None:
    """Shut a connector's tasks down; its configuration and offsets stay."""
    connect = _connectors().connect
    connect.stop(name)
    connect.wait_until(name, "STOPPED", 60)
    OUT.print(f"{name} is stopped")


@commands.command()
def restart(
    name: Name,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="Only what has failed.")] = False,
) -> None:
    """Restart a connector and its tasks."""
    connect = _connectors().connect
    connect.restart(name, include_tasks=True, only_failed=only_failed)
    connect.wait_until(name, "RUNNING", 60)
    OUT.print(f"{name} runs")


@commands.command()
def delete(name: Name) -> None:
    """Delete a connector; its topics and offsets stay, and so does a replication slot."""
    _connectors().connect.delete(name)
    OUT.print(f"{name} is deleted; `tradewind connectors apply` would create it again and go on where it was")


@commands.command()
def offsets(
    name: Name,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget them; the connector must be stopped.")
    ] = False,
) -> None:
    """Show how far a connector has come."""
    import json

    connect = _connectors().connect
    if reset:
        OUT.print(connect.reset_offsets(name), markup=False)
        return
    write(
        json.dumps(
            [{"partition": item.partition, "offset": item.offset} for item in connect.offsets(name)], indent=2
        )
    )


@commands.command()
def snapshot(name: Name) -> None:
    """Take a new snapshot of everything, as after a lost slot or log; what was landed before is void."""
    with ERRORS.status("taking a snapshot"):
        _connectors().take_snapshot(name)
    OUT.print(f"{name} has taken its snapshot and streams")


@commands.command()
def logs(
    name: Name, lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last lines.")] = 50
) -> None:
    """Show what Connect logged about a connector, and the whole trace of a failure."""
    from tradewind.settings import home_folder
    from tradewind.stack import logs as log_files

    log = home_folder() / "logs" / "connect.log"
    found = [line for line in log_files.last_lines(log, 5000) if f"[{name}|" in line or f"-{name}-" in line]
    for line in found[-lines:]:
        write(line)
    status = _connectors().connect.status(name)
    for trace in (status.trace, *(task.trace for task in status.tasks)):
        if trace:
            write(trace)


@commands.command()
def drift(json_output: Json = False) -> None:
    """Compare landed events with the published JSON schemas; exit code 1 where any differ."""
    import json
    from dataclasses import asdict

    found = _connectors().drift()
    if json_output:
        write(json.dumps([asdict(item) for item in found], indent=2))
    elif not found:
        OUT.print("events are as their schemas say")
    else:
        rows = [(item.table, item.column, item.what, item.events) for item in found]
        OUT.print(table(("table", "column", "drift", "events"), rows))
    if found:
        raise typer.Exit(1)


@commands.command()
def generate() -> None:
    """Write what follows from the source's catalogue: the tables of topics.yaml and their JSON schemas."""
    from connectors.definitions.schemas import write_schemas
    from connectors.kafka.source_tables import captured_tables
    from connectors.kafka.topics import write_tables
    from tradewind.settings import load_settings
    from tradewind.source.catalog import read_catalog

    settings = load_settings()
    tables = captured_tables(settings.database_replication_url)
    write_tables(tables)
    written = write_schemas(read_catalog(settings.database_url))
    OUT.print(f"topics.yaml: {len(tables)} tables; {written} JSON schemas")


def _connectors() -> Connectors:
    from tradewind.app.connectors import Connectors
    from tradewind.settings import load_settings

    return Connectors(load_settings())


def _show(made: Plan) -> None:
    for difference in made.topics:
        _line(
            "~" if difference.found else "+",
            difference.topic,
            _arrow(difference.found, difference.wanted, difference.what),
        )
    for item in made.connectors:
        _line({"create": "+", "nothing": " "}.get(item.action, "~"), item.name, item.action)
        for change in item.changes if item.exists else []:
            _line(f"    {change.sign}", change.name, _arrow(change.found, change.wanted))
    for name in made.undeclared:
        _line("?", name, "not declared; left alone")


def _arrow(found: str | None, wanted: str | None, what: str = "") -> str:
    change = wanted if found is None else f"{found} -> {wanted if wanted is not None else '(removed)'}"
    return f"{what} {change}".strip()


def _line(sign: str, name: str, text: str) -> None:
    OUT.print(f"{sign} {name}  {text}", markup=False)
