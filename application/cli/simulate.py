"""`tradewind simulate`: live traffic in the shop's database, in the foreground."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json

if TYPE_CHECKING:
    from simulator.live.status import Status

DEFAULT_SPEED_UP = 1_440.0
"""A day passes in a minute."""

HURRIED_CLICK_SECONDS = 5.0

ScenarioOption = Annotated[
    str, typer.Option("--scenario", help="NormalDay, FlashSale, FraudAttack or PromotionBlast.")
]
RateOption = Annotated[
    float | None,
    typer.Option("--rate", help="Clickstream events per second; default: EVENTS_PER_SECOND or 20."),
]
UsersOption = Annotated[
    int | None,
    typer.Option("--users", help="Users who may visit; missing ones register; default: NUM_USERS or all."),
]
GrowthOption = Annotated[
    float | None,
    typer.Option("--user-growth", help="Registrations per hour; default: USER_GROWTH_RATE or 10."),
]
SpeedUpOption = Annotated[
    float, typer.Option("--speed-up", help="How many times faster than real time orders progress.")
]


def register(commands: typer.Typer) -> None:
    """Add this command."""
    commands.command()(simulate)


def simulate(
    scenario: ScenarioOption = "NormalDay",
    rate: RateOption = None,
    duration: Annotated[
        str | None, typer.Option("--duration", help="Such as 90s, 10m or 1h30m; default: until Ctrl+C.")
    ] = None,
    users: UsersOption = None,
    user_growth: GrowthOption = None,
    schedule: Annotated[
        str, typer.Option("--schedule", help="Other scenarios during the run, such as FlashSale@2m+30s.")
    ] = "",
    speed_up: SpeedUpOption = DEFAULT_SPEED_UP,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="A shop other than DATABASE_APP_URL: postgresql://... or mysql://..., as the application.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="The seed of all random decisions.")] = None,
    json_output: Json = False,
) -> None:
    """Run live traffic in the shop's database.

    Visitors, buyers, sellers and fraudsters act in the foreground until the duration ends.
    """
    import json

    from simulator.live.request import RunRequest
    from simulator.live.run import Run
    from tradewind.settings import load_settings, simulation_settings

    request = RunRequest(scenario, rate, duration, users, user_growth, speed_up, schedule, seed)
    run = Run(request.plan(simulation_settings()), url or load_settings().database_app_url)
    signal.signal(signal.SIGTERM, lambda *_: run.end())
    signal.signal(signal.SIGINT, lambda *_: run.end())
    with ERRORS.status("reading the shop") as spinner:
        status = run.run(lambda now: spinner.update(_progress(now)))
    if json_output:
        write(json.dumps(status.as_json(), indent=2))
        return
    OUT.print(table(("this run", ""), _figures(status)))
    if status.seconds_between_clicks < HURRIED_CLICK_SECONDS:
        ERRORS.print(
            f"note: at this rate each user clicks every {status.seconds_between_clicks:.1f} s; "
            "more --users give realistic visits",
            style="yellow",
        )
    if not status.keeps_up:
        ERRORS.print(
            f"note: the simulator could not keep up: {status.events_per_second:.0f} of "
            f"{status.target_events_per_second:g} events/s, {status.lag_seconds:.0f} s behind at the end",
            style="yellow",
        )


def _progress(status: Status) -> str:
    return (
        f"{status.scheduled_seconds:.0f} s: {status.events} events ({status.events_per_second:.0f}/s), "
        f"{status.orders} orders, {status.lag_seconds:.1f} s behind"
    )


def _figures(status: Status) -> list[tuple[str, object]]:
    return [
        ("scenario", status.scenario),
        ("events", status.events),
        ("events per second", f"{status.events_per_second:.1f}"),
        (f"asked for, under {status.scenario}", f"{status.target_events_per_second:g}"),
        ("orders", status.orders),
        ("of attacks", status.attack_orders),
        ("refused by a limit", status.refused_orders),
        ("new users", status.new_users),
        ("transactions", status.transactions),
        ("seconds", f"{status.elapsed_seconds:.1f}"),
        ("most seconds behind", f"{status.max_lag_seconds:.2f}"),
    ]
