"""Answers from marts: the statement for a question, and its rows as a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from tradewind.serving.api.contracts import Contract
from tradewind.serving.api.freshness import State
from tradewind.serving.api.pages import CLICKHOUSE_TYPES, CursorError, after, cursor_after, key_of
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.table import Names, Table
from tradewind.stack.api_keys import ApiKey

MOST_ROWS = 1000
USUAL_ROWS = 100
Row = TypeVar("Row", bound=BaseModel)


class Envelope(BaseModel):
    """What every answer carries."""

    as_of: datetime | None = Field(
        description="Until when the figures hold: the build's start, or the last commit seen."
    )
    is_stale: bool = Field(description="The capture is behind the source, or the warehouse does not answer.")
    currency: str | None = Field(description="Currency of all amounts: the reporting currency.")
    time_zone: str = Field(description="Time zone of the shop's days; times themselves are in UTC.")


class Page(Envelope, Generic[Row]):
    """Rows of a mart."""

    data: list[Row]
    next_cursor: str | None = Field(
        None, description="Ask again with this as `cursor` for the rows that follow."
    )


class TableReader:
    """One table's questions: their parameters, statements and answers."""

    def __init__(self, table: Table, contract: Contract, time_zone: str) -> None:
        self.table = table
        self._contract = contract
        self._zone = time_zone
        self._types = {name: contract.type_of(name) for name in contract.columns}
        self.run = table.prediction.run if table.prediction else None
        self._filter_columns = (*table.filters, *([self.run] if self.run else []))
        self.row: type[BaseModel] = contract.row_model()
        self.page: type[BaseModel] = Page[self.row]  # type: ignore[name-defined]
        self.parameters = self._parameter_model()

    def statement(self, given: BaseModel, key: ApiKey) -> tuple[str, dict[str, Any]]:
        """The statement and its parameters, one row more than the page has; Problem 422 for a bad cursor."""
        asked = given.model_dump()
        conditions, values = self._filters(asked)
        if key.seller_id is not None:
            conditions.append(f"{self.table.seller} = {{own_seller:Int64}}")
            values["own_seller"] = key.seller_id
        if asked.get("cursor"):
            condition, after_values = self._after(asked["cursor"])
            conditions.append(condition)
            values |= after_values
        where = f" where {' and '.join(conditions)}" if conditions else ""
        limit = asked.get("limit", MOST_ROWS) + 1
        return self._select(where, limit), values

    def answer(self, rows: list[dict[str, Any]], given: BaseModel, state: State) -> bytes:
        """The answer as JSON."""
        limit = given.model_dump().get("limit", MOST_ROWS)
        shown, rest = rows[:limit], rows[limit:]
        page = self.page(
            as_of=self._as_of(state, shown),
            is_stale=state.is_stale,
            currency=state.currency,
            time_zone=self._zone,
            data=shown,
            next_cursor=cursor_after(self.table.order, shown[-1]) if rest else None,
        )
        return page.model_dump_json().encode()

    def version(self, state: State) -> tuple[Any, ...]:
        """What an answer is made from: with another version it is computed again."""
        return state.built_at.get(self.table.relation), state.is_stale, state.currency

    def _select(self, where: str, limit: int) -> str:
        table = self.table
        order = ", ".join(
            f"{column} desc" if table.order.is_descending else column for column in table.order.columns
        )
        columns = ", ".join(column for column in self._contract.columns if column not in table.added_columns)
        rows = f"select {columns} from {table.relation}{where} order by {order} limit {limit}"  # noqa: S608
        if not table.names:
            return rows
        joins = " ".join(_join(names, f"names_{place}") for place, names in enumerate(table.names, 1))
        return f"select {', '.join(self._contract.columns)} from ({rows}) as found {joins} order by {order}"  # noqa: S608

    def _as_of(self, state: State, rows: list[dict[str, Any]]) -> datetime | None:
        if self.table.prediction is not None:
            return max((row["made_at"] for row in rows), default=None)
        if self.table.is_live:
            return state.newest_commit_at
        return state.built_at.get(self.table.relation, state.newest_build)

    def _filters(self, asked: Mapping[str, Any]) -> tuple[list[str], dict[str, Any]]:
        conditions, values = [], {}
        for column in self._filter_columns:
            if asked.get(column) is not None:
                conditions.append(f"{column} = {{{column}:{CLICKHOUSE_TYPES[self._types[column]]}}}")
                values[column] = asked[column]
        if self.run and asked.get(self.run) is None:
            conditions.append(f"{self.run} = (select max({self.run}) from {self.table.relation})")  # noqa: S608
        if period := self.table.period:
            kind = CLICKHOUSE_TYPES[self._types[period]]
            for name, sign in (("start", ">="), ("end", "<=")):
                if asked.get(name) is not None:
                    conditions.append(f"{period} {sign} {{{name}:{kind}}}")
                    values[name] = asked[name]
        return conditions, values

    def _after(self, cursor: str) -> tuple[str, dict[str, Any]]:
        try:
            return after(self.table.order, key_of(cursor, self.table.order, self._types), self._types)
        except CursorError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from error

    def _parameter_model(self) -> type[BaseModel]:
        """The query parameters; an unknown one is refused by name."""
        fields: dict[str, Any] = {}
        for column in self._filter_columns:
            fields[column] = (
                self._types[column] | None,
                Field(None, description=f"Only rows with this {column}."),
            )
        if period := self.table.period:
            kind = self._types[period]
            fields["start"] = (
                kind | None,
                Field(None, alias="from", description=f"First {period}, included."),
            )
            fields["end"] = (kind | None, Field(None, alias="to", description=f"Last {period}, included."))
        if not self.table.is_single:
            fields["limit"] = (Annotated[int, Field(ge=1, le=MOST_ROWS)], USUAL_ROWS)
            fields["cursor"] = (str | None, Field(None, description="next_cursor of the answer before."))
        name = "".join(word.capitalize() for word in self.table.name.split("_")) + "Question"
        return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _join(names: Names, alias: str) -> str:
    """Only the key and the names: another column of the mart may be called like one of the rows."""
    key = ", ".join(names.key)
    columns = ", ".join((*names.key, *names.columns))
    return f"left join (select {columns} from {names.mart}) as {alias} using ({key})"  # noqa: S608
