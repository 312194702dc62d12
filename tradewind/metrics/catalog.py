"""docs/metrics.md: every metric as it is declared."""

from __future__ import annotations

from collections.abc import Iterator

from tradewind.metrics.compiler import Compiler
from tradewind.metrics.declarations import Metric

HEAD = """\
# Metrics

Every metric is declared once, in `dbt_project/models/metrics/`, and answered by `tradewind metric NAME`.
This page is written from the declarations (`tradewind metric export --format markdown`);
[asking for metrics](asking-for-metrics.md) says how to use and declare them.

"""
UNITS = {
    "money": "money, in the reporting currency, exact to cents",
    "count": "a count",
    "rate": "a fraction, shown as a percentage",
    "number": "a number",
    "days": "days, with fractions",
}


def page(compiler: Compiler) -> str:
    """The page as Markdown."""
    metrics = compiler.declarations.metrics.values()
    rows = [f"| [{metric.name}](#{metric.name}) | {metric.label} | {metric.unit} |" for metric in metrics]
    index = "\n".join(["| metric | name in full | unit |", "|---|---|---|", *rows])
    return HEAD + index + "\n" + "".join(f"\n{_section(compiler, metric)}" for metric in metrics)


def _section(compiler: Compiler, metric: Metric) -> str:
    facts = "".join(f"- {fact}\n" for fact in _facts(compiler, metric))
    return f"## {metric.name}\n\n**{metric.label}.** {metric.description}\n\n{facts}"


def _facts(compiler: Compiler, metric: Metric) -> Iterator[str]:
    tables = ", ".join(f"`{table}`" for table in compiler.declarations.tables(metric))
    yield f"Unit: {UNITS[metric.unit]}"
    yield f"Computed as: {metric.kind}, from {tables}"
    yield f"Groups and periods add up: {'yes' if metric.is_additive else 'no'}"
    if metric.only_by:
        yield f"Only by {' or '.join(metric.only_by)}: {metric.reason}"
    dimensions = ", ".join(compiler.dimensions(metric.name))
    yield f"Dimensions: {dimensions or 'none but time'}"
    if metric.mart:
        rows = "" if metric.mart.where == "true" else f" where `{metric.mart.where}`"
        yield f"Equal to: `ads.{metric.mart.table}.{metric.mart.column}`{rows}"
    if metric.synonyms:
        yield f"Also called: {', '.join(metric.synonyms)}"
