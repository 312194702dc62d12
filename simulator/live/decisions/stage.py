"""What every part of the engine works with: the shop, the clock, where to put results, and chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator import parameters
from simulator.live.decisions.output import NewId, Output
from simulator.live.decisions.shop import Shop
from simulator.live.decisions.timeline import Action, Timeline
from simulator.randomness import Dice, Quantiles

SECONDS_PER_HOUR = 3_600
PER_MILLE = 1_000
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


@dataclass
class Stage:
    """One run's common things. `speed_up`: how many times faster than in life orders and supplies move."""

    shop: Shop
    timeline: Timeline
    new_id: NewId
    seed: int
    speed_up: float
    output: Output = field(default_factory=Output)

    @property
    def now(self) -> datetime:
        """The run's current time."""
        return self.timeline.instant

    def new_session_id(self, dice: Dice) -> str:
        """One that no other run makes, not even with the same seed."""
        return f"{int(self.timeline.start.timestamp()):08x}{dice.bits():016x}"

    def dice(self, name: str) -> Dice:
        """Chance of its own for one part."""
        return Dice(self.seed, "live", name)

    def hours(self, mean: float, dice: Dice) -> float:
        """A waiting time around a mean, in hours of life."""
        return mean * dice.draw(_MILD) / PER_MILLE

    def sped_up(self, hours: float) -> timedelta:
        """How long hours of life take in this run."""
        return timedelta(hours=hours / self.speed_up)

    def later(self, hours: float, action: Action) -> None:
        """Let something happen after so many hours of life."""
        self.timeline.after(hours * SECONDS_PER_HOUR / self.speed_up, action)

    def write(self, record: object) -> None:
        """Have a record written."""
        self.output.records.append(record)

    def taken(self) -> Output:
        """What has been collected, leaving nothing."""
        collected, self.output = self.output, Output()
        return collected
