"""What all parts of the engine share: the shop, the scheduler, random streams and the output."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator import parameters
from simulator.live.decisions.output import NewId, Output
from simulator.live.decisions.scheduler import Action, Scheduler
from simulator.live.decisions.shop import Shop
from simulator.randomness import Quantiles, ScalarStream

SECONDS_PER_HOUR = 3_600
PER_MILLE = 1_000
_MILD = Quantiles(parameters.MILD_QUANTILES_PER_MILLE)


@dataclass
class RunContext:
    """The state of one run. `speed_up` is how many times faster than real time orders and supplies move."""

    shop: Shop
    scheduler: Scheduler
    new_id: NewId
    seed: int
    speed_up: float
    output: Output = field(default_factory=Output)

    @property
    def now(self) -> datetime:
        """The run's current time."""
        return self.scheduler.instant

    def new_session_id(self, rng: ScalarStream) -> str:
        """A session identifier that is unique across runs, also of the same seed."""
        return f"{int(self.scheduler.start.timestamp()):08x}{rng.bits():016x}"

    def rng(self, name: str) -> ScalarStream:
        """The random stream of one part."""
        return ScalarStream(self.seed, "live", name)

    def draw_hours(self, mean: float, rng: ScalarStream) -> float:
        """A random waiting time with this mean, in simulated hours."""
        return mean * rng.draw(_MILD) / PER_MILLE

    def run_time(self, hours: float) -> timedelta:
        """The real duration of simulated hours."""
        return timedelta(hours=hours / self.speed_up)

    def after_hours(self, hours: float, action: Action) -> None:
        """Schedule an action after this many simulated hours."""
        self.scheduler.after(hours * SECONDS_PER_HOUR / self.speed_up, action)

    def write(self, record: object) -> None:
        """Add a record to the output."""
        self.output.records.append(record)

    def take_output(self) -> Output:
        """The output collected so far; starts an empty one."""
        collected, self.output = self.output, Output()
        return collected
