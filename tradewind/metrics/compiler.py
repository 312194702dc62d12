"""Questions compiled into SQL by MetricFlow, and the refusal of what would be wrong."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow_semantic_interfaces.implementations.metric import PydanticMetric, PydanticMetricInput
from metricflow_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from metricflow_semantic_interfaces.transformations.semantic_manifest_transformer import (
    PydanticSemanticManifestTransformer,
)
from metricflow_semantic_interfaces.type_enums.dimension_type import DimensionType
from metricflow_semantic_interfaces.type_enums.metric_type import MetricType
from metricflow_semantics.errors.error_classes import InvalidQueryException
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from tradewind.metrics.declarations import PERIODS, Declarations, Metric, MetricError
from tradewind.metrics.engines import Engine
from tradewind.metrics.questions import Condition, Question

logging.getLogger("metricflow").setLevel(logging.WARNING)
logging.getLogger("metricflow_semantics").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Statement:
    """One statement with a column per group, in the question's order, and one named like the metric."""

    sql: str
    groups: tuple[str, ...]


class Compiler:
    """The SQL of questions for one engine."""

    def __init__(self, text: str, engine: Engine) -> None:
        """`text`: the semantic manifest that `dbt parse` writes."""
        self.declarations = Declarations(text)
        manifest = PydanticSemanticManifest.parse_raw(text)
        self._adapt(manifest, engine)
        lookup = SemanticManifestLookup(PydanticSemanticManifestTransformer.transform(manifest))
        self._engine = MetricFlowEngine(semantic_manifest_lookup=lookup, sql_client=engine)  # type: ignore[arg-type]
        self._dimensions = cache(self._find_dimensions)

    def dimensions(self, metric: str) -> dict[str, str]:
        """The dimensions that the metric can be split by: name -> MetricFlow's name with the path to it."""
        return self._dimensions(self.declarations.metric(metric).name)

    def compile(self, question: Question) -> Statement:
        """The statement that answers the question; MetricError if the answer would be wrong."""
        metric = self.declarations.metric(question.metric)
        self._check(metric, question)
        values: list[str] = []
        groups = tuple(self._column(metric, name) for name in question.by)
        period = question.period
        request = MetricFlowQueryRequest.create(
            metric_names=[metric.name],
            group_by_names=groups,
            where_constraints=[self._where(metric, condition, values) for condition in question.where],
            time_constraint_start=None if period is None else datetime.combine(period.start, time()),
            time_constraint_end=None if period is None else datetime.combine(period.end, time()),
        )
        try:
            statement = self._engine.explain(request).sql_statement.without_descriptions.sql
        except InvalidQueryException as error:
            raise MetricError(f"{metric.name} cannot be answered so: {error}") from error
        return Statement(_with_values(statement, values), groups)

    def _column(self, metric: Metric, name: str) -> str:
        return f"metric_time__{name}" if name in PERIODS else self.dimensions(metric.name)[name]

    def _find_dimensions(self, metric: str) -> dict[str, str]:
        """By name the nearest; one that is declared hidden is left out."""
        hidden = self.declarations.hidden_dimensions()
        found: dict[str, str] = {}
        dimensions = self._engine.simple_dimensions_for_metrics([metric])
        for dimension in sorted(
            dimensions, key=lambda dimension: (len(dimension.entity_links), dimension.dunder_name)
        ):
            if dimension.type is DimensionType.CATEGORICAL and dimension.name not in hidden:
                found.setdefault(dimension.name, dimension.dunder_name)
        return dict(sorted(found.items()))

    def _check(self, metric: Metric, question: Question) -> None:
        if metric.only_by and question.time not in metric.only_by:
            raise MetricError(
                f"{metric.name} is answered only by {' or '.join(metric.only_by)}: {metric.reason}; "
                f"add --by {metric.only_by[0]}"
            )
        if metric.kind == "cumulative" and question.period is None:
            raise MetricError(
                f"{metric.name} is a running figure and needs a period: add --last, or --from and --to"
            )
        for name in (*question.by, *(condition.dimension for condition in question.where)):
            if name not in PERIODS and name not in self.dimensions(metric.name):
                raise MetricError(self._unknown(metric, name))
        for condition in question.where:
            if condition.dimension in PERIODS:
                raise MetricError("--where takes dimensions; a period is given by --last, --from and --to")

    def _unknown(self, metric: Metric, name: str) -> str:
        others = [other for other in self.declarations.metrics if name in self.dimensions(other)]
        theirs = ", ".join((*PERIODS, *self.dimensions(metric.name)))
        if not others:
            return f"there is no dimension {name}; {metric.name} has {theirs}"
        return f"{metric.name} has no dimension {name}, but {', '.join(others)} have; its own are {theirs}"

    def _where(self, metric: Metric, condition: Condition, values: list[str]) -> str:
        """The condition with a placeholder for each value, as MetricFlow reads filters as templates."""
        *path, entity, dimension = self.dimensions(metric.name)[condition.dimension].split("__")
        column = f"{{{{ Dimension('{entity}__{dimension}', entity_path={path}) }}}}"
        given = [value for value in condition.values if value]
        placeholders = []
        for value in given:
            placeholders.append(f"'{_placeholder(len(values))}'")
            values.append(value)
        parts = [f"{column} in ({', '.join(placeholders)})"] if given else []
        parts += [f"{column} is null"] if "" in condition.values else []
        found = f"coalesce({' or '.join(parts)}, false)"
        return f"not {found}" if condition.is_negated else found

    @staticmethod
    def _adapt(manifest: PydanticSemanticManifest, engine: Engine) -> None:
        """Tables by schema and name, and money divided exactly instead of as a floating-point number."""
        relations = [model.node_relation for model in manifest.semantic_models]
        relations += [spine.node_relation for spine in manifest.project_configuration.time_spines]
        for relation in relations:
            relation.relation_name = f"{relation.schema_name}.{relation.alias}"
        for metric in manifest.metrics:
            if (
                metric.type is MetricType.RATIO
                and metric.config
                and metric.config.meta.get("unit") == "money"
            ):
                _divide_exactly(metric, engine)


def _divide_exactly(metric: PydanticMetric, engine: Engine) -> None:
    amount, count = metric.type_params.numerator, metric.type_params.denominator
    assert amount is not None and count is not None
    inputs = [_named(amount), _named(count)]
    metric.type = MetricType.DERIVED
    metric.type_params.metrics = inputs
    metric.type_params.expr = engine.money_per.format(amount=inputs[0].alias, count=inputs[1].alias)
    metric.type_params.numerator = metric.type_params.denominator = None


def _named(given: PydanticMetricInput) -> PydanticMetricInput:
    named: PydanticMetricInput = given.copy(update={"alias": given.alias or given.name})
    return named


def _placeholder(number: int) -> str:
    return f"value {number} of the question"


def _with_values(statement: str, values: list[str]) -> str:
    """The values in place of their placeholders; both engines read a backslash in a literal."""
    for number, value in enumerate(values):
        literal = value.replace("\\", "\\\\").replace("'", "\\'")
        statement = statement.replace(f"'{_placeholder(number)}'", f"'{literal}'")
    return statement
