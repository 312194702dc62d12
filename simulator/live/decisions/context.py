"""What all parts of the engine share: the shop, the scheduler, random streams and the output."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulator.live.decisions.output import NewId, Output
from simulator.live.decisions.scheduler import Action, Scheduler
from simulator.live.decisions.shop import Shop
from simulator.randomness import ScalarStream
from simulator.rules.waiting import SPREAD, Wait

SECONDS_PER_HOUR = 3_600
PER_MILLE = 1_000


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

    def draw_wait(self, wait: Wait, rng: ScalarStream) -> int:
        """A random waiting time in simulated seconds."""
        return wait.seconds(rng.draw(SPREAD))

    def real_time(self, simulated_seconds: float) -> timedelta:
        """The real duration of simulated seconds."""
        return timedelta(seconds=simulated_seconds / self.speed_up)

    def after(self, simulated_seconds: float, action: Action) -> None:
        """Schedule an action after this many simulated seconds."""
        self.scheduler.after(simulated_seconds / self.speed_up, action)

    def write(self, record: object) -> None:
        """Add a record to the output."""
        self.output.records.append(record)

    def take_output(self) -> Output:
        """The output collected so far; starts an empty one."""
        collected, self.output = self.output, Output()
        return collected
