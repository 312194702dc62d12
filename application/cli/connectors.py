"""`tradewind connectors`: what is captured through Kafka Connect, declared in files and made so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json

if TYPE_CHECKING:
    from application.connectors import Connectors
    from connectors.kafka.connect_client import ConnectClient
    from connectors.kafka.plan import Plan

commands = typer.Typer(
    help="Connectors on Kafka Connect: planned and applied from connectors/definitions.", no_args_is_help=True
)
Names = Annotated[list[str] | None, typer.Argument(help="Connectors; default: those that this home needs.")]
Name = Annotated[str, typer.Argument(help="A connector; `tradewind connectors list` shows all.")]


@commands.command()
def check(json_output: Json = False) -> None:
    """Show what stands in the way of capturing the source.

    Each finding comes with the statement that mends it; exit code 1 if one of them is an error.
    """
    from dataclasses import asdict

    from connectors.kafka.preflight import check as look
    from tradewind.settings import load_settings

    found = look(load_settings().database_replication_url)
    if json_output:
        _write_json([asdict(item) for item in found])
    elif not found:
        OUT.print("the source can be captured")
    else:
        rows = [("error" if item.is_error else "risk", item.what, item.remedy) for item in found]
        OUT.print(table(("", "found", "to mend it"), rows))
    if any(item.is_error for item in found):
        raise typer.Exit(1)


@commands.command()
def plan(names: Names = None, json_output: Json = False) -> None:
    """Show what differs between the files and the cluster.

    Exit code 2 if anything does. Secrets are masked.
    """
    made = _connectors().plan(names or ())
    if json_output:
        _write_json(_as_json(made))
    else:
        _show(made)
    if not made.is_empty:
        raise typer.Exit(2)


@commands.command()
def apply(names: Names = None, json_output: Json = False) -> None:
    """Make the cluster as the files say; repeatable.

    Waits until everything runs; the cause of a failed task is the error.
    """
    connectors = _connectors()
    with ERRORS.status("comparing") as spinner:
        made = connectors.apply(names or (), spinner.update)
    if json_output:
        _write_json(_as_json(made))
    elif made.is_empty:
        OUT.print("nothing differed")
    else:
        _show(made)
        OUT.print("applied; everything runs")


@commands.command(name="list")
def list_(json_output: Json = False) -> None:
    """Show declared connectors and those of the cluster."""
    from connectors.kafka.declared import NAMES

    statuses = _connectors().connect.statuses()
    names = [*NAMES, *(name for name in statuses if name not in NAMES)]
    rows = [
        (
            name,
            "declared" if name in NAMES else "not declared",
            statuses[name].state if name in statuses else "",
        )
        for name in names
    ]
    columns = ("connector", "definition", "state")
    if json_output:
        _write_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        OUT.print(table(columns, rows))


@commands.command()
def status(json_output: Json = False) -> None:
    """Show connectors, tasks and causes of failures.

    Exit code 1 unless all of them run.
    """
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
        _write_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        OUT.print(table(names, rows))
    if not all(status.is_all("RUNNING") for status in statuses.values()):
        raise typer.Exit(1)


@commands.command()
def pause(name: Name, json_output: Json = False) -> None:
    """Suspend a connector; it keeps connections and slot."""
    connect = _connectors().connect
    connect.pause(name)
    _wait_until(connect, name, "PAUSED", json_output)


@commands.command()
def resume(name: Name, json_output: Json = False) -> None:
    """Let a paused or stopped connector run."""
    connect = _connectors().connect
    connect.resume(name)
    _wait_until(connect, name, "RUNNING", json_output)


@commands.command()
def stop(name: Name, json_output: Json = False) -> None:
    """Shut a connector's tasks down.

    Its configuration and offsets stay.
    """
    connect = _connectors().connect
    connect.stop(name)
    _wait_until(connect, name, "STOPPED", json_output)


@commands.command()
def restart(
    name: Name,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="Only what has failed.")] = False,
    json_output: Json = False,
) -> None:
    """Restart a connector and its tasks."""
    connect = _connectors().connect
    connect.restart(name, include_tasks=True, only_failed=only_failed)
    _wait_until(connect, name, "RUNNING", json_output)


@commands.command()
def delete(name: Name, json_output: Json = False) -> None:
    """Delete a connector; topics, offsets and slot stay."""
    _connectors().connect.delete(name)
    if json_output:
        _write_json({"connector": name, "state": "DELETED"})
    else:
        OUT.print(
            f"{name} is deleted; `tradewind connectors apply` creates it again and goes on where it was"
        )


@commands.command()
def offsets(
    name: Name,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget them; the connector must be stopped.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Show how far a connector has come."""
    connect = _connectors().connect
    message = connect.reset_offsets(name) if reset else None
    found = [{"partition": item.partition, "offset": item.offset} for item in connect.offsets(name)]
    if json_output:
        _write_json(found)
    elif message is not None:
        OUT.print(message, markup=False)
    else:
        OUT.print(table(("partition", "offset"), [tuple(map(_fields, item.values())) for item in found]))


@commands.command()
def snapshot(name: Name, json_output: Json = False) -> None:
    """Take a new snapshot; what was landed before is void.

    For after a lost slot or log, and for tables whose rows changed without events.
    """
    connectors = _connectors()
    with ERRORS.status("taking a snapshot"):
        connectors.take_snapshot(name)
    _wait_until(connectors.connect, name, "RUNNING", json_output)


@commands.command()
def logs(
    name: Name, lines: Annotated[int, typer.Option("--lines", "-n", help="How many of the last lines.")] = 50
) -> None:
    """Show what Connect logged about a connector.

    The last lines, and the whole trace of a failure.
    """
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
    """Compare landed events with the published JSON schemas.

    Exit code 1 where any differ.
    """
    from dataclasses import asdict

    found = _connectors().drift()
    if json_output:
        _write_json([asdict(item) for item in found])
    elif not found:
        OUT.print("events are as their schemas say")
    else:
        rows = [(item.table, item.column, item.what, item.events) for item in found]
        OUT.print(table(("table", "column", "drift", "events"), rows))
    if found:
        raise typer.Exit(1)


@commands.command()
def generate(json_output: Json = False) -> None:
    """Write topics.yaml's tables and the JSON schemas.

    From the catalogue of the source: after a change of its tables.
    """
    from connectors.definitions.schemas import write_schemas
    from connectors.kafka.source_tables import read_source
    from connectors.kafka.topics import write_tables
    from tradewind.settings import load_settings
    from tradewind.source.catalog import read_catalog

    settings = load_settings()
    source = read_source(settings.database_replication_url).with_owners({})
    write_tables(source.tables)
    catalog = read_catalog(settings.database_url)
    written = write_schemas(table for table in catalog if table.qualified_name in source.columns)
    if json_output:
        _write_json({"topics": [table.topic for table in source.tables], "schemas": written})
    else:
        OUT.print(f"topics.yaml: {len(source.tables)} tables; {written} JSON schemas")


def _connectors() -> Connectors:
    from application.connectors import Connectors
    from tradewind.settings import load_settings

    return Connectors(load_settings())


def _wait_until(connect: ConnectClient, name: str, state: str, json_output: bool) -> None:
    """Wait until a connector and its tasks are in a state, and say so."""
    connect.wait_until(name, state, 60)
    if json_output:
        _write_json({"connector": name, "state": state})
    else:
        OUT.print(f"{name} {'runs' if state == 'RUNNING' else f'is {state.lower()}'}")


def _write_json(value: object) -> None:
    import json

    write(json.dumps(value, indent=2))


def _fields(value: object) -> str:
    """`lsn=1, txId=2`, of one level of JSON."""
    return ", ".join(f"{name}={field}" for name, field in value.items()) if isinstance(value, dict) else ""


def _as_json(made: Plan) -> dict[str, object]:
    from dataclasses import asdict

    items = [
        {"name": item.name, "action": item.action, "changes": [asdict(change) for change in item.changes]}
        for item in made.connectors
    ]
    topics = [asdict(difference) for difference in made.topics]
    return {"topics": topics, "connectors": items, "undeclared": made.undeclared}


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
