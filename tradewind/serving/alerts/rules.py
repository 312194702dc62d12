"""The rules: what is watched, when it is an alert, and whom it concerns."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

DEFAULT_FILE = Path(__file__).with_name("rules.yml")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Column = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*$")]
Table = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$")]


class RulesError(ValueError):
    """The file of rules cannot be read; the message names the rule and the field."""


class Severity(StrEnum):
    """How soon somebody should look."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Strict(BaseModel):
    """Fields that are not declared are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Figure(Strict):
    """A sum over a window of a mart of minutes, or a rate of two sums."""

    table: Table
    time: Column
    """The column with the time of a row (UTC)."""
    column: Column
    per: Column | None = None
    """The column whose sum it is divided by."""
    per_at_least: float = 1
    """With a smaller divisor the rate says nothing."""
    where: dict[Column, str] = {}
    """Column -> the value that rows must have."""
    window_minutes: Annotated[int, Field(gt=0, le=7 * 24 * 60)]


class Limits(Strict):
    """When a figure is an alert: any of the limits is enough, unless all of them are asked for.

    What is usual is the median of the same window on the same weekday and at the same time of day in the
    weeks before, of which the mart must know at least three.
    """

    above: float | None = None
    below: float | None = None
    above_usual: Annotated[float, Field(gt=1)] | None = None
    """Times what is usual."""
    below_usual: Annotated[float, Field(gt=0, lt=1)] | None = None
    usual_at_least: float = 0
    """Where less is usual, nothing is compared."""
    weeks: Annotated[int, Field(ge=3, le=12)] = 4
    needs_all: bool = False
    """Whether it must be beyond every limit that is given."""

    @property
    def need_usual(self) -> bool:
        """Whether the weeks before must be read."""
        return self.above_usual is not None or self.below_usual is not None or self.usual_at_least > 0

    @model_validator(mode="after")
    def _has_a_limit(self) -> Self:
        if (self.above, self.below, self.above_usual, self.below_usual) == (None,) * 4:
            raise ValueError("needs one of above, below, above_usual and below_usual")
        return self


class Condition(Strict):
    """What a column must be; exactly one of these."""

    column: Column
    is_true: bool | None = None
    is_in: tuple[str, ...] | None = None
    below: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in ("is_true", "is_in", "below", "above") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("needs exactly one of is_true, is_in, below and above")
        return self


class Within(Strict):
    """Only rows of the last minutes."""

    column: Column
    """Their time (UTC)."""
    minutes: Annotated[int, Field(gt=0)]


class Rows(Strict):
    """Every row of a table that meets a condition is an alert of its own."""

    table: Table
    condition: Condition
    within: Within | None = None
    subject: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns that name what the alert is about."""
    value: Column
    """The column that says how bad it is."""


class Rule(Strict):
    """One rule."""

    name: Name
    description: Annotated[str, Field(min_length=1)]
    severity: Severity
    owner: Annotated[str, Field(min_length=1)]
    figure: Figure | None = None
    limits: Limits | None = None
    rows: Rows | None = None
    needs_fresh_data: bool = True
    """Whether it waits while the near-real-time marts are stale: no orders seen is not no orders."""
    for_seconds: Annotated[int, Field(ge=0)] = 10
    """How long the condition must hold before it is an alert."""
    resolved_after_seconds: Annotated[int, Field(ge=0)] = 120
    """How long it must not hold before the alert is resolved."""
    fires_without_warehouse: bool = False
    """Whether it is an alert that the warehouse does not answer."""
    is_muted: bool = False
    """Whether it is not evaluated at all."""

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        if (self.rows is None) == (self.figure is None) or (self.figure is None) != (self.limits is None):
            raise ValueError("needs either `rows`, or `figure` and `limits`")
        return self


class _File(Strict):
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two rules are called {', '.join(twice)}")
        return self


def read(path: Path = DEFAULT_FILE) -> tuple[Rule, ...]:
    """The rules of a file; RulesError names the rule and the field that is wrong."""
    try:
        content = yaml.safe_load(path.read_text())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RulesError(f"{path} cannot be read: {error}") from error
    try:
        return _File.model_validate(content).rules
    except ValidationError as error:
        raise RulesError("\n".join(_reasons(path, content, error))) from error


def _reasons(path: Path, content: object, error: ValidationError) -> list[str]:
    return [f"{path}, {_place(content, detail['loc'])}: {detail['msg']}" for detail in error.errors()]


def _place(content: object, location: tuple[int | str, ...]) -> str:
    """`rule zero_orders, limits.below` for ('rules', 3, 'limits', 'below')."""
    if len(location) < 2 or not isinstance(location[1], int):
        return ".".join(map(str, location)) or "the file"
    rules = content.get("rules", []) if isinstance(content, dict) else []
    rule = rules[location[1]] if location[1] < len(rules) else None
    name = rule.get("name") if isinstance(rule, dict) else None
    place = f"rule {name or f'number {location[1] + 1}'}"
    return ", ".join([place, ".".join(map(str, location[2:]))]) if location[2:] else place
