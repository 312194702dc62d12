"""The request for a run: validated, turned into a plan, and saved for the supervised service."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from simulator.live.decisions.engine import Plan
from simulator.live.scenarios import ScenarioError, find_scenario, parse_duration, parse_schedule
from simulator.parameters import SIZES
from tradewind.settings import SimulationSettings

FILE_NAME = "plan.json"


@dataclass(frozen=True)
class RunRequest:
    """A run as requested; None takes the setting, or no limit."""

    scenario: str = "NormalDay"
    rate: float | None = None
    duration: str | None = None
    users: int | None = None
    user_growth: float | None = None
    speed_up: float = 1_440.0
    schedule: str = ""
    seed: int | None = None
    history: str | None = None
    """Size of the history with which the service fills an empty shop."""

    def plan(self, settings: SimulationSettings) -> Plan:
        """The validated plan; ScenarioError says in one line what is wrong."""
        duration = None if self.duration is None else parse_duration(self.duration)
        if self.history is not None and self.history not in SIZES:
            raise ScenarioError(f"a history is {', '.join(SIZES)}, not {self.history!r}")
        return Plan(
            base=find_scenario(self.scenario),
            rate=_positive(
                "rate", settings.events_per_second if self.rate is None else self.rate, "events/s"
            ),
            seed=time.time_ns() % 2**31 if self.seed is None else self.seed,
            users=_users(settings.num_users if self.users is None else self.users),
            growth_per_hour=_not_negative(
                "user growth", settings.user_growth_rate if self.user_growth is None else self.user_growth
            ),
            speed_up=_positive("speed-up", self.speed_up, "times"),
            duration=duration,
            slots=parse_schedule(self.schedule, duration),
        )

    def save(self, folder: Path) -> bool:
        """Save the request for the supervised service; whether it differs from the saved one."""
        path, text = folder / FILE_NAME, json.dumps(asdict(self), indent=2) + "\n"
        if path.exists() and path.read_text() == text:
            return False
        path.write_text(text)
        return True


def load_request(folder: Path) -> RunRequest:
    """The saved request; the default one if none was saved."""
    path = folder / FILE_NAME
    try:
        return RunRequest(**json.loads(path.read_text()))
    except FileNotFoundError:
        return RunRequest()
    except (TypeError, ValueError) as error:
        raise ScenarioError(f"{path} is incomplete or of another version; remove it ({error})") from error


def _positive(what: str, value: float, unit: str) -> float:
    if not (math.isfinite(value) and value > 0):
        raise ScenarioError(f"{what} must be more than 0 ({unit}), not {value:g}")
    return value


def _not_negative(what: str, value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        raise ScenarioError(f"{what} must be 0 or more (new users per hour), not {value:g}")
    return value


def _users(value: int | None) -> int | None:
    if value is not None and value < 1:
        raise ScenarioError(f"users must be 1 or more, not {value}")
    return value
