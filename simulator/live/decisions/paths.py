"""Paths of visits: the sequence of events from session start to the end, by outcome."""

from __future__ import annotations

from dataclasses import dataclass

from simulator import parameters
from simulator.randomness import Choice, ScalarStream

OUTCOMES = ("browse", "cart", "checkout", "buy")
"""How a visit ends."""
DRAWN_AHEAD = 1_000
PATHS_COMPARED = 4
Path = tuple[str, ...]


def outcome_rates(conversion_factor: float) -> dict[str, float]:
    """Shares of human visits by outcome; a higher conversion comes from visits that only browse."""
    buy = min(1.0, parameters.SESSION_CONVERSION_RATE * conversion_factor)
    checkout = parameters.CHECKOUT_RATE - parameters.SESSION_CONVERSION_RATE
    cart = parameters.CART_RATE - parameters.CHECKOUT_RATE
    return {"browse": 1 - buy - checkout - cart, "cart": cart, "checkout": checkout, "buy": buy}


def human_events_per_visit() -> float:
    """Mean events of a human visit, from the mean over all visits and the bots' share."""
    bots = parameters.BOT_SESSION_RATE
    return (parameters.EVENTS_PER_SESSION - bots * parameters.BOT_EVENTS) / (1 - bots)


@dataclass(frozen=True)
class Paths:
    """Precomputed paths by outcome, and their mean length in events."""

    by_outcome: dict[str, list[Path]]
    mean_length: dict[str, float]

    def pick(self, outcome: str, rng: ScalarStream) -> Path:
        """A random path."""
        return self.by_outcome[outcome][rng.below(DRAWN_AHEAD)]

    def pick_in_progress(self, outcome: str, rng: ScalarStream) -> Path:
        """A random path of a visit in progress: among a few, in proportion to their length."""
        some = [self.pick(outcome, rng) for _ in range(PATHS_COMPARED)]
        return some[rng.choose(Choice([len(path) for path in some]))]

    def in_progress_rates(self, conversion_factor: float) -> dict[str, float]:
        """Shares of the visits in progress by outcome, in proportion to their length."""
        rates = outcome_rates(conversion_factor)
        return {outcome: rate * self.mean_length[outcome] for outcome, rate in rates.items()}

    def mean_events(self, conversion_factor: float) -> float:
        """Mean events of a human visit under a conversion factor."""
        rates = outcome_rates(conversion_factor)
        return sum(rate * self.mean_length[outcome] for outcome, rate in rates.items())


def draw_paths(rng: ScalarStream) -> Paths:
    """Precompute paths of every outcome such that an ordinary day's visits have the stated mean length."""
    lines = _mean_lines()
    removed = parameters.REMOVE_FROM_CART_RATE
    extra = {"browse": 0.0, "cart": 2 * lines + removed, "checkout": 2 * lines + removed + 1}
    extra["buy"] = 2 * lines + 2
    beyond_browsing = 1 + sum(rate * extra[outcome] for outcome, rate in outcome_rates(1.0).items())
    browsing = human_events_per_visit() - beyond_browsing
    drawn = {outcome: [_path(outcome, browsing, rng) for _ in range(DRAWN_AHEAD)] for outcome in OUTCOMES}
    return Paths(drawn, {outcome: sum(map(len, paths)) / len(paths) for outcome, paths in drawn.items()})


_LINES = Choice(parameters.LINES_PER_ORDER_WEIGHTS)
_BROWSING = Choice(list(parameters.BROWSING_WEIGHTS.values()))
_BROWSING_EVENTS = tuple(parameters.BROWSING_WEIGHTS)


def _mean_lines() -> float:
    weights = parameters.LINES_PER_ORDER_WEIGHTS
    return sum(lines * weight for lines, weight in enumerate(weights, 1)) / sum(weights)


def _path(outcome: str, mean_browsing: float, rng: ScalarStream) -> Path:
    events = ["session_start", _BROWSING_EVENTS[rng.choose(_BROWSING)]]
    while rng.happens(1 - 1 / mean_browsing):
        events.append(_BROWSING_EVENTS[rng.choose(_BROWSING)])
    if outcome != "browse":
        events += ["product_view", "add_to_cart"] * (rng.choose(_LINES) + 1)
        if outcome != "buy" and rng.happens(parameters.REMOVE_FROM_CART_RATE):
            events.append("remove_from_cart")
    if outcome in ("checkout", "buy"):
        events.append("checkout_start")
    if outcome == "buy":
        events.append("purchase")
    return tuple(events)
