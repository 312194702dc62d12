"""Scenarios, and the syntax of durations and schedules."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from simulator import parameters


class ScenarioError(ValueError):
    """The request is not valid; the message says what would be."""


@dataclass(frozen=True)
class Scenario:
    """How a scenario differs from an ordinary day."""

    name: str
    visit_factor: float = 1.0
    """Times the visits per second of an ordinary day."""
    conversion_factor: float = 1.0
    """Times the share of visits that end in an order."""
    has_flash_sale: bool = False
    """Starts flash sales of popular SKUs when it begins."""
    has_promotion: bool = False
    """Issues a voucher per currency when it begins."""
    voucher_rate: float = parameters.VOUCHER_TAKE_RATE
    """Share of the orders to which a voucher applies that use it."""
    attributed_rate: float = parameters.ATTRIBUTED_RATE
    """Share of visits attributed to a campaign."""
    growth_factor: float = 1.0
    """Times the registrations per hour."""
    attacks_per_order: float = parameters.ANOMALY_RATE
    """Fraud attacks started per ordinary order."""
    opens_with_attacks: bool = False
    """Whether one attack of each kind starts with the scenario."""


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("NormalDay"),
        Scenario("FlashSale", visit_factor=2.0, conversion_factor=2.5, has_flash_sale=True),
        Scenario("FraudAttack", attacks_per_order=0.04, opens_with_attacks=True),
        Scenario(
            "PromotionBlast",
            visit_factor=1.6,
            conversion_factor=1.4,
            has_promotion=True,
            voucher_rate=0.70,
            attributed_rate=0.75,
            growth_factor=5.0,
        ),
    )
}

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhd])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_ENTRY = re.compile(r"(?P<name>\w+)@(?P<start>[^+]+)\+(?P<length>.+)")


@dataclass(frozen=True)
class Slot:
    """A scenario within a run, in seconds since its beginning."""

    scenario: Scenario
    starts: float
    ends: float


def find_scenario(name: str) -> Scenario:
    """The scenario of that name; ScenarioError lists the valid names."""
    if name not in SCENARIOS:
        raise ScenarioError(f"there is no scenario '{name}'; there are {', '.join(SCENARIOS)}")
    return SCENARIOS[name]


def parse_duration(text: str, what: str = "duration") -> float:
    """`90s`, `10m`, `1h30m`, `2d` or plain seconds, as seconds; ScenarioError unless it is more than 0."""
    words = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", words):
        found = float(words)
    elif _DURATION.fullmatch(words):
        found = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(words))
    else:
        raise ScenarioError(f"{what} '{text}' is not valid; write it like 90s, 10m or 1h30m")
    if found <= 0:
        raise ScenarioError(f"{what} '{text}' must be more than 0")
    return found


def parse_schedule(text: str, duration: float | None = None) -> tuple[Slot, ...]:
    """`FlashSale@2m+30s,FraudAttack@5m+1m`: scenarios with their start and length, sorted by time.

    ScenarioError for an unknown scenario, an invalid time, an overlap, or an end after the run's.
    """
    slots = sorted((_slot(entry) for entry in text.split(",") if entry.strip()), key=lambda slot: slot.starts)
    for before, after in itertools.pairwise(slots):
        if after.starts < before.ends:
            raise ScenarioError(
                f"in the schedule, {after.scenario.name} begins before {before.scenario.name} has ended; "
                "let one end before the next begins"
            )
    if slots and duration is not None and slots[-1].ends > duration:
        raise ScenarioError(
            f"in the schedule, {slots[-1].scenario.name} ends after {slots[-1].ends:g} s, "
            f"but the run already after {duration:g} s; give a longer --duration"
        )
    return tuple(slots)


def _slot(entry: str) -> Slot:
    match = _ENTRY.fullmatch(entry.strip())
    if match is None:
        raise ScenarioError(
            f"schedule entry '{entry.strip()}' is not SCENARIO@START+LENGTH; write it like FlashSale@2m+30s"
        )
    start = match["start"].strip()
    starts = 0.0 if re.fullmatch(r"0[smhd]?", start) else parse_duration(start, "start")
    return Slot(find_scenario(match["name"]), starts, starts + parse_duration(match["length"], "length"))
