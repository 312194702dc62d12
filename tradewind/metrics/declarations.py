"""The metrics as the dbt project declares them, read from the semantic manifest that `dbt parse` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

PERIODS = ("day", "week", "month", "quarter", "year")
"""What time can be grouped by."""

UNITS = ("money", "count", "rate", "number", "days")
"""money: in the reporting currency, exact to cents; rate: a fraction; number and days: with fractions."""


class MetricError(ValueError):
    """A question that cannot be answered, or only wrongly; the message says why and what to ask instead."""


class DeclarationError(ValueError):
    """A metric that is declared wrongly; the message names it and what to correct."""


@dataclass(frozen=True)
class MartColumn:
    """A mart's column that has the same values as a metric."""

    table: str
    column: str
    by: dict[str, str] = field(default_factory=dict)
    """The mart's key: column -> period or dimension of the metric; empty for a mart of one row."""
    where: str = "true"
    """The mart's rows that are compared, as a condition on them."""


@dataclass(frozen=True)
class Metric:
    """A metric by its declaration."""

    name: str
    label: str
    description: str
    kind: str
    """How it is computed: simple, ratio, derived, cumulative, conversion."""
    unit: str
    is_additive: bool
    """Whether the values of groups and periods add up to the value of all of them."""
    synonyms: tuple[str, ...]
    only_by: tuple[str, ...]
    """Periods of which one must be asked for; empty where the metric can do without."""
    reason: str
    """Why, if `only_by` has periods."""
    measures: tuple[str, ...]
    mart: MartColumn | None


class Declarations:
    """All metrics by name."""

    def __init__(self, text: str) -> None:
        """`text`: the semantic manifest. DeclarationError where a metric lacks what each must have."""
        self.manifest: dict[str, Any] = json.loads(text)
        self.metrics = {
            metric["name"]: _metric(metric)
            for metric in sorted(self.manifest["metrics"], key=lambda metric: str(metric["name"]))
        }

    def metric(self, name: str) -> Metric:
        """The metric; MetricError with similar names if there is none."""
        if name in self.metrics:
            return self.metrics[name]
        similar = self._similar(name)
        advice = f"did you mean {' or '.join(similar)}?" if similar else "`tradewind metric list` has all"
        raise MetricError(f"there is no metric {name}; {advice}")

    def tables(self, metric: Metric) -> list[str]:
        """The tables that the metric's measures are columns of, such as `cdm.fact_orders`."""
        return sorted(
            {
                _table(model)
                for model in self.manifest["semantic_models"]
                if {measure["name"] for measure in model["measures"]} & set(metric.measures)
            }
        )

    def all_tables(self) -> set[str]:
        """Every table that an answer may read."""
        spines = self.manifest["project_configuration"]["time_spines"]
        return {_table(item) for item in [*self.manifest["semantic_models"], *spines]}

    def hidden_dimensions(self) -> set[str]:
        """Dimensions that only declarations use, in filters."""
        return {
            dimension["name"]
            for model in self.manifest["semantic_models"]
            for dimension in model["dimensions"]
            if _meta(dimension).get("hidden")
        }

    def _similar(self, name: str) -> list[str]:
        words = {word.casefold(): metric for metric, word in self._words()}
        found = get_close_matches(name.casefold(), words, n=3, cutoff=0.6)
        return list(dict.fromkeys(words[word] for word in found))

    def _words(self) -> Iterator[tuple[str, str]]:
        for metric in self.metrics.values():
            yield from ((metric.name, word) for word in (metric.name, metric.label, *metric.synonyms))


def _table(model: dict[str, Any]) -> str:
    relation = model["node_relation"]
    return f"{relation['schema_name']}.{relation['alias']}"


def _meta(declared: dict[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = (declared.get("config") or {}).get("meta") or {}
    return meta


def _metric(declared: dict[str, Any]) -> Metric:
    name, meta = declared["name"], _meta(declared)
    _require(name, "description", bool(declared["description"]))
    _require(name, "label", bool(declared["label"]))
    _require(name, f"config.meta.unit, one of {', '.join(UNITS)}", meta.get("unit") in UNITS)
    _require(
        name, "config.meta.additive, everywhere or nowhere", meta.get("additive") in ("everywhere", "nowhere")
    )
    only_by = tuple(meta.get("only_by", ()))
    _require(name, f"only_by with some of {', '.join(PERIODS)}", set(only_by) <= set(PERIODS))
    _require(name, "config.meta.reason beside only_by", not only_by or bool(meta.get("reason")))
    return Metric(
        name=name,
        label=declared["label"],
        description=declared["description"],
        kind=declared["type"],
        unit=meta["unit"],
        is_additive=meta["additive"] == "everywhere",
        synonyms=tuple(meta.get("synonyms", ())),
        only_by=only_by,
        reason=meta.get("reason", ""),
        measures=tuple(measure["name"] for measure in declared["type_params"]["input_measures"]),
        mart=_mart(meta.get("equals")),
    )


def _mart(equals: dict[str, Any] | None) -> MartColumn | None:
    if equals is None:
        return None
    table, column = equals["column"].split(".")
    return MartColumn(table, column, equals["by"], equals.get("where", "true"))


def _require(name: str, what: str, is_there: bool) -> None:
    if not is_there:
        raise DeclarationError(f"metric {name} needs {what} (dbt_project/models/metrics)")
