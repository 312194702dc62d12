"""`tradewind ml train|evaluate|promote|list|predict`: the models, their versions and how good they are."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from application.cli.console import ERRORS, OUT, table, write
from application.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradewind.ml.evaluation import Score
    from tradewind.ml.registry import ModelVersion

commands = typer.Typer(
    help="Models: their versions, predictions and how good they are.", no_args_is_help=True
)
DATE = ["%Y-%m-%d"]
Model = Annotated[str, typer.Argument(help="The model, such as demand.")]


@commands.command()
def train(
    model: Model,
    seed: Annotated[int, typer.Option(help="The same seed and data give the same model.")] = 1,
    json_output: Json = False,
) -> None:
    """Train a version on the warehouse's history.

    The first version of a model becomes its champion, later ones are challengers until they are promoted.
    """
    from application import ml
    from tradewind.ml.demand.model import TrainingPlan

    with ERRORS.status(f"training {model}"):
        version = ml.train(ml.client(), model, TrainingPlan(seed=seed))
    _write_versions([version], json_output)


@commands.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="The model, such as demand, or all.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="A data set, instead of the simulated shop and public data.")
    ] = None,
    data_format: Annotated[
        str | None,
        typer.Option("--format", help="Its shape: demand, sequences, sessions, cards or purchases."),
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, help="demand: days at the end that are held out.")] = 28,
    cutoff: Annotated[
        dt.datetime | None,
        typer.Option(formats=DATE, help="purchases: last day to learn from; the middle unless given."),
    ] = None,
    train_from: Annotated[
        dt.datetime | None,
        typer.Option(formats=DATE, help="cards: first day of training; as late as possible unless given."),
    ] = None,
    train_days: Annotated[int, typer.Option(min=1, help="cards: days of training.")] = 7,
    delay_days: Annotated[int, typer.Option(min=1, help="cards: days until a label is known.")] = 7,
    test_days: Annotated[int, typer.Option(min=1, help="cards: days of the test.")] = 7,
    size: Annotated[str, typer.Option(help="Of the simulated shop: small, medium or large.")] = "small",
    challengers: Annotated[
        bool, typer.Option("--challengers", help="Statistical models as well; takes longer.")
    ] = False,
    json_output: Json = False,
) -> None:
    """Show how good a model is on what it has not seen.

    Needs no running stack. A bar that is not reached is shown as such; the exit code is 0 all the same. The
    shapes of --data are described in docs/models/README.md.
    """
    import json

    from application import ml_evaluation
    from application.ml_data import Split

    split = Split(horizon, cutoff, train_from, train_days, delay_days, test_days)
    with ERRORS.status("evaluating"):
        scores = ml_evaluation.evaluate(model, data, data_format, split, size, with_challengers=challengers)
    if json_output:
        write(json.dumps([score.as_json() for score in scores], indent=2))
    else:
        OUT.print(_scores(scores))


@commands.command()
def promote(
    model: Model,
    version: Annotated[str, typer.Argument(help="A version, by the beginning of its name.")],
    force: Annotated[bool, typer.Option("--force", help="Also if it is worse than the champion.")] = False,
    json_output: Json = False,
) -> None:
    """Make a version the one whose predictions are used."""
    from application import ml

    _write_versions([ml.promote(ml.client(), model, version, is_forced=force)], json_output)


@commands.command(name="list")
def list_(
    model: Annotated[str | None, typer.Argument(help="Only of this model.")] = None,
    json_output: Json = False,
) -> None:
    """Show the versions of the models, the latest first."""
    from application import ml

    _write_versions(ml.registry(ml.client()).list(model), json_output)


@commands.command()
def predict(
    model: Model,
    version: Annotated[
        str | None, typer.Option("--version", help="Another version than the champion.")
    ] = None,
    json_output: Json = False,
) -> None:
    """Write a model's predictions into the warehouse."""
    import json

    from application import ml

    with ERRORS.status("predicting"):
        used, rows = ml.predict(ml.client(), model, version)
    if json_output:
        write(json.dumps({"model": model, "version": used, "rows": rows}))
    else:
        OUT.print(f"{rows:,} rows by version {used}")


def _write_versions(versions: Sequence[ModelVersion], json_output: bool) -> None:
    import json

    if json_output:
        write(json.dumps([version.as_json() for version in versions], indent=2))
        return
    rows = [
        (
            each.model,
            each.version,
            each.stage,
            f"{each.train_from} to {each.train_until}",
            ", ".join(f"{name} {value:.4g}" for name, value in each.metrics.items()),
        )
        for each in versions
    ]
    OUT.print(table(("model", "version", "stage", "trained on", "metrics"), rows))


def _scores(scores: Sequence[Score]) -> object:
    rows = [
        (
            score.model,
            score.data,
            score.metric,
            _number(score.value) if score.value is not None else "not available",
            f"{_number(score.interval[0])} to {_number(score.interval[1])}" if score.interval else "",
            score.baseline,
            _number(score.baseline_value),
            _number(score.bar),
            {None: "", True: "yes", False: "no"}[score.is_reached],
        )
        for score in scores
    ]
    columns = ("model", "data", "metric", "value", "95 % interval", "baseline", "its value", "bar", "reached")
    return table(columns, rows)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
