"""The visits in progress: as many at a time as the stated rate of events needs.

A visit that ends is replaced by a new one, and a run starts with visits at every stage, so the rate holds
from the first second on. With too few people for the rate, visitors click faster.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator import network, parameters
from simulator.live.decisions.context import PER_MILLE, RunContext
from simulator.live.decisions.paths import (
    OUTCOMES,
    Path,
    draw_paths,
    outcome_rates,
)
from simulator.live.decisions.population import GUEST_BUYER_RATE, Population
from simulator.live.decisions.visit import (
    Clicks,
    Visit,
    Visitor,
    anonymous_visitor,
    visitor_from,
)
from simulator.live.scenarios import Scenario
from simulator.randomness import Choice, Quantiles, ScalarStream
from simulator.world import names

MAX_ONLINE_RATE = 0.2
"""Of all people, visiting at the same time."""
PER_MILLION = 1_000_000
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_BOT_PATH = ("session_start", *["product_view"] * (parameters.BOT_EVENTS - 1))
BOT_EVENT_RATE = parameters.BOT_SESSION_RATE * parameters.BOT_EVENTS / parameters.EVENTS_PER_SESSION
"""Of all events."""


class VisitorPool:
    """All visits in progress."""

    def __init__(
        self, run: RunContext, population: Population, clicks: Clicks, rate: float, base: Scenario
    ) -> None:
        self._run, self._population, self._clicks = run, population, clicks
        self._rng = run.rng("crowd")
        self._paths = draw_paths(run.rng("paths"))
        self._base = self._scenario = base
        self._rate = rate
        self._active: dict[int, Visit] = {}
        self._pending_starts = 0
        self._anonymous_count = 0
        people_rate = rate * (1 - BOT_EVENT_RATE)
        signed_in = 1 - parameters.ANONYMOUS_SESSION_RATE
        self.seconds_between_clicks = min(
            parameters.MEAN_SECONDS_BETWEEN_EVENTS,
            MAX_ONLINE_RATE * len(population) / (people_rate * signed_in * base.visit_factor),
        )
        self._gaps = _length_biased(run.rng("gaps"))

    @property
    def time_scale(self) -> float:
        """Time between clicks relative to the stated mean; less than 1 with too few people for the rate."""
        return self.seconds_between_clicks / parameters.MEAN_SECONDS_BETWEEN_EVENTS

    @property
    def size(self) -> int:
        """Number of visits in progress or about to start."""
        return len(self._active) + self._pending_starts

    def switch(self, scenario: Scenario) -> None:
        """Behave as in this scenario from now on, visits in progress included."""
        self._scenario = scenario
        for visit in list(self._active.values()):
            self._redraw_path(visit)
        wanted = self._wanted_size()
        here = sorted(self._active, key=lambda _: self._rng.bits())
        for key in here[: max(0, self.size - wanted)]:
            self._end(self._active[key])
        for _ in range(wanted - self.size):
            self._add_visit_in_progress()

    def schedule_bots(self) -> None:
        """Schedule the next bot's visit; each one schedules the next."""
        per_second = self._rate * BOT_EVENT_RATE / parameters.BOT_EVENTS
        self._run.scheduler.after(self._gap(1 / per_second), self._bot)

    def run_visit(self, visit: Visit, seconds_between: float) -> None:
        """Run a visit outside the pool: a bot's or an attacker's."""
        self._clicks.advance(visit)
        if visit.is_over:
            return
        wait = self._gap(seconds_between)
        self._run.scheduler.after(wait, partial(self.run_visit, visit, seconds_between))

    def _wanted_size(self) -> int:
        ordinary = self._paths.mean_events(self._base.conversion_factor) * self._base.visit_factor
        now = self._paths.mean_events(self._scenario.conversion_factor) * self._scenario.visit_factor
        people_rate = self._rate * (1 - BOT_EVENT_RATE) * now / ordinary
        return max(1, round(people_rate * self.seconds_between_clicks))

    def _add_visit_in_progress(self) -> None:
        """Add a visit that began earlier; long visits are more likely to be in progress at any time."""
        visit = self._new_visit(
            self._paths.in_progress_rates(self._scenario.conversion_factor), self._paths.pick_in_progress
        )
        visit.position = self._rng.below(len(visit.path))
        self._add(visit, self._residual_gap())

    def _start_visit(self) -> None:
        self._pending_starts -= 1
        rates = outcome_rates(self._scenario.conversion_factor)
        self._add(self._new_visit(rates, self._paths.pick), 0.0)

    def _add(self, visit: Visit, seconds: float) -> None:
        self._active[id(visit)] = visit
        self._run.scheduler.after(seconds, partial(self._advance, visit))

    def _advance(self, visit: Visit) -> None:
        if visit.has_left:
            return
        self._clicks.advance(visit)
        wait = self._gap(self.seconds_between_clicks)
        if not visit.is_over:
            self._run.scheduler.after(wait, partial(self._advance, visit))
            return
        self._end(visit)
        if self.size < self._wanted_size():
            self._pending_starts += 1
            self._run.scheduler.after(wait, self._start_visit)

    def _end(self, visit: Visit) -> None:
        self._clicks.leave(visit)
        self._active.pop(id(visit), None)

    def _redraw_path(self, visit: Visit) -> None:
        """Draw the rest of the visit anew: a purchase for those who buy under the new scenario."""
        factor, person = self._scenario.conversion_factor, visit.visitor.person
        is_buyer = person is not None and self._population.is_buying_today(person, self._run.now, factor)
        in_progress_rates = self._paths.in_progress_rates(factor)
        outcome = (
            "buy"
            if is_buyer
            else _draw({name: in_progress_rates[name] for name in OUTCOMES if name != "buy"}, self._rng)
        )
        visit.path = self._paths.pick_in_progress(outcome, self._rng)
        visit.position = self._rng.below(len(visit.path))

    def _new_visit(self, rates: dict[str, float], path: Callable[[str, ScalarStream], Path]) -> Visit:
        outcome = _draw(rates, self._rng)
        campaigns = self._run.shop.running_campaigns(self._run.now)
        led = bool(campaigns) and self._rng.happens(self._scenario.attributed_rate)
        campaign = campaigns[self._rng.below(len(campaigns))] if led else None
        if campaign is not None:
            campaign.visits += 1
        organic = names.ORGANIC_REFERRERS[self._rng.below(len(names.ORGANIC_REFERRERS))]
        return Visit(
            session_id=self._run.new_session_id(self._rng),
            visitor=self._visitor(outcome == "buy"),
            path=path(outcome, self._rng),
            campaign=campaign,
            referrer=campaign.referrer if campaign else organic,
        )

    def _visitor(self, is_buyer: bool) -> Visitor:
        """Buyers have an account or become guests at the checkout; some of the others are not signed in."""
        run, factor = self._run, self._scenario.conversion_factor
        unknown_rate = GUEST_BUYER_RATE if is_buyer else parameters.ANONYMOUS_SESSION_RATE
        person = None
        if not self._rng.happens(unknown_rate):
            person = self._population.random_person_who(run.now, self._rng, is_buyer, factor)
        if person is not None:
            person.is_online = True
            return visitor_from(person)
        country = self._population.visit_country(run.now, self._rng)
        return anonymous_visitor(self._next_anonymous_number(), country, self._rng)

    def _bot(self) -> None:
        country = self._population.visit_country(self._run.now, self._rng)
        visitor = anonymous_visitor(self._next_anonymous_number(), country, self._rng, is_bot=True)
        time_scale = min(1.0, self.time_scale)
        self.run_visit(
            Visit(self._run.new_session_id(self._rng), visitor, _BOT_PATH),
            parameters.BOT_SECONDS_BETWEEN_EVENTS * time_scale,
        )
        self.schedule_bots()

    def _next_anonymous_number(self) -> int:
        """A number for a new visitor without an account."""
        self._anonymous_count += 1
        return network.FIRST_LIVE_STRANGER + self._run.seed * 1_000_003 + self._anonymous_count

    def _gap(self, mean: float) -> float:
        return mean * self._rng.draw(_MILD) / PER_MILLE

    def _residual_gap(self) -> float:
        """The rest of a gap that has already begun."""
        gap = self._gaps[self._rng.below(len(self._gaps))]
        return self.seconds_between_clicks * gap * self._rng.below(PER_MILLE) / PER_MILLE


def _length_biased(rng: ScalarStream) -> list[float]:
    """Gaps relative to the mean as found at a random time: long ones are more likely (length bias)."""
    drawn = [rng.draw(_MILD) for _ in range(2_000)]
    choice = Choice(drawn)
    return [drawn[rng.choose(choice)] / PER_MILLE for _ in range(2_000)]


def _draw(rates: dict[str, float], rng: ScalarStream) -> str:
    """A name, drawn in proportion to the rates."""
    place = rng.below(PER_MILLION) / PER_MILLION * sum(rates.values())
    for name, rate in rates.items():
        place -= rate
        if place < 0:
            return name
    return next(iter(rates))
