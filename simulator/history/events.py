"""The table `user_events`."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import columns, network, parameters
from simulator.history.session_events import (
    CHECKOUT,
    FILTER,
    LEAVES,
    PAGE,
    PRODUCT,
    PURCHASE,
    SEARCH,
    START,
    TYPES,
    ClickstreamContext,
    DayVisits,
    SessionEvents,
)
from simulator.history.visits import BOT, Visits
from simulator.randomness import Bools, Choice, Ints, Stream
from simulator.rules import pages
from simulator.world import campaigns, names
from simulator.world.catalogue import CATEGORIES
from simulator.world.places import CITIES, COUNTRY_CODES

_FILTERS = (
    '{"price_max": 500}', '{"rating_min": 4}', '{"color": "black"}', '{"free_shipping": true}',
    '{"price_max": 1500, "rating_min": 4}', '{"size": "M"}',
)  # fmt: skip
_FIXED_PAGES = {TYPES.index(event_type): path for event_type, path in pages.FIXED.items()}
_ON_PRODUCT = [TYPES.index(event_type) for event_type in pages.ON_PRODUCT]
_PLATFORMS = ("web", "ios", "android")
_DEVICES = tuple(parameters.DEVICE_WEIGHTS)


def user_events(context: ClickstreamContext, day: DayVisits, session_events: SessionEvents) -> pa.Table:
    """One day's rows, numbered by time."""
    stream, visits, catalogue = Stream(context.plan.seed, "events", day.number), day.visits, context.catalogue
    order = np.argsort(session_events.moment, kind="stable")
    session, kind, sku = session_events.session[order], session_events.kind[order], session_events.sku[order]
    moment, gap, count = session_events.moment[order], session_events.gap[order], len(order)
    product = np.where(sku >= 0, catalogue.product[sku], columns.NULL)
    leaf = np.array(LEAVES)[stream.split("leaf").below(len(LEAVES), count)]
    category = np.where(
        sku >= 0, catalogue.category_at(product, moment), np.where(np.isin(kind, (PAGE, FILTER)), leaf, -1)
    )
    user = visits.user[session]
    user = np.where((kind >= CHECKOUT) & (day.buyer[session] >= 0), day.buyer[session], user)
    is_page = (kind == PAGE) | (kind == PRODUCT)
    jitter = stream.split("jitter").below(1_000, count)
    return pa.table(
        {
            "event_id": columns.integers(day.first_event + np.arange(count)),
            "event_type": columns.texts(kind, TYPES),
            "session_id": day.session_ids.take(pa.array(session)),
            "user_id": columns.integers(np.where(user >= 0, user + 1, -1)),
            "product_id": columns.integers(np.where(product >= 0, product + 1, -1)),
            "category_id": columns.integers(np.where(category >= 0, category + 1, -1)),
            "order_id": columns.integers(np.where(kind == PURCHASE, visits.order[session] + 1, -1)),
            "campaign_id": columns.integers(np.where(visits.campaign >= 0, visits.campaign + 1, -1)[session]),
            **_visit_columns(stream, context, day, session),
            "duration_ms": columns.integers(np.where(gap >= 0, gap * 1_000 + jitter, -1)),
            "search_query": columns.texts(
                np.where(kind == SEARCH, leaf, -1), [item.name.lower() for item in CATEGORIES]
            ),
            "filters": columns.texts(
                np.where(kind == FILTER, stream.split("filter").below(len(_FILTERS), count), -1), _FILTERS
            ),
            "scroll_depth_rate": columns.decimals(
                np.where(is_page, stream.split("scroll").below(10_001, count), -1), 4
            ),
            "click_count": columns.integers(np.where(is_page, stream.split("clicked").below(6, count), 1)),
            "page_path": _page_paths(
                kind, product, category, np.where(kind == START, visits.campaign[session], columns.NULL)
            ),
            "referrer": _referrers(stream.split("referrer"), context, visits, session, kind),
            "is_bot": columns.booleans((visits.outcome == BOT)[session]),
            "occurred_at": columns.timestamps(moment),
            "created_at": columns.timestamps(moment + stream.split("arrival").below(3, count)),
        }
    )


def _page_paths(kind: Ints, product: Ints, category: Ints, campaign: Ints) -> pa.Array:
    """The page of each event, of which `rules.pages` has the rules for one event."""
    is_on_product = np.isin(kind, _ON_PRODUCT)
    fixed = np.select(
        [kind == number for number in _FIXED_PAGES], list(range(len(_FIXED_PAGES))), columns.NULL
    )
    number = np.select(
        [fixed >= 0, is_on_product, kind == START], [columns.NULL, product, campaign], category
    )
    prefix = np.select([is_on_product, kind == START], [0, 1], 2)
    prefixes = columns.texts(prefix, (pages.PRODUCT, pages.CAMPAIGN, pages.CATEGORY))
    ids = columns.integers(np.where(number >= 0, number + 1, columns.NULL))
    numbered = pc.binary_join_element_wise(prefixes, ids.cast(pa.string()), "")
    same = columns.texts(fixed, list(_FIXED_PAGES.values()))
    return pc.coalesce(same, numbered, pages.HOME)


def _visit_columns(
    stream: Stream, context: ClickstreamContext, day: DayVisits, session: Ints
) -> dict[str, pa.Array]:
    """Columns that are the same for all events of a visit: platform, device, address, country, city."""
    visits = day.visits
    count = visits.count
    on_android = stream.split("android").happens(parameters.ANDROID_RATE, count)
    platform = np.where(visits.is_app, np.where(on_android, 2, 1), 0)
    device = stream.split("device").choose(Choice(list(parameters.DEVICE_WEIGHTS.values())), count)
    device = np.where(visits.is_app & (device == _DEVICES.index("desktop")), _DEVICES.index("mobile"), device)
    rows = pa.array(session)
    return {
        "platform": columns.texts(platform, _PLATFORMS).take(rows),
        "device": columns.texts(device, _DEVICES).take(rows),
        "device_fingerprint": _devices(context, day).take(rows),
        "ip_address": _addresses(context, day).take(rows),
        "country": columns.texts(visits.country, COUNTRY_CODES).take(rows),
        "city": columns.texts(day.city, [city.name for city in CITIES]).take(rows),
    }


def _devices(context: ClickstreamContext, day: DayVisits) -> pa.Array:
    known = context.devices.take(pa.array(np.maximum(day.device, 0)))
    own = [
        network.device_fingerprint(network.FIRST_STRANGER + day.first_session + at, _device_kind(day, at))
        if device < 0
        else None
        for at, device in enumerate(day.device.tolist())
    ]
    return _either(day.device >= 0, known, pa.array(own, pa.string()))


def _addresses(context: ClickstreamContext, day: DayVisits) -> pa.Array:
    known = context.addresses.take(pa.array(np.maximum(day.address, 0)))
    outcome, country = day.visits.outcome.tolist(), day.visits.country.tolist()
    own = [
        network.ip_address(
            network.FIRST_STRANGER + day.first_session + at,
            COUNTRY_CODES[country[at]],
            "data_centre" if outcome[at] == BOT else "residential",
        )
        if address < 0
        else None
        for at, address in enumerate(day.address.tolist())
    ]
    return _either(day.address >= 0, known, pa.array(own, pa.string()))


def _device_kind(day: DayVisits, at: int) -> network.DeviceKind:
    return "headless" if day.visits.outcome[at] == BOT else "ordinary"


def _either(first: Bools, one: pa.Array, other: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(first), one, other)


def _referrers(
    stream: Stream, context: ClickstreamContext, visits: Visits, session: Ints, kind: Ints
) -> pa.Array:
    """Referrer on a visit's first event: its campaign's site, a search engine, or none."""
    organic = stream.below(len(names.ORGANIC_REFERRERS), visits.count)
    led = context.campaign_kinds[np.maximum(visits.campaign, 0)] + len(names.ORGANIC_REFERRERS)
    chosen = np.where(visits.campaign >= 0, led, organic)
    known = [*names.ORGANIC_REFERRERS, *(names.REFERRERS[name] for name in campaigns.TYPES)]
    return columns.texts(np.where(kind == START, chosen[session], -1), known)
