"""The declarations as an Open Semantic Interchange model (version 1.0), for other tools and agents.

The format is that of github.com/open-semantic-interchange/OSI. What it has no words for (unit, what may be
added up, how a cumulative or conversion metric is computed) goes into custom extensions.
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
        model = {
            "name": "tradewind",
            "description": "Metrics of an e-commerce marketplace.",
            "datasets": [self._dataset(model) for model in self._models],
            "relationships": list(self._relationships()),
            "metrics": [self._metric(metric) for metric in self._metrics.values()],
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
        details = {
            "label": metric.label,
            "unit": metric.unit,
            "kind": metric.kind,
            "additive": metric.is_additive,
        }
        if metric.only_by:
            details |= {"only_by": metric.only_by, "reason": metric.reason}
        if metric.kind in ("cumulative", "conversion"):
            details |= {
                "type_params": self._declared[metric.name]["type_params"][f"{metric.kind}_type_params"]
            }
        exported = {
            "name": metric.name,
            "expression": _sql(self._expression(metric.name)),
            "description": metric.description,
            "ai_context": {"synonyms": list(metric.synonyms)} if metric.synonyms else None,
            "custom_extensions": [{"vendor_name": "COMMON", "data": json.dumps(details, sort_keys=True)}],
        }
        return _without_empty(exported)

    def _expression(self, name: str) -> str:
        declared = self._declared[name]
        parameters = declared["type_params"]
        match declared["type"]:
            case "ratio":
                parts = (self._expression(parameters[part]["name"]) for part in ("numerator", "denominator"))
                return "{} / NULLIF({}, 0)".format(*parts)
            case "derived":
                inputs = {given["alias"] or given["name"]: given["name"] for given in parameters["metrics"]}
                return re.sub(
                    r"\w+",
                    lambda word: f"({self._expression(inputs[word[0]])})" if word[0] in inputs else word[0],
                    parameters["expr"],
                )
            case "conversion":
                conversion = parameters["conversion_type_params"]
                parts = (
                    self._measure(conversion[f"{part}_measure"]["name"]) for part in ("conversion", "base")
                )
                return "{} / NULLIF({}, 0)".format(*parts)
        return self._measure(parameters["measure"]["name"])

    def _measure(self, name: str) -> str:
        dataset, measure = self._measures[name]
        expression = measure["expr"] or name
        qualified = re.sub(r"^\w+$", lambda column: f"{dataset}.{column[0]}", expression)
        if measure["agg"] == "percentile":
            return (
                f"PERCENTILE_CONT({measure['agg_params']['percentile']}) WITHIN GROUP (ORDER BY {qualified})"
            )
        return AGGREGATES[measure["agg"]].format(qualified)


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
