"""`tradewind alerts`: what is wrong now, who looks after it, and what is not to be told."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import OUT, table, write
from application.cli.options import Json

if TYPE_CHECKING:
    from tradewind.serving.alerts.lifecycle import Alert
    from tradewind.serving.alerts.store import Store

commands = typer.Typer(help="Alerts on figures, stock, orders, data and checks.", no_args_is_help=True)
UNITS = {"m": 60, "h": 3600, "d": 86400}
RuleName = Annotated[str, typer.Argument(metavar="RULE", help="From `tradewind alerts list`.")]
Subject = Annotated[str | None, typer.Argument(metavar="SUBJECT", help="One alert of it; all without it.")]


@commands.command("list")
def list_alerts(
    resolved: Annotated[int, typer.Option(min=0, help="So many of those that are over as well.")] = 0,
    json_output: Json = False,
) -> None:
    """Show open alerts, mutes, and messages on their way."""
    now, store = datetime.now(UTC), _store()
    alerts = [*store.open_alerts(), *store.resolved(resolved)]
    if json_output:
        shown = {
            "alerts": [asdict(alert) for alert in alerts],
            "unknown": store.unknown(),
            "mutes": [asdict(mute) for mute in store.mutes(now)],
            "waiting": {name: count for name, (count, _) in store.waiting().items()},
        }
        write(json.dumps(shown, default=str, indent=2))
        return
    if alerts:
        columns = ("rule", "about", "severity", "state", "value", "usual", "since", "acknowledged")
        OUT.print(table(columns, [_row(alert) for alert in alerts]))
    else:
        OUT.print("no alerts")
    for rule, reason in store.unknown().items():
        OUT.print(f"{rule} cannot be evaluated: {reason}", markup=False)
    for mute in store.mutes(now):
        about = f" {mute.subject}" if mute.subject else ""
        OUT.print(f"{mute.rule}{about} is muted until {mute.until:%Y-%m-%d %H:%M} UTC", markup=False)
    for name, (count, error) in store.waiting().items():
        OUT.print(f"{name} has not taken {count} messages: {error or 'not tried yet'}", markup=False)


@commands.command()
def rules(json_output: Json = False) -> None:
    """Show what is watched."""
    from application.alerts import present_rules
    from tradewind.settings import alert_settings

    found = present_rules(alert_settings())
    if json_output:
        write(json.dumps([rule.model_dump(mode="json", exclude_none=True) for rule in found], indent=2))
        return
    rows = [(rule.name, str(rule.severity), rule.owner, rule.description) for rule in found]
    OUT.print(table(("rule", "severity", "owner", "description"), rows))


@commands.command()
def test() -> None:
    """Send a test message to every receiver.

    The service delivers it within ten seconds.
    """
    from application.alerts import receivers
    from tradewind.serving.alerts import messages
    from tradewind.settings import SettingsError, alert_settings

    names = [receiver.name for receiver in receivers(alert_settings())]
    if not names:
        raise SettingsError(
            "nobody is told of alerts: set TRADEWIND_ALERT_SLACK_URL or TRADEWIND_ALERT_WEBHOOK_URL, "
            "then run `tradewind down` and `tradewind up`"
        )
    now = datetime.now(UTC)
    _store().queue(messages.test_message(now), names, now)
    write(f"a test message is on its way to {', '.join(names)}")


@commands.command()
def ack(
    rule: RuleName,
    subject: Subject = None,
    by: Annotated[str, typer.Option(help="Who looks after it.", envvar="USER")] = "somebody",
) -> None:
    """Say that somebody looks after the firing alerts of a rule."""
    count = _store().acknowledge(rule, subject, by)
    write(f"{by} looks after {count} alerts of {rule}")


@commands.command()
def mute(
    rule: RuleName,
    subject: Subject = None,
    duration: Annotated[str, typer.Option("--for", help="How long: 30m, 2h, 1d; 0m ends a mute.")] = "1h",
) -> None:
    """Tell nothing of a rule for a while.

    What still fires when the time is over is told then.
    """
    from application.alerts import present_rules
    from tradewind.serving.alerts.lifecycle import Mute
    from tradewind.settings import alert_settings

    names = [known.name for known in present_rules(alert_settings())]
    if rule not in names:
        raise typer.BadParameter(f"there is no rule {rule!r}; there are {', '.join(names)}")
    found = re.fullmatch(r"(\d+)([mhd])", duration)
    if not found:
        raise typer.BadParameter(f"{duration!r} is no duration such as 30m, 2h or 1d")
    until = datetime.now(UTC) + timedelta(seconds=int(found[1]) * UNITS[found[2]])
    _store().mute(Mute(rule, subject, until))
    write(f"{rule} is muted until {until:%Y-%m-%d %H:%M} UTC")


def _store() -> Store:
    from application.alerts import store
    from tradewind.settings import home_folder, load_settings

    load_settings()  # a home that was never started has no alerts
    return store(home_folder())


def _row(alert: Alert) -> tuple[str, ...]:
    return (
        alert.rule,
        alert.subject,
        str(alert.severity),
        str(alert.state),
        _number(alert.value),
        _number(alert.usual),
        f"{alert.since:%Y-%m-%d %H:%M}",
        alert.acknowledged_by,
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.6g}"
