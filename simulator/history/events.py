"""The table of events: what each of a day's events looks like as a row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulator import columns, network, parameters
from simulator.history.clicks import (
    CHECKOUT,
    FILTER,
    LEAVES,
    PAGE,
    PRODUCT,
    PURCHASE,
    SEARCH,
    START,
    TYPES,
    Clicks,
    Day,
    Setting,
)
from simulator.history.visits import CRAWLED, Visits
from simulator.randomness import Bools, Choice, Ints, Stream
from simulator.world import campaigns, names
from simulator.world.catalogue import CATEGORIES
from simulator.world.places import CITIES, COUNTRY_CODES

_FILTERS = (
    '{"price_max": 500}', '{"rating_min": 4}', '{"color": "black"}', '{"free_shipping": true}',
    '{"price_max": 1500, "rating_min": 4}', '{"size": "M"}',
)  # fmt: skip
_PLATFORMS = ("web", "ios", "android")
_DEVICES = tuple(parameters.DEVICE_WEIGHTS)


def user_events(setting: Setting, day: Day, clicks: Clicks) -> pa.Table:
    """The table of a day's events, numbered by their moment."""
    stream, visits, goods = Stream(setting.plan.seed, "events", day.number), day.visits, setting.goods
    order = np.argsort(clicks.moment, kind="stable")
    session, kind, sku = clicks.session[order], clicks.kind[order], clicks.sku[order]
    moment, gap, count = clicks.moment[order], clicks.gap[order], len(order)
    product = np.where(sku >= 0, goods.product[sku], columns.NOTHING)
    leaf = np.array(LEAVES)[stream.split("leaf").below(len(LEAVES), count)]
    category = np.where(
        sku >= 0, goods.category_at(product, moment), np.where(np.isin(kind, (PAGE, FILTER)), leaf, -1)
    )
    user = visits.user[session]
    user = np.where((kind >= CHECKOUT) & (day.buyer[session] >= 0), day.buyer[session], user)
    is_page = (kind == PAGE) | (kind == PRODUCT)
    jitter = stream.split("jitter").below(1_000, count)
    return pa.table(
        {
            "event_id": columns.numbers(day.first_event + np.arange(count)),
            "event_type": columns.words(kind, TYPES),
            "session_id": day.session_ids.take(pa.array(session)),
            "user_id": columns.numbers(np.where(user >= 0, user + 1, -1)),
            "product_id": columns.numbers(np.where(product >= 0, product + 1, -1)),
            "category_id": columns.numbers(np.where(category >= 0, category + 1, -1)),
            "order_id": columns.numbers(np.where(kind == PURCHASE, visits.order[session] + 1, -1)),
            "campaign_id": columns.numbers(np.where(visits.campaign >= 0, visits.campaign + 1, -1)[session]),
            **_where(stream, setting, day, session),
            "duration_ms": columns.numbers(np.where(gap >= 0, gap * 1_000 + jitter, -1)),
            "search_query": columns.words(
                np.where(kind == SEARCH, leaf, -1), [item.name.lower() for item in CATEGORIES]
            ),
            "filters": columns.words(
                np.where(kind == FILTER, stream.split("filter").below(len(_FILTERS), count), -1), _FILTERS
            ),
            "scroll_depth_rate": columns.rates(
                np.where(is_page, stream.split("scroll").below(10_001, count), -1), 4
            ),
            "click_count": columns.numbers(np.where(is_page, stream.split("clicked").below(6, count), 1)),
            "referrer": _referrers(stream.split("referrer"), setting, visits, session, kind),
            "is_bot": columns.flags((visits.depth == CRAWLED)[session]),
            "occurred_at": columns.instants(moment),
            "created_at": columns.instants(moment + stream.split("arrival").below(3, count)),
        }
    )


def _where(stream: Stream, setting: Setting, day: Day, session: Ints) -> dict[str, pa.Array]:
    """Platform, device, address and place of each event's session."""
    visits = day.visits
    count = visits.count
    on_android = stream.split("android").happens(parameters.ANDROID_RATE, count)
    platform = np.where(visits.is_app, np.where(on_android, 2, 1), 0)
    device = stream.split("device").choose(Choice(list(parameters.DEVICE_WEIGHTS.values())), count)
    device = np.where(visits.is_app & (device == _DEVICES.index("desktop")), _DEVICES.index("mobile"), device)
    rows = pa.array(session)
    return {
        "platform": columns.words(platform, _PLATFORMS).take(rows),
        "device": columns.words(device, _DEVICES).take(rows),
        "device_fingerprint": _devices(setting, day).take(rows),
        "ip_address": _addresses(setting, day).take(rows),
        "country": columns.words(visits.country, COUNTRY_CODES).take(rows),
        "city": columns.words(day.city, [city.name for city in CITIES]).take(rows),
    }


def _devices(setting: Setting, day: Day) -> pa.Array:
    known = setting.devices.take(pa.array(np.maximum(day.device, 0)))
    own = [
        network.device_fingerprint(network.FIRST_STRANGER + day.first_session + at, _device_kind(day, at))
        if device < 0
        else None
        for at, device in enumerate(day.device.tolist())
    ]
    return _either(day.device >= 0, known, pa.array(own, pa.string()))


def _addresses(setting: Setting, day: Day) -> pa.Array:
    known = setting.addresses.take(pa.array(np.maximum(day.address, 0)))
    depth, country = day.visits.depth.tolist(), day.visits.country.tolist()
    own = [
        network.ip_address(
            network.FIRST_STRANGER + day.first_session + at,
            COUNTRY_CODES[country[at]],
            "data_centre" if depth[at] == CRAWLED else "residential",
        )
        if address < 0
        else None
        for at, address in enumerate(day.address.tolist())
    ]
    return _either(day.address >= 0, known, pa.array(own, pa.string()))


def _device_kind(day: Day, at: int) -> network.DeviceKind:
    return "headless" if day.visits.depth[at] == CRAWLED else "ordinary"


def _either(first: Bools, one: pa.Array, other: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(first), one, other)


def _referrers(stream: Stream, setting: Setting, visits: Visits, session: Ints, kind: Ints) -> pa.Array:
    """Where a visit came from, on its first event: its campaign's site, or a search engine, or nowhere."""
    organic = stream.below(len(names.ORGANIC_REFERRERS), visits.count)
    led = setting.campaign_kinds[np.maximum(visits.campaign, 0)] + len(names.ORGANIC_REFERRERS)
    chosen = np.where(visits.campaign >= 0, led, organic)
    known = [*names.ORGANIC_REFERRERS, *(names.REFERRERS[name] for name in campaigns.TYPES)]
    return columns.words(np.where(kind == START, chosen[session], -1), known)
