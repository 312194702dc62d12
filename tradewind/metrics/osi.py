"""The declarations as an Open Semantic Interchange model (version 1.0), for other tools and agents.

The format is that of github.com/open-semantic-interchange/OSI. What it has no words for is in custom
extensions: units, what may be added up, and the metrics that one aggregation cannot express, by name alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tradewind.metrics.declarations import Declarations, Metric

Node = dict[str, Any]

AGGREGATES = {
    "sum": "SUM({})",
    "count": "COUNT({})",
    "count_distinct": "COUNT(DISTINCT {})",
    "average": "AVG({})",
    "min": "MIN({})",
    "max": "MAX({})",
    "median": "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {})",
    "sum_boolean": "SUM(CASE WHEN {} THEN 1 ELSE 0 END)",
}

WORD = re.compile(r"\b[a-z_]\w*\b")
COLUMN = re.compile(r"\b[a-z_]\w*\b(?!\s*\()")
KEYWORDS = frozenset(
    ["and", "case", "else", "end", "false", "is", "not", "null", "or", "then", "true", "when"]
)


class Export:
    """One semantic model with the tables as datasets."""

    def __init__(self, declarations: Declarations) -> None:
        self._metrics = declarations.metrics
        self._models: list[Node] = declarations.manifest["semantic_models"]
        self._declared: dict[str, Node] = {
            metric["name"]: metric for metric in declarations.manifest["metrics"]
        }
        self._measures = {
            measure["name"]: (model["name"], measure)
            for model in self._models
            for measure in model["measures"]
        }

    def document(self) -> Node:
        """The whole export."""
        exported = [metric for metric in self._metrics.values() if self._is_expressible(metric)]
        others = {
            metric.name: metric.description for metric in self._metrics.values() if metric not in exported
        }
        model = {
            "name": "tradewind",
            "description": "Metrics of an e-commerce marketplace.",
            "datasets": [self._dataset(model) for model in self._models],
            "relationships": list(self._relationships()),
            "metrics": [self._metric(metric) for metric in exported],
            "custom_extensions": [_extension({"metrics_of_several_aggregations": others})],
        }
        return {"semantic_model": [model]}

    def _dataset(self, model: Node) -> Node:
        relation = model["node_relation"]
        keys = [_column(entity) for entity in model["entities"] if entity["type"] == "primary"]
        foreign = [_field(entity, is_time=False) for entity in model["entities"]]
        dimensions = [_field(dimension, dimension["type"] == "time") for dimension in model["dimensions"]]
        return _without_empty(
            {
                "name": model["name"],
                "source": f"{relation['schema_name']}.{relation['alias']}",
                "primary_key": keys,
                "description": model["description"],
                "fields": [*foreign, *dimensions],
            }
        )

    def _relationships(self) -> Iterator[Node]:
        """Every foreign key whose table is declared."""
        targets = {
            entity["name"]: (model["name"], _column(entity))
            for model in self._models
            for entity in model["entities"]
            if entity["type"] == "primary"
        }
        for model in self._models:
            for entity in model["entities"]:
                if entity["type"] == "foreign" and entity["name"] in targets:
                    target, column = targets[entity["name"]]
                    yield {
                        "name": f"{model['name']}_to_{target}",
                        "from": model["name"],
                        "to": target,
                        "from_columns": [_column(entity)],
                        "to_columns": [column],
                    }

    def _metric(self, metric: Metric) -> Node:
        context: Node = {"synonyms": list(metric.synonyms)} if metric.synonyms else {}
        if metric.only_by:
            context["instructions"] = f"Only by {' or '.join(metric.only_by)}: {metric.reason}."
        details = {"label": metric.label, "unit": metric.unit, "is_additive": metric.is_additive}
        exported = {
            "name": metric.name,
            "expression": _sql(self._expression(metric)),
            "description": metric.description,
            "ai_context": context or None,
            "custom_extensions": [_extension(details)],
        }
        return _without_empty(exported)

    def _is_expressible(self, metric: Metric) -> bool:
        """Whether one aggregation says all: no window of days, no earlier period, no matching of events."""
        inputs = self._declared[metric.name]["type_params"]["metrics"] or []
        return metric.kind in ("simple", "ratio", "derived") and not any(
            given["offset_window"] or given["offset_to_grain"] for given in inputs
        )

    def _expression(self, metric: Metric) -> str:
        parameters = self._declared[metric.name]["type_params"]
        if metric.kind == "ratio":
            names = (parameters[part]["name"] for part in ("numerator", "denominator"))
            ratio = "{} / NULLIF({}, 0)".format(*(self._expression(self._metrics[name]) for name in names))
            return f"ROUND({ratio}, 2)" if metric.unit == "money" else f"1.0 * {ratio}"
        if metric.kind == "derived":
            inputs = {given["alias"] or given["name"]: given["name"] for given in parameters["metrics"]}
            return WORD.sub(lambda word: self._input(inputs, word[0]), parameters["expr"])
        return self._measure(parameters["measure"]["name"])

    def _input(self, inputs: dict[str, str], word: str) -> str:
        return f"({self._expression(self._metrics[inputs[word]])})" if word in inputs else word

    def _measure(self, name: str) -> str:
        dataset, measure = self._measures[name]
        value = COLUMN.sub(lambda word: _qualified(dataset, word[0]), measure["expr"] or name)
        if measure["agg"] == "percentile":
            return f"PERCENTILE_CONT({measure['agg_params']['percentile']}) WITHIN GROUP (ORDER BY {value})"
        return AGGREGATES[measure["agg"]].format(value)


def _qualified(dataset: str, word: str) -> str:
    return word if word in KEYWORDS else f"{dataset}.{word}"


def _extension(details: Node) -> Node:
    return {"vendor_name": "COMMON", "data": json.dumps(details, sort_keys=True)}


def _column(declared: Node) -> str:
    return str(declared["expr"] or declared["name"])


def _field(declared: Node, is_time: bool) -> Node:
    field = {
        "name": declared["name"],
        "expression": _sql(_column(declared)),
        "dimension": {"is_time": is_time},
        "description": declared["description"],
    }
    return _without_empty(field)


def _sql(expression: str) -> Node:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": expression}]}


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in (None, [], "")}
