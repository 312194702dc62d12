"""The crowd: as many visits at a time as it takes for the stated rate of events.

A visit that ends makes room for the next, and at the beginning visits are at every stage: so the rate holds
from the first second on, whatever the length of visits. With too few people for the rate, they click faster.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator import network, parameters
from simulator.live.decisions.paths import (
    OUTCOMES,
    Path,
    draw_paths,
    outcome_rates,
)
from simulator.live.decisions.population import GUEST_BUYER_RATE, Population
from simulator.live.decisions.stage import PER_MILLE, Stage
from simulator.live.decisions.visit import (
    Clicks,
    Visit,
    Visitor,
    stranger,
    visitor_of,
)
from simulator.live.scenarios import Scenario
from simulator.randomness import Choice, Dice, Quantiles
from simulator.world import names

ONLINE_AT_MOST = 0.2
"""Of all people at a time."""
PER_MILLION = 1_000_000
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)
_BOT_PATH = ("session_start", *["product_view"] * (parameters.BOT_EVENTS - 1))
BOT_EVENT_RATE = parameters.BOT_SESSION_RATE * parameters.BOT_EVENTS / parameters.EVENTS_PER_SESSION
"""Of all events."""


class Crowd:
    """Everybody on the site."""

    def __init__(
        self, stage: Stage, population: Population, clicks: Clicks, rate: float, base: Scenario
    ) -> None:
        self._stage, self._population, self._clicks = stage, population, clicks
        self._dice = stage.dice("crowd")
        self._paths = draw_paths(stage.dice("paths"))
        self._base = self._scenario = base
        self._rate = rate
        self._present: dict[int, Visit] = {}
        self._between = 0
        self._numbers = 0
        people_rate = rate * (1 - BOT_EVENT_RATE)
        signed_in = 1 - parameters.ANONYMOUS_SESSION_RATE
        self.seconds_between_clicks = min(
            parameters.MEAN_SECONDS_BETWEEN_EVENTS,
            ONLINE_AT_MOST * len(population) / (people_rate * signed_in * base.visit_factor),
        )
        self._gaps = _length_biased(stage.dice("gaps"))

    @property
    def pace(self) -> float:
        """How long people take between clicks, relative to life; less than 1 where there are too few."""
        return self.seconds_between_clicks / parameters.MEAN_SECONDS_BETWEEN_EVENTS

    @property
    def size(self) -> int:
        """Visits under way, between two of which another may be about to begin."""
        return len(self._present) + self._between

    def switch(self, scenario: Scenario) -> None:
        """From now on people behave as in this scenario, also those who are here."""
        self._scenario = scenario
        for visit in list(self._present.values()):
            self._change_mind(visit)
        wanted = self._wanted_size()
        here = sorted(self._present, key=lambda _: self._dice.bits())
        for key in here[: max(0, self.size - wanted)]:
            self._end(self._present[key])
        for _ in range(wanted - self.size):
            self._join_under_way()

    def let_bots_come(self) -> None:
        """Begin the endless row of bots."""
        per_second = self._rate * BOT_EVENT_RATE / parameters.BOT_EVENTS
        self._stage.timeline.after(self._gap(1 / per_second), self._bot)

    def send(self, visit: Visit, seconds_between: float) -> None:
        """A visit that somebody has planned; it belongs to nobody's place in the crowd."""
        self._clicks.go_on(visit)
        if visit.is_over:
            return
        wait = self._gap(seconds_between)
        self._stage.timeline.after(wait, partial(self.send, visit, seconds_between))

    def _wanted_size(self) -> int:
        ordinary = self._paths.mean_events(self._base.conversion_factor) * self._base.visit_factor
        now = self._paths.mean_events(self._scenario.conversion_factor) * self._scenario.visit_factor
        people_rate = self._rate * (1 - BOT_EVENT_RATE) * now / ordinary
        return max(1, round(people_rate * self.seconds_between_clicks))

    def _join_under_way(self) -> None:
        """Somebody who has been here for a while: long visits are met under way more often."""
        visit = self._new_visit(self._paths.met_rates(self._scenario.conversion_factor), self._paths.meet)
        visit.position = self._dice.below(len(visit.path))
        self._enter(visit, self._gap_left())

    def _arrive(self) -> None:
        self._between -= 1
        rates = outcome_rates(self._scenario.conversion_factor)
        self._enter(self._new_visit(rates, self._paths.pick), 0.0)

    def _enter(self, visit: Visit, seconds: float) -> None:
        self._present[id(visit)] = visit
        self._stage.timeline.after(seconds, partial(self._go_on, visit))

    def _go_on(self, visit: Visit) -> None:
        if visit.has_left:
            return
        self._clicks.go_on(visit)
        wait = self._gap(self.seconds_between_clicks)
        if not visit.is_over:
            self._stage.timeline.after(wait, partial(self._go_on, visit))
            return
        self._end(visit)
        if self.size < self._wanted_size():
            self._between += 1
            self._stage.timeline.after(wait, self._arrive)

    def _end(self, visit: Visit) -> None:
        self._clicks.leave(visit)
        self._present.pop(id(visit), None)

    def _change_mind(self, visit: Visit) -> None:
        """Who is out to buy under the new scenario does so; others go any other way."""
        factor, person = self._scenario.conversion_factor, visit.visitor.person
        buys = person is not None and self._population.wants_to_buy(person, self._stage.now, factor)
        met = self._paths.met_rates(factor)
        outcome = (
            "buy" if buys else _draw({name: met[name] for name in OUTCOMES if name != "buy"}, self._dice)
        )
        visit.path = self._paths.meet(outcome, self._dice)
        visit.position = self._dice.below(len(visit.path))

    def _new_visit(self, rates: dict[str, float], path: Callable[[str, Dice], Path]) -> Visit:
        outcome = _draw(rates, self._dice)
        campaigns = self._stage.shop.running_campaigns(self._stage.now)
        led = bool(campaigns) and self._dice.happens(self._scenario.attributed_rate)
        campaign = campaigns[self._dice.below(len(campaigns))] if led else None
        if campaign is not None:
            campaign.visits += 1
        organic = names.ORGANIC_REFERRERS[self._dice.below(len(names.ORGANIC_REFERRERS))]
        return Visit(
            session_id=self._stage.new_session_id(self._dice),
            visitor=self._visitor(outcome == "buy"),
            path=path(outcome, self._dice),
            campaign=campaign,
            referrer=campaign.referrer if campaign else organic,
        )

    def _visitor(self, buys: bool) -> Visitor:
        """Buyers are known, or become guests at the checkout; of the others some are not signed in."""
        stage, factor = self._stage, self._scenario.conversion_factor
        unknown_rate = GUEST_BUYER_RATE if buys else parameters.ANONYMOUS_SESSION_RATE
        person = None
        if not self._dice.happens(unknown_rate):
            person = self._population.somebody(stage.now, self._dice, buys, factor)
        if person is not None:
            person.is_online = True
            return visitor_of(person)
        country = self._population.country(stage.now, self._dice)
        return stranger(self._stranger(), country, self._dice)

    def _bot(self) -> None:
        country = self._population.country(self._stage.now, self._dice)
        visitor = stranger(self._stranger(), country, self._dice, is_bot=True)
        pace = min(1.0, self.pace)
        self.send(
            Visit(self._stage.new_session_id(self._dice), visitor, _BOT_PATH),
            parameters.BOT_SECONDS_BETWEEN_EVENTS * pace,
        )
        self.let_bots_come()

    def _stranger(self) -> int:
        """The number of somebody who has not been here in this run, and is no account."""
        self._numbers += 1
        return network.FIRST_LIVE_STRANGER + self._stage.seed * 1_000_003 + self._numbers

    def _gap(self, mean: float) -> float:
        return mean * self._dice.draw(_MILD) / PER_MILLE

    def _gap_left(self) -> float:
        """What is left of a gap that has begun some time ago."""
        gap = self._gaps[self._dice.below(len(self._gaps))]
        return self.seconds_between_clicks * gap * self._dice.below(PER_MILLE) / PER_MILLE


def _length_biased(dice: Dice) -> list[float]:
    """Gaps relative to the mean as somebody meets them who comes at any time: the long ones more often."""
    drawn = [dice.draw(_MILD) for _ in range(2_000)]
    choice = Choice(drawn)
    return [drawn[dice.choose(choice)] / PER_MILLE for _ in range(2_000)]


def _draw(rates: dict[str, float], dice: Dice) -> str:
    """One of the names, in proportion to their rates."""
    place = dice.below(PER_MILLION) / PER_MILLION * sum(rates.values())
    for name, rate in rates.items():
        place -= rate
        if place < 0:
            return name
    return next(iter(rates))
