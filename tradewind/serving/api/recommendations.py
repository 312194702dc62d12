"""Products recommended to an account, after a product, or in a visit that goes on now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from tradewind.ml import outputs
from tradewind.ml.outputs import Output
from tradewind.serving.api.answers import Envelope
from tradewind.serving.api.freshness import State
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.warehouse import Warehouse

MISSING = (
    "there are no recommendations yet: run `tradewind ml train recommendations`, "
    "then `tradewind ml predict recommendations`"
)
VISIT = "select recent_product_ids from rt.rt_user_activity where session_id = {id:String}"
LISTS = """\
select {key}, model_version, recommended_on, made_at, recommended_product_ids, scores
from {table}
where {key} in {{ids:Array(Int64)}} and recommended_on = (select max(recommended_on) from {table})"""
LONGEST_ID = 18
"""Digits that always fit a 64-bit number."""
PRODUCTS = """\
select product_id, product_name, department, category
from cdm.dim_product
where product_id in {ids:Array(Int64)}"""


class Kind(StrEnum):
    """For whom or what."""

    USER = "user"
    SESSION = "session"
    PRODUCT = "product"

    @property
    def has_people(self) -> bool:
        """Whether the answer is of a single person."""
        return self is not Kind.PRODUCT


class RecommendedProduct(BaseModel):
    """A product, the best first."""

    product_id: int = Field(examples=[17])
    product_name: str | None = Field(examples=["Oolong tea, 200 g"])
    department: str | None = Field(examples=["Home"])
    category: str | None = Field(examples=["Kitchen"])
    score: float = Field(
        description="Sum of recency x likeness; compare products of one answer only.", examples=[0.82]
    )


class Recommendations(Envelope):
    """Up to ten products that were in stock at the last run."""

    kind: Kind
    id: str = Field(description="The account, visit or product that was asked for.", examples=["17"])
    based_on_product_id: int | None = Field(
        description="The product whose list it is: of a visit, the last one it looked at that has a list.",
        examples=[17],
    )
    model_version: str = Field(examples=["20261130T023000"])
    recommended_on: date = Field(description="Last day of the orders that it was made from.")
    data: list[RecommendedProduct]


@dataclass(frozen=True)
class Recommender:
    """Reads the lists of the last run."""

    warehouse: Warehouse
    time_zone: str

    async def answer(self, kind: Kind, given: str, state: State) -> bytes:
        """The answer as JSON; Problem 404 if there is none, 422 for what cannot be an id."""
        key, found = await FIND[kind](self, given)
        names = await self._products(found["recommended_product_ids"])
        answer = Recommendations(
            as_of=found["made_at"],
            is_stale=state.is_stale,
            currency=state.currency,
            time_zone=self.time_zone,
            kind=kind,
            id=given,
            based_on_product_id=key if kind is not Kind.USER else None,
            model_version=found["model_version"],
            recommended_on=found["recommended_on"],
            data=[
                RecommendedProduct(**(names.get(product) or unnamed(product)), score=score)
                for product, score in zip(found["recommended_product_ids"], found["scores"], strict=True)
            ],
        )
        return answer.model_dump_json().encode()

    async def of_user(self, given: str) -> tuple[int, dict[str, Any]]:
        """The account's list."""
        key = number(given)
        return key, await self._only(outputs.USER_RECOMMENDATIONS, "user_id", key)

    async def of_product(self, given: str) -> tuple[int, dict[str, Any]]:
        """The product's list."""
        key = number(given)
        return key, await self._only(outputs.PRODUCT_RECOMMENDATIONS, "product_id", key)

    async def of_session(self, given: str) -> tuple[int, dict[str, Any]]:
        """The list of the last product that a visit of the last half hour looked at, if it has one."""
        visits = await self.warehouse.query(VISIT, {"id": given})
        if not visits:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                f"session {given} is not the latest visit of an account in the last half hour",
            )
        seen = visits[0]["recent_product_ids"]
        lists = await self._lists(outputs.PRODUCT_RECOMMENDATIONS, "product_id", seen)
        for product in seen:
            if product in lists and lists[product]["recommended_product_ids"]:
                return product, lists[product]
        raise Problem(HTTPStatus.NOT_FOUND, f"no product that session {given} looked at has recommendations")

    async def _only(self, output: Output, column: str, key: int) -> dict[str, Any]:
        lists = await self._lists(output, column, [key])
        if key not in lists:
            raise Problem(
                HTTPStatus.NOT_FOUND,
                f"the last run made no recommendations for {column} {key}, which had no orders",
            )
        return lists[key]

    async def _lists(self, output: Output, column: str, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
        statement = LISTS.format(key=column, table=output.name)
        rows = await self.warehouse.query(statement, {"ids": list(keys)}, {output.name: MISSING})
        return {row[column]: row for row in rows}

    async def _products(self, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
        rows = await self.warehouse.query(PRODUCTS, {"ids": list(keys)})
        return {row["product_id"]: row for row in rows}


FIND: dict[Kind, Callable[[Recommender, str], Awaitable[tuple[int, dict[str, Any]]]]] = {
    Kind.USER: Recommender.of_user,
    Kind.SESSION: Recommender.of_session,
    Kind.PRODUCT: Recommender.of_product,
}


def number(given: str) -> int:
    """The id of an account or product; Problem 422 for anything else."""
    if given.isascii() and given.isdigit() and len(given) <= LONGEST_ID:
        return int(given)
    raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"id: {given[:40]!r} is not a number")


def unnamed(product: int) -> dict[str, Any]:
    """A product that the dimension no longer has."""
    return {"product_id": product, "product_name": None, "department": None, "category": None}
