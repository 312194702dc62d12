"""`tradewind metric NAME`: one metric, answered from the warehouse; and what metrics there are."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from application.cli.console import OUT, table, write
from application.cli.metric_formats import Format, write_answer
from application.cli.options import Json

if TYPE_CHECKING:
    from tradewind.metrics.questions import Period

ANSWER = "answer"


class MetricGroup(TyperGroup):
    """Takes a metric's name in place of a command: `tradewind metric gmv` is `metric answer gmv`."""

    default_command = ANSWER

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command of the first word, or the one that answers."""
        is_command = args[0] in self.commands or args[0].startswith("-")
        return super().resolve_command(ctx, args if is_command else [self.default_command, *args])


class ExportFormat(StrEnum):
    """How the declarations are written."""

    OSI = "osi"
    MARKDOWN = "markdown"


class Dialect(StrEnum):
    """An engine whose SQL a statement can be written in."""

    CLICKHOUSE = "clickhouse"
    SPARK = "spark"


class Comparison(StrEnum):
    """What a period is compared with."""

    PREVIOUS = "previous"
    YEAR = "year"


commands = typer.Typer(
    help="Metrics: `tradewind metric gmv --by day --last 30d`.",
    no_args_is_help=True,
    cls=MetricGroup,
    subcommand_metavar="NAME|COMMAND [ARGS]...",
)

Name = Annotated[str, typer.Argument(help="A metric, such as gmv.")]


@commands.command(ANSWER)
def answer(
    name: Name,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Groups, such as day,channel: day, week, month, quarter, year, and dimensions."),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(help="The last days, weeks, months or years, today included: 30d, 4w, 3m, 1y."),
    ] = None,
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the period.")
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of the period; today without it."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Only these, such as channel=website,shopee or country!=TH; repeatable."),
    ] = None,
    compare: Annotated[
        Comparison | None,
        typer.Option(
            help="Beside it the period before (previous), or the same days of the year before (year)."
        ),
    ] = None,
    top: Annotated[
        int | None, typer.Option(min=1, help="Only so many rows, those with the greatest values.")
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="How to write the answer; csv and json are for scripts.")
    ] = Format.TABLE,
    sql: Annotated[
        Dialect | None, typer.Option(help="Write the statement for this engine, and do not run it.")
    ] = None,
) -> None:
    """Answer a metric from the warehouse."""
    from application import metrics
    from tradewind.metrics import answers
    from tradewind.metrics.questions import Question, condition, groups
    from tradewind.settings import load_settings, reporting_date
    from tradewind.warehouse.client import connect

    settings = load_settings()
    compiler = metrics.compiler(settings, sql or Dialect.CLICKHOUSE)
    period = _period(last, start and start.date(), end and end.date(), reporting_date())
    conditions = tuple(condition(text) for text in where or ())
    question = Question(name, groups(by or ()), conditions, period)
    if sql:
        write(compiler.compile(question).sql)
        return
    client = connect(settings.clickhouse_bi_url)
    if compare is None:
        found = answers.answer(client, compiler, question)
    else:
        found = answers.compared(client, compiler, question, compare.value)
    write_answer(found, found.greatest(top) if top else found.rows, output)


@commands.command("list")
def list_metrics(json_output: Json = False) -> None:
    """Show every metric with its unit and meaning."""
    from application.metrics import declarations
    from tradewind.settings import load_settings

    metrics = declarations(load_settings()).metrics.values()
    if json_output:
        items = [
            {"name": m.name, "label": m.label, "unit": m.unit, "description": m.description} for m in metrics
        ]
        write(json.dumps(items, indent=2))
        return
    OUT.print(table(("metric", "unit", "meaning"), [(m.name, m.unit, m.description) for m in metrics]))


@commands.command()
def show(name: Name, json_output: Json = False) -> None:
    """Show one metric: definition, source and dimensions."""
    from dataclasses import asdict

    from application import metrics
    from tradewind.settings import load_settings

    compiler = metrics.compiler(load_settings())
    metric = compiler.declarations.metric(name)
    tables, dimensions = compiler.declarations.tables(metric), list(compiler.dimensions(name))
    if json_output:
        write(json.dumps(asdict(metric) | {"tables": tables, "dimensions": dimensions}, indent=2))
        return
    rows = [
        ("name", f"{metric.name} ({metric.label})"),
        ("meaning", metric.description),
        ("unit", metric.unit),
        ("computed as", f"{metric.kind}, from {', '.join(tables)}"),
        ("adds up", "yes" if metric.is_additive else "no"),
        ("dimensions", ", ".join(dimensions) or "none but time"),
        ("also called", ", ".join(metric.synonyms)),
    ]
    if metric.only_by:
        rows.append(("only by", f"{' or '.join(metric.only_by)}: {metric.reason}"))
    if metric.mart:
        rows.append(("equal to", f"ads.{metric.mart.table}.{metric.mart.column}"))
    OUT.print(table(("", ""), rows))


@commands.command()
def export(
    output: Annotated[
        ExportFormat,
        typer.Option(
            "--format", help="osi: an Open Semantic Interchange model; markdown: the page docs/metrics.md."
        ),
    ] = ExportFormat.OSI,
) -> None:
    """Write all declarations for other tools."""
    from application import metrics
    from tradewind.metrics import catalog, osi
    from tradewind.settings import load_settings

    settings = load_settings()
    if output is ExportFormat.OSI:
        write(json.dumps(osi.Export(metrics.declarations(settings)).document(), indent=2))
    else:
        write(catalog.page(metrics.compiler(settings)))


def _period(last: str | None, start: date | None, end: date | None, today: date) -> Period | None:
    from tradewind.metrics import questions

    if last is not None and start is not None:
        raise typer.BadParameter("--last and --from exclude each other; give one of them")
    if last is not None:
        return questions.last(last, end or today)
    if start is not None:
        return questions.between(start, end or today)
    if end is not None:
        raise typer.BadParameter("--to needs --from or --last: where does the period begin?")
    return None
