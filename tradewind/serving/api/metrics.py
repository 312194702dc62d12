"""Metrics by name: the registry's own answers, asked by the BI user."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from tradewind.metrics.declarations import Declarations, Metric, MetricError
from tradewind.metrics.questions import Period, Question, between, condition, groups, last
from tradewind.serving.api.answers import Envelope
from tradewind.serving.api.freshness import State
from tradewind.serving.api.problems import Problem
from tradewind.warehouse.client import connect

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from tradewind.metrics.compiler import Compiler


class MetricDeclaration(BaseModel):
    """A metric that can be asked for."""

    name: str
    label: str
    description: str
    unit: str
    is_additive: bool
    synonyms: list[str]


class MetricQuestion(BaseModel):
    """How a metric is split and restricted."""

    model_config = ConfigDict(extra="forbid")

    by: str | None = Field(None, description="Groups, such as `day,channel`.", examples=["day,channel"])
    last: str | None = Field(None, description="A period that ends today: `30d`, `4w`, `3m`, `1y`.")
    start: date | None = Field(None, alias="from", description="First day, included.")
    end: date | None = Field(None, alias="to", description="Last day, included; today without it.")
    where: list[str] = Field([], description="Only these, such as `channel=website,shopee`; repeatable.")
    top: int | None = Field(None, ge=1, description="Only so many rows, those with the greatest values.")
    compare: Literal["previous", "year"] | None = Field(None, description="Beside it an earlier period.")


class MetricAnswer(Envelope):
    """A metric's values by group."""

    metric: str
    unit: str
    columns: list[str]
    data: list[list[Decimal | int | float | date | str | None]]


Asked = Annotated[MetricQuestion, Query()]


class Metrics:
    """Answers metrics in a thread of their own: one statement is compiled at a time."""

    def __init__(
        self, declared: Declarations, compiler: Callable[[], Compiler], url: str, today: Callable[[], date]
    ):
        """`compiler` is made at the first question, since it loads for a second."""
        self.declared, self.today = declared, today
        self._make_compiler, self._url = compiler, url
        self._compiler: Compiler | None = None
        self._client: Client | None = None
        self._thread = ThreadPoolExecutor(1, "metrics")

    def all(self) -> list[MetricDeclaration]:
        """Every metric."""
        return [
            MetricDeclaration(
                name=metric.name,
                label=metric.label,
                description=metric.description,
                unit=metric.unit,
                is_additive=metric.is_additive,
                synonyms=list(metric.synonyms),
            )
            for metric in self.declared.metrics.values()
        ]

    def metric(self, name: str) -> Metric:
        """The metric; Problem 404 with similar names."""
        try:
            return self.declared.metric(name)
        except MetricError as error:
            raise Problem(HTTPStatus.NOT_FOUND, str(error)) from error

    async def answer(self, name: str, asked: MetricQuestion, state: State, time_zone: str) -> bytes:
        """The answer as JSON."""
        columns, rows = await self.values(name, asked)
        answer = MetricAnswer(
            as_of=state.newest_build,
            is_stale=state.is_stale,
            currency=state.currency,
            time_zone=time_zone,
            metric=name,
            unit=self.metric(name).unit,
            columns=columns,
            data=rows,
        )
        return answer.model_dump_json().encode()

    async def values(self, name: str, asked: MetricQuestion) -> tuple[list[str], list[list[Any]]]:
        """Columns and rows; Problem 422 for what would be wrong."""
        self.metric(name)
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._answer, name, asked)
        except MetricError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error

    def _answer(self, name: str, asked: MetricQuestion) -> tuple[list[str], list[list[Any]]]:
        from tradewind.metrics import answers

        compiler = self._compiler = self._compiler or self._make_compiler()
        conditions = tuple(condition(text) for text in asked.where)
        question = Question(name, groups([asked.by] if asked.by else ()), conditions, self._period(asked))
        client = self._client = self._client or connect(self._url)
        if asked.compare:
            found = answers.compared(client, compiler, question, asked.compare)
        else:
            found = answers.answer(client, compiler, question)
        rows = found.greatest(asked.top) if asked.top else found.rows
        return list(found.columns), [list(row) for row in rows]

    def _period(self, asked: MetricQuestion) -> Period | None:
        if asked.last is not None and asked.start is not None:
            raise MetricError("`last` and `from` exclude each other; give one of them")
        if asked.last is not None:
            return last(asked.last, asked.end or self.today())
        if asked.start is not None:
            return between(asked.start, asked.end or self.today())
        if asked.end is not None:
            raise MetricError("`to` needs `from` or `last`: where does the period begin?")
        return None
