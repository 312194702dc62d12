"""Marketing campaigns, their daily spend, and the attribution of visits to them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulator import columns, parameters
from simulator.plan import DAY, Plan
from simulator.randomness import Choice, Ints, Quantiles, Stream, per_million
from simulator.world import names

TYPES = tuple(parameters.CAMPAIGN_TYPE_WEIGHTS)
OBJECTIVES = ("awareness", "acquisition", "conversion", "retention")
_MEDIUMS = {
    "search": "cpc", "social": "paid_social", "display": "banner", "affiliate": "affiliate", "email": "email",
    "push": "push", "influencer": "post", "marketplace_ads": "cpc",
}  # fmt: skip
_LENGTH_DAYS = (30, 75)
_CURRENCY = parameters.REPORTING_CURRENCY


@dataclass(frozen=True)
class Campaigns:
    """Columns of campaigns; `starts` and `ends` are days of the plan, `clicks` is the mean per day."""

    kind: Ints
    starts: Ints
    ends: Ints
    clicks: Ints

    def attribute(self, stream: Stream, days: Ints) -> Ints:
        """For visits on these days of the plan: the campaign they are attributed to, -1 for none."""
        led = stream.split("led").happens(parameters.ATTRIBUTED_RATE, len(days))
        bits = stream.split("which").bits(len(days))
        found = np.full(len(days), columns.NULL)
        for day in np.unique(days[led]).tolist():
            running = np.where((self.starts <= day) & (day < self.ends), self.clicks, 0)
            if running.any():
                chosen = led & (days == day)
                found[chosen] = Choice(running).from_bits(bits[chosen])
        return found


def make_campaigns(plan: Plan) -> Campaigns:
    """All campaigns of a plan, their starts spread evenly over its days."""
    stream, count = Stream(plan.seed, "campaigns"), plan.size.campaigns
    kind = stream.split("kind").choose(Choice(list(parameters.CAMPAIGN_TYPE_WEIGHTS.values())), count)
    length = stream.split("length").between(*_LENGTH_DAYS, count)
    starts = np.arange(count) * plan.days // count - 10
    ends = starts + length
    ends[-1] = max(int(ends[-1]), plan.days + 15)
    visits = plan.size.events // round(parameters.EVENTS_PER_SESSION) // parameters.CLICKSTREAM_DAYS
    mean = max(10, visits * per_million(parameters.ATTRIBUTED_RATE) // 1_000_000)
    spread = stream.split("clicks").draw(Quantiles(parameters.MILD_QUANTILES_PER_MILLE), count)
    return Campaigns(kind, starts, ends, np.maximum(mean * spread // 1_000, 5))


def campaigns_table(plan: Plan, made: Campaigns) -> pa.Table:
    """The table `campaigns`."""
    stream, count = Stream(plan.seed, "campaigns-table"), len(made.kind)
    kinds = [TYPES[kind] for kind in made.kind.tolist()]
    starts, ends = plan.start + made.starts * DAY, plan.start + made.ends * DAY
    created = columns.timestamps(starts - 7 * DAY)
    has_ended = ends <= plan.end
    budget = made.clicks * (made.ends - made.starts) * round(parameters.COST_PER_CLICK * 100) * 12 // 10
    return pa.table(
        {
            "campaign_id": columns.integers(np.arange(count) + 1),
            "campaign_name": pa.array(
                [f"{kind.replace('_', ' ').capitalize()} {at + 1}" for at, kind in enumerate(kinds)]
            ),
            "campaign_type": pa.array(kinds),
            "objective": columns.texts(
                stream.split("objective").choose(Choice((15, 30, 40, 15)), count), OBJECTIVES
            ),
            "utm_source": pa.array([names.UTM_SOURCES[kind] for kind in kinds]),
            "utm_medium": pa.array([_MEDIUMS[kind] for kind in kinds]),
            "utm_campaign": pa.array([f"{kind}-{at + 1}" for at, kind in enumerate(kinds)]),
            "currency": columns.constant(_CURRENCY, count),
            "budget_amount": columns.amounts(budget),
            "status": columns.texts(has_ended.astype(np.int64), ("running", "ended")),
            "starts_at": columns.timestamps(starts),
            "ends_at": columns.timestamps(ends),
            "created_at": created,
            "updated_at": columns.timestamps(np.where(has_ended, ends, starts)),
        }
    )


def campaign_spend(plan: Plan, made: Campaigns) -> pa.Table:
    """The table `campaign_spend`, with varying cost per click and click-through rate per campaign type."""
    days = [
        np.arange(max(0, first), min(last, plan.days))
        for first, last in zip(made.starts.tolist(), made.ends.tolist(), strict=True)
    ]
    campaign = np.repeat(np.arange(len(days)), [len(of) for of in days])
    day = np.concatenate(days)
    stream, count = Stream(plan.seed, "campaign-spend"), len(day)
    clicks = made.clicks[campaign] * stream.split("clicks").between(700, 1_300, count) // 1_000
    through = np.array([per_million(parameters.CLICK_THROUGH_RATE[kind]) for kind in TYPES])[
        made.kind[campaign]
    ]
    impressions = clicks * 1_000_000 // through
    spend = (
        clicks
        * round(parameters.COST_PER_CLICK * 10_000)
        * stream.split("cost").between(70, 130, count)
        // 10_000
    )
    first = (plan.first_day - dt.date(1970, 1, 1)).days
    reported = columns.timestamps(np.minimum(plan.start + (day + 1) * DAY + 3 * 3_600, plan.end - 1))
    return pa.table(
        {
            "campaign_id": columns.integers(campaign + 1),
            "spend_date": columns.dates(first + day),
            "currency": columns.constant(_CURRENCY, count),
            "spend_amount": columns.amounts(spend),
            "impression_count": columns.integers(impressions),
            "click_count": columns.integers(clicks),
            "created_at": reported,
            "updated_at": reported,
        }
    )
