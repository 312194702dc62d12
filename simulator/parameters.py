"""How the simulated shop and its people behave: every parameter, once, with its unit and meaning.

Rates are fractions from 0 to 1; weights are whole numbers of which only the proportion matters; money is in
the currency's unit. History and live traffic read the same numbers; docs/simulator.md explains them.
"""

from __future__ import annotations

from dataclasses import dataclass

# --- Sizes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """How many rows a seed makes; all of them exact, what hangs on them follows from the rates below."""

    users: int
    sellers: int
    suppliers: int
    products: int
    orders: int
    events: int
    vouchers: int
    campaigns: int
    flash_sale_skus: int
    """SKUs on offer in each flash sale."""


SIZES: dict[str, Size] = {
    "small": Size(500, 50, 20, 200, 2_000, 10_000, 7, 12, 6),
    "medium": Size(10_000, 300, 60, 1_000, 40_000, 200_000, 21, 40, 12),
    "large": Size(75_000, 1_500, 200, 5_000, 300_000, 2_700_000, 70, 120, 25),
}
DEFAULT_SIZE = "small"
DEFAULT_SEED = 1
DEFAULT_DAYS = 365
FEWEST_DAYS = 30
"""A history is at least as long as the clickstream is kept."""
CLICKSTREAM_DAYS = 30
"""The shop keeps this many days of clickstream and carts; older orders outlive their session's events."""
YEARLY_GROWTH_RATE = 0.25
"""Traffic and orders grow by this much a year, linearly."""
ANOMALY_RATE = 0.001
"""Fraud attacks per order; at least one of each kind."""


# --- Places ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Country:
    """A country the shop sells to. No daylight saving in any (the US shop serves Arizona)."""

    currency: str
    time_zone: str
    utc_offset_hours: int
    language: str
    user_weight: int
    """Share of users, and of orders on website and app."""
    marketplace_weight: int
    """Share of orders on marketplaces; 0: none there."""
    tax_rate: float
    """Value-added tax on goods after discount."""
    shipping_fee: float
    """Per order, in `currency`."""
    free_shipping_from: float
    """Subtotal after discount from which shipping is free, in `currency`."""
    usd_rate: float
    """US dollars for one unit of `currency` on the first day; rates walk from here."""


COUNTRIES: dict[str, Country] = {
    "TH": Country("THB", "Asia/Bangkok", 7, "th", 42, 40, 0.07, 40, 1_000, 0.0287),
    "SG": Country("SGD", "Asia/Singapore", 8, "en", 8, 8, 0.09, 2.50, 60, 0.745),
    "MY": Country("MYR", "Asia/Kuala_Lumpur", 8, "ms", 11, 13, 0.10, 6, 150, 0.224),
    "PH": Country("PHP", "Asia/Manila", 8, "en", 12, 13, 0.12, 60, 1_700, 0.0174),
    "ID": Country("IDR", "Asia/Jakarta", 7, "id", 12, 13, 0.11, 18_000, 450_000, 0.0000620),
    "VN": Country("VND", "Asia/Ho_Chi_Minh", 7, "vi", 12, 13, 0.10, 30_000, 750_000, 0.0000394),
    "US": Country("USD", "America/Phoenix", -7, "en", 3, 0, 0.08, 4.90, 60, 1.0),
}
REPORTING_CURRENCY = "USD"
CATALOGUE_CURRENCY = "THB"
"""Products are priced in it; other currencies pay the price of the day's rate."""
WHOLE_UNIT_CURRENCIES = ("IDR", "VND")
"""Prices in these have no cents."""
DAILY_FX_STEP_RATE = 0.004
"""A day's exchange rate is at most this far from the day before's, either way with equal chance."""


@dataclass(frozen=True)
class Warehouse:
    """A fulfilment centre in Thailand."""

    name: str
    city: str
    state: str
    postal_code: str
    capacity: int
    stock_weight: int
    """Share of the goods laid in here."""


WAREHOUSES: tuple[Warehouse, ...] = (
    Warehouse("Bangkok Bang Na", "Bangkok", "Bangkok", "10260", 60_000, 34),
    Warehouse("Bangkok Lat Krabang", "Bangkok", "Bangkok", "10520", 50_000, 26),
    Warehouse("Chiang Mai", "Chiang Mai", "Chiang Mai", "50000", 20_000, 14),
    Warehouse("Phuket", "Phuket", "Phuket", "83000", 18_000, 13),
    Warehouse("Khon Kaen", "Khon Kaen", "Khon Kaen", "40000", 20_000, 13),
)
ZONES = ("bangkok", "north", "northeast", "south", "near_abroad", "far_abroad")
"""Where an order goes to; Thai cities have a region, other countries are near or far abroad."""
TRANSIT_HOURS: tuple[tuple[int, ...], ...] = (
    (26, 58, 54, 64, 120, 216),
    (28, 56, 52, 66, 118, 212),
    (60, 24, 62, 92, 150, 240),
    (66, 94, 90, 24, 132, 228),
    (56, 66, 24, 92, 144, 236),
)
"""Mean hours from carrier pick-up to the door: a row per warehouse, a column per zone."""
TRANSIT_QUANTILES_PER_MILLE = (
    *(295, 486, 545, 588, 623, 655, 683, 710, 736, 761, 786, 810, 834, 858, 882, 907, 932),
    *(958, 985, 1013, 1042, 1073, 1106, 1142, 1181, 1223, 1272, 1328, 1394, 1479, 1595, 1789, 2949),
)
"""How much of its mean a parcel takes: a log-normal of sigma 0.35, at equally spaced probabilities."""
PROMISED_TRANSIT_RATE = 1.5
"""The promise to the buyer: this many times the mean transit, plus handling."""
HANDLING_HOURS = (18, 16)
"""Mean hours from paid to packed, and from packed to picked up."""
MIN_HANDLING_SECONDS = 600
"""Packing and picking up take at least this long each."""
PAYMENT_ALLOWANCE_HOURS = 2
"""The promise to the buyer allows this much for paying."""
PARCEL_COST_PERCENT = (60, 110)
"""What a parcel costs the shop, lowest and highest, in percent of the shipping fee of its country."""
CARRIER_WEIGHTS = {"Thailand Post": 20, "Kerry Express": 25, "Flash Express": 30, "J&T Express": 25}


# --- Skewed quantities -----------------------------------------------------------------------------------

MILD_QUANTILES_PER_MILLE = (
    *(75, 203, 256, 297, 334, 369, 402, 434, 466, 499, 531, 564, 598, 634, 670, 708, 748, 790),
    *(835, 883, 935, 991, 1053, 1122, 1199, 1288, 1392, 1517, 1673, 1882, 2189, 2755, 7486),
)
"""A log-normal of sigma 0.7 and mean 1: waiting times, prices within a category, quantities."""
HEAVY_QUANTILES_PER_MILLE = (
    *(13, 60, 87, 110, 132, 154, 176, 199, 223, 248, 273, 301, 330, 361, 394, 429, 468, 510),
    *(556, 608, 665, 729, 801, 885, 983, 1099, 1242, 1422, 1659, 1995, 2530, 3632, 17468),
)
"""A log-normal of sigma 1.1 and mean 1: how popular products are."""
PARETO_QUANTILES_PER_MILLE = (
    *(13, 26, 39, 54, 69, 84, 100, 118, 136, 155, 176, 198, 222, 247, 274, 304, 337, 373),
    *(412, 456, 505, 561, 625, 699, 785, 889, 1017, 1178, 1393, 1699, 2190, 3284, 17000),
)
"""A Pareto tail: how often people visit and buy. Most buy once or twice, a few all the time."""


# --- Time ------------------------------------------------------------------------------------------------

HOUR_WEIGHTS: dict[str, tuple[int, ...]] = {
    "TH": (22, 12, 7, 5, 5, 8, 18, 32, 44, 52, 58, 66, 82, 70, 60, 58, 58, 60, 66, 80, 98, 104, 84, 48),
    "SG": (26, 13, 7, 4, 4, 6, 16, 36, 48, 50, 54, 66, 88, 72, 56, 52, 54, 58, 64, 74, 92, 108, 98, 58),
    "MY": (24, 12, 7, 5, 5, 9, 20, 34, 44, 52, 60, 70, 80, 68, 58, 56, 60, 58, 56, 74, 98, 106, 88, 50),
    "PH": (30, 18, 10, 7, 6, 8, 16, 30, 44, 54, 64, 72, 82, 72, 62, 58, 56, 58, 64, 78, 94, 100, 88, 56),
    "ID": (18, 10, 7, 8, 14, 18, 26, 38, 50, 58, 62, 68, 82, 66, 58, 56, 56, 50, 62, 84, 98, 92, 66, 36),
    "VN": (16, 8, 5, 4, 5, 10, 24, 40, 56, 62, 64, 78, 86, 62, 58, 58, 60, 58, 66, 86, 104, 98, 66, 32),
    "US": (12, 7, 5, 4, 4, 7, 16, 30, 48, 58, 64, 68, 72, 70, 66, 62, 60, 62, 72, 86, 98, 92, 66, 34),
}
"""Traffic by local hour 0-23: lunch and the late evening peak, the night is quiet."""
WEEKDAY_WEIGHTS: dict[str, tuple[int, ...]] = {
    "TH": (100, 98, 98, 100, 104, 112, 110),
    "SG": (96, 96, 98, 100, 106, 116, 112),
    "MY": (98, 98, 98, 98, 98, 112, 114),
    "PH": (96, 94, 96, 98, 108, 116, 112),
    "ID": (100, 100, 98, 98, 96, 110, 112),
    "VN": (102, 100, 100, 100, 100, 104, 106),
    "US": (106, 100, 96, 94, 92, 98, 112),
}
"""Traffic by local weekday, Monday to Sunday."""


@dataclass(frozen=True)
class SpecialDay:
    """A day of each year, or days around it, with their traffic."""

    name: str
    month: int
    day: int
    traffic_rate: float
    """Times the ordinary traffic."""
    countries: tuple[str, ...] = tuple(COUNTRIES)
    days: int = 1
    is_sale: bool = False


SPECIAL_DAYS: tuple[SpecialDay, ...] = (
    SpecialDay("New Year", 1, 1, 0.75),
    SpecialDay("3.3", 3, 3, 1.8, is_sale=True),
    SpecialDay("Songkran", 4, 13, 0.60, ("TH",), days=3),
    SpecialDay("Reunification and Labour Day", 4, 30, 0.75, ("VN",), days=2),
    SpecialDay("5.5", 5, 5, 1.6, is_sale=True),
    SpecialDay("6.6", 6, 6, 2.0, is_sale=True),
    SpecialDay("7.7", 7, 7, 1.7, is_sale=True),
    SpecialDay("8.8", 8, 8, 1.9, is_sale=True),
    SpecialDay("Independence Day", 8, 17, 0.85, ("ID",)),
    SpecialDay("9.9", 9, 9, 2.8, is_sale=True),
    SpecialDay("10.10", 10, 10, 2.4, is_sale=True),
    SpecialDay("11.11", 11, 11, 5.0, is_sale=True),
    SpecialDay("Black Friday week", 11, 24, 1.6, ("US",), days=7),
    SpecialDay("12.12", 12, 12, 4.0, is_sale=True),
    SpecialDay("Christmas shopping", 12, 15, 1.3, ("PH", "SG", "US"), days=9),
    SpecialDay("Christmas", 12, 25, 0.65, ("PH", "SG", "US")),
)
LUNAR_NEW_YEAR = {
    2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17),
    2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23), 2032: (2, 11), 2033: (1, 31),
    2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
"""Month and day of the first day, by year."""
LUNAR_NEW_YEAR_COUNTRIES = ("SG", "MY", "VN")
LUNAR_NEW_YEAR_SHOPPING = (14, 1.45)
"""Days before it with more traffic, and how much."""
LUNAR_NEW_YEAR_REST = (4, 0.50)
"""Days from it with less traffic, and how much."""
PAYDAY = (26, 1.15)
"""From this day of the month on (wages are paid) traffic is this many times the ordinary."""


# --- Catalogue -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Department:
    """A root category: what is typical of goods in it."""

    product_weight: int
    """Share of the products."""
    mean_price: float
    """In THB."""
    mean_weight_g: int
    margin_rate: float
    """(price - cost) / price."""
    return_rate: float
    """Of delivered lines, where delivery was not late."""
    month_weights: tuple[int, ...]
    """Demand by month, January to December; 100 is ordinary."""


DEPARTMENTS: dict[str, Department] = {
    "Electronics": Department(
        18, 900, 420, 0.18, 0.045, (95, 90, 95, 90, 95, 100, 95, 95, 105, 105, 130, 125)
    ),
    "Fashion": Department(
        22, 320, 300, 0.45, 0.110, (105, 100, 100, 110, 95, 95, 95, 95, 100, 105, 115, 120)
    ),
    "Beauty": Department(
        15, 260, 180, 0.50, 0.025, (95, 115, 100, 100, 100, 100, 100, 100, 100, 100, 115, 115)
    ),
    "Home and Living": Department(
        15, 420, 1_400, 0.35, 0.050, (110, 95, 100, 95, 100, 100, 100, 100, 100, 105, 115, 120)
    ),
    "Groceries": Department(
        10, 130, 700, 0.22, 0.010, (115, 105, 100, 105, 100, 100, 100, 100, 100, 100, 105, 115)
    ),
    "Sports and Outdoors": Department(
        8, 480, 800, 0.35, 0.060, (125, 105, 100, 100, 95, 95, 95, 95, 100, 105, 110, 105)
    ),
    "Toys and Games": Department(
        6, 290, 500, 0.38, 0.035, (80, 80, 85, 90, 95, 95, 95, 95, 95, 110, 150, 230)
    ),
    "School and Office": Department(
        6, 150, 350, 0.32, 0.020, (80, 75, 85, 120, 330, 170, 100, 85, 80, 100, 85, 75)
    ),
}
SKUS_PER_PRODUCT_WEIGHTS = (12, 20, 36, 20, 12)
"""1, 2, 3, 4, 5 variants; 3 on average."""
PRICE_CHANGES = (0, 1, 2, 3)
PRICE_CHANGE_COUNT_WEIGHTS = (40, 35, 18, 7)
PRICE_CHANGE_PERCENT = (-15, -10, -5, 3, 5, 8, 12)
"""A price change is one of these, all equally likely."""
CATEGORY_CHANGE_RATE = 0.03
"""Products that moved to a sister category during the history."""
PAUSED_PRODUCT_RATE = 0.02
PAUSED_SKU_RATE = 0.02
"""SKUs that are paused: in the catalogue, not for sale any more."""


# --- People ----------------------------------------------------------------------------------------------

GUEST_USER_RATE = 0.06
"""Of all accounts: checkouts without registration, one order each."""
SELLER_USER_RATE = 0.01
STAFF_USER_RATE = 0.01
BOT_USER_RATE = 0.006
REGISTERED_BEFORE_RATE = 0.60
"""Accounts that are older than the history; the rest register during it."""
TEST_ORDER_RATE = 0.005
"""Orders by staff, marked is_test."""
MARKETING_CONSENT_RATE = 0.62
ACQUISITION_WEIGHTS = {
    "organic": 34,
    "search": 18,
    "social": 20,
    "referral": 8,
    "affiliate": 6,
    "marketplace": 14,
}


# --- Channels --------------------------------------------------------------------------------------------

APP_RATE = 0.62
"""Of orders and sessions on our own channels; the rest is the website."""
MARKETPLACE_SETTLED_RATE = 0.335
"""Orders that Lazada and Tiki settle and deliver: we see items and steps, but no payment and no parcel."""
TIKI_COUNTRY = "VN"
TIKI_RATE = 0.75
"""Of the marketplace-settled orders of its country; elsewhere all are Lazada's."""
MOST_OWN_ORDERS_RATE = 0.60
"""The own channels' share of orders never exceeds this, whatever size and length are asked for."""


# --- Sessions --------------------------------------------------------------------------------------------

EVENTS_PER_SESSION = 6.6
"""Mean, all kinds of sessions."""
SESSION_CONVERSION_RATE = 0.028
"""Human sessions that end in an order: 2-5 % of a day's active users buy."""
CART_RATE = 0.115
"""Human sessions that fill a cart, buyers included."""
CHECKOUT_RATE = 0.050
"""Human sessions that begin to check out, buyers included."""
ANONYMOUS_SESSION_RATE = 0.10
BOT_SESSION_RATE = 0.02
BOT_EVENTS = 12
"""Mean events of a bot's session: it views products, nothing else."""
BROWSING_WEIGHTS = {"page_view": 30, "product_view": 42, "search": 15, "filter": 9, "add_to_wishlist": 4}
"""What people do between arriving and filling a cart."""
MEAN_SECONDS_BETWEEN_EVENTS = 45
BOT_SECONDS_BETWEEN_EVENTS = 2
SESSION_GAP_MINUTES = 30
"""A visit ends after this long without an event."""
REMOVE_FROM_CART_RATE = 0.12
"""Of carts that are not bought."""
DEVICE_WEIGHTS = {"mobile": 55, "desktop": 37, "tablet": 8}
"""On the website; the app is on mobiles and tablets."""
ANDROID_RATE = 0.68


# --- Orders ----------------------------------------------------------------------------------------------

LINES_PER_ORDER_WEIGHTS = (22, 25, 20, 13, 8, 5, 3, 2, 1, 1)
"""1 to 10 lines."""
QUANTITY_WEIGHTS = (82, 12, 4, 1, 1)
"""1 to 5 pieces of a line."""
PRICE_ELASTICITY = 2.2
"""Demand for a SKU goes with price to the power of minus this, in flash sales and voucher periods."""
FLASH_DISCOUNT_PERCENT = (20, 30, 40, 50)
FLASH_VISIBILITY = 12
"""Times a SKU is more looked at while its flash sale is on the front page."""
FLASH_WINDOW_HOURS = ((5, 7), (13, 17))
"""Flash sales of a sale day, hours UTC (noon and the evening in Bangkok)."""
FLASH_QUOTA_RATE = 0.015
"""Quota of a SKU's flash sale as a fraction of a day's mean pieces sold; at least FLASH_LEAST_QUOTA."""
FLASH_LEAST_QUOTA = 5
LIVE_FLASH_QUOTA_STOCK_RATE = 0.3
"""Quota of a live flash sale: this part of what is in stock, at least FLASH_LEAST_QUOTA."""
VOUCHER_DAYS = 21
"""How long a voucher is valid."""
VOUCHER_USES_RATE = 0.012
"""Of all orders: what one voucher may be used for."""
LIVE_VOUCHER_USES = 500
"""How often the voucher of a live promotion may be used."""
VOUCHER_PERCENT = (8, 10, 12, 15)
VOUCHER_TAKE_RATE = 0.30
"""Of orders that a voucher fits (currency, time, least amount, a channel we settle)."""
VOUCHER_TYPE_WEIGHTS = {"percentage": 5, "fixed_amount": 3, "free_shipping": 2}
ATTRIBUTED_RATE = 0.38
"""Of orders and sessions on our own channels: led there by a running campaign."""
CAMPAIGN_TYPE_WEIGHTS = {
    "search": 22, "social": 22, "display": 12, "affiliate": 10, "email": 12, "push": 8, "influencer": 8,
    "marketplace_ads": 6,
}  # fmt: skip
CLICK_THROUGH_RATE = {
    "search": 0.035, "social": 0.012, "display": 0.005, "affiliate": 0.020, "email": 0.025, "push": 0.030,
    "influencer": 0.015, "marketplace_ads": 0.010,
}  # fmt: skip
COST_PER_CLICK = 0.11
"""Mean, in USD."""


# --- Payment ---------------------------------------------------------------------------------------------

PAYMENT_METHOD_WEIGHTS: dict[str, dict[str, int]] = {
    "TH": {"bank_transfer": 38, "e_wallet": 30, "credit_card": 22, "debit_card": 10},
    "SG": {"credit_card": 58, "e_wallet": 22, "debit_card": 14, "bank_transfer": 6},
    "MY": {"bank_transfer": 36, "e_wallet": 30, "credit_card": 22, "debit_card": 12},
    "PH": {"e_wallet": 48, "credit_card": 18, "bank_transfer": 22, "debit_card": 12},
    "ID": {"e_wallet": 42, "bank_transfer": 40, "credit_card": 12, "debit_card": 6},
    "VN": {"e_wallet": 44, "bank_transfer": 36, "credit_card": 10, "debit_card": 10},
    "US": {"credit_card": 64, "debit_card": 24, "e_wallet": 12},
}
"""Cash on delivery is left out: the life cycle has `paid` before `packed`."""
PAYMENT_GATEWAYS = {
    "credit_card": "omise",
    "debit_card": "omise",
    "bank_transfer": "promptpay",
    "e_wallet": "truemoney",
}
PAYMENT_FEE_RATE = {"credit_card": 0.0275, "debit_card": 0.0150, "bank_transfer": 0.0030, "e_wallet": 0.0180}
PAYMENT_FAILURE_RATE = {"credit_card": 0.14, "debit_card": 0.12, "bank_transfer": 0.06, "e_wallet": 0.08}
"""Of attempts."""
PAYMENT_RETRY_RATE = 0.75
"""Of failed attempts are followed by another, up to MOST_PAYMENT_ATTEMPTS."""
MOST_PAYMENT_ATTEMPTS = 3
SECOND_CARD_RATE = 0.25
"""Accounts that own a second card."""
SECOND_CARD_USE_RATE = 0.4
"""Of their card payments, with the second card."""
FAILURE_REASON_WEIGHTS = {"insufficient_funds": 45, "declined": 30, "timed_out": 15, "wrong_code": 10}
NOT_PAID_CANCEL_RATE = 0.045
"""Orders the buyer leaves unpaid; cancelled when the time to pay is over."""
HOURS_TO_PAY = 24
"""After this an order that is not paid, or whose attempts all failed, is cancelled."""
MINUTES_TO_CONFIRM = 4
MINUTES_TO_PAY = 18
"""Means of the random part."""
MIN_SECONDS_TO_CONFIRM = 5
MIN_SECONDS_TO_PAY = 5
PAYMENT_RETRY_SECONDS = 150
"""From a failed attempt to the next."""
CAPTURE_SECONDS = 20
"""From an attempt to the capture of the money."""
INSTALMENT_WEIGHTS = {1: 80, 3: 10, 6: 7, 10: 3}
"""Of payments by credit card: number of instalments."""


# --- Payouts ---------------------------------------------------------------------------------------------

GATEWAY_PAYOUT_DAYS = {"omise": 2, "promptpay": 1, "truemoney": 3}
"""A gateway pays out a day's captured payments, less its fees and refunds, this many days after the day."""
MARKETPLACE_PERIOD_DAYS = 7
MARKETPLACE_PAYOUT_DAYS = 3
"""A marketplace pays out the orders delivered in a period this many days after it."""
MARKETPLACE_FEE_RATE = {"lazada": 0.06, "tiki": 0.05}
"""Of the order total."""
SELLER_PERIOD_DAYS = 30
SELLER_PAYOUT_DAYS = 5
"""The platform pays a seller for a period's delivered lines, less commission, this many days after it."""
PAYOUT_FEE_ERROR_RATE = 0.002
"""Of payments paid out: the gateway keeps another fee than it stated for the payment."""
PAYOUT_FEE_ERROR_PERCENT = 110
"""The fee it keeps then, in percent of the stated one."""
SELLER_CONTRACT_CHANGE_WEIGHTS = (70, 24, 6)
"""Sellers whose contract changes never, once or twice a year: to the next tier up or down."""


# --- After the order -------------------------------------------------------------------------------------

CANCEL_AFTER_PAYMENT_RATE = 0.025
"""Paid orders the buyer cancels before they are packed; the money goes back."""
CANCEL_BEFORE_PACKING_PERCENT = (5, 95)
"""When, in percent of the time from payment to packing, lowest and highest."""
LOST_PARCEL_RATE = 0.004
"""Shipped orders that never arrive; cancelled, the money goes back."""
LOST_REASON = "lost_in_transit"
"""Why such an order is cancelled."""
LOST_AFTER_DAYS = 30
"""From the pick-up until the parcel is given up."""
LOST_REFUND_DAYS = 3
"""From then until the money is back."""
LATE_RETURN_FACTOR = 2.0
"""A line delivered late comes back this many times as often."""
RETURN_REASON_WEIGHTS = {
    "defective": 24, "wrong_item": 10, "not_as_described": 26, "late": 8, "changed_mind": 26, "other": 6,
}  # fmt: skip
RETURN_REJECTED_RATE = 0.08
RETURN_DAYS_MEAN = 4
"""From delivery to the request."""
RETURN_TRANSIT_DAYS_MEAN = 5
REFUND_DAYS_MEAN = 3
MIN_RETURN_STEP_SECONDS = 1_800
"""Each step of a return takes at least this long."""
RETURN_DECISION_HOURS = 24
"""From the request until it is approved or rejected."""
UNKNOWN_DEPARTMENT_RETURN_RATE = 0.05
"""Of delivered lines of departments that are not listed here (loaded data sets)."""
RESELLABLE_RATE = 0.70
"""Returned pieces that go back into stock; the rest is written off."""
REVIEW_RATE = 0.46
"""Of delivered orders."""
REVIEW_DAYS_MEAN = 5
MIN_SECONDS_TO_REVIEW = 3_600
WORDLESS_REVIEW_RATE = 0.35
"""Of reviews: stars only."""
RATING_WEIGHTS_BY_DELAY: dict[str, tuple[int, ...]] = {
    "on_time": (3, 4, 10, 27, 56),
    "up_to_2_days_late": (12, 14, 24, 28, 22),
    "later": (38, 24, 18, 12, 8),
}
"""Weights of 1 to 5 stars."""
DELAY_LIMITS_DAYS = (0, 2)
"""Late begins after the promise; `later` begins after this many days."""
HELPFUL_MEAN = 2
LATE_REPORT_RATE = 0.03
"""Carrier reports (shipped, delivered) written down hours after they happened."""
LATE_REPORT_HOURS_MEAN = 9
OUT_OF_ORDER_RATE = 0.01
"""Orders whose packing is reported after their pick-up: the step's time is later than its successor's."""
OUT_OF_ORDER_SECONDS = (600, 7_200)
"""By how much later, lowest and highest."""
LOYALTY_POINTS_PER_USD = 1
LOYALTY_TIERS = (
    ("bronze", 0, 0),
    ("silver", 500, 1_000),
    ("gold", 2_000, 5_000),
    ("platinum", 10_000, 20_000),
)
"""Name, least lifetime spend in USD, least points: as in the database's rules."""


# --- Stock -----------------------------------------------------------------------------------------------

STOCK_COVER_DAYS = 40
"""An order to the supplier covers this many days of a SKU's mean demand in the warehouse."""
SAFETY_STOCK_DAYS = 6
LEAST_LOT = 6
"""Pieces; no delivery from a supplier is smaller."""
LEAD_TIME_DAYS = (4, 21)
"""Suppliers deliver this many days after the order, lowest and highest."""
DAMAGED_LOT_RATE = 0.02
"""Lots of which a piece is written off on arrival."""


# --- Fraud -----------------------------------------------------------------------------------------------

ATTACK_KINDS = ("velocity", "stolen_card", "account_takeover", "voucher_abuse", "return_abuse")
ATTACK_WEIGHTS = {
    "velocity": 26,
    "stolen_card": 26,
    "account_takeover": 20,
    "voucher_abuse": 14,
    "return_abuse": 14,
}
VELOCITY_ORDERS = (6, 12)
"""Orders of one attack, all from one device with many cards."""
VELOCITY_SECONDS_BETWEEN = (20, 90)
TRIED_CARD_FAILURE_RATE = 0.55
"""Of payments with card numbers that are tried one after the other."""
STOLEN_CARD_ORDERS = (1, 3)
"""From an address in another country, within minutes of the owner's own visit."""
STOLEN_CARD_MINUTES_AFTER_OWNER = (10, 50)
STOLEN_CARD_MINUTES_BETWEEN = (3, 15)
TAKEOVER_ORDERS = (1, 3)
"""On an old account, from a new device, to a new address."""
TAKEOVER_MINUTES_BETWEEN = (5, 30)
TAKEOVER_TOR_RATE = 0.4
"""Of takeovers; the others come through a VPN."""
OLD_ACCOUNT_DAYS = 60
"""An old account has been there for so long, if there is one."""
NEW_ACCOUNTS = 40
"""Who tries cards uses one of so many newest accounts."""
VOUCHER_RING_ACCOUNTS = (3, 8)
"""New accounts behind one device, each wanting the same voucher."""
VOUCHER_RING_MINUTES_BETWEEN = (2, 12)
RETURN_ABUSE_ORDERS = (3, 6)
"""Orders of one buyer, all sent back."""
RETURN_ABUSE_DAYS_BETWEEN = 9
"""At most, where the history is long enough."""
LIVE_RETURN_ABUSE_MINUTES_BETWEEN = (10, 60)
"""In a live run, which is shorter."""
ATTACKERS_COUNTRIES = ("BR", "CN", "GB", "DE", "NL", "IN")
"""Where stolen cards are used, and taken accounts entered from."""
UNUSUAL_PURCHASE_FACTOR = 6
"""Stolen cards and taken accounts buy things this many times the price of an ordinary line, at least."""


# --- Risk team -------------------------------------------------------------------------------------------

CHARGEBACK_RATE = {
    "velocity": 0.60,
    "stolen_card": 0.85,
    "account_takeover": 0.70,
    "voucher_abuse": 0.0,
    "return_abuse": 0.0,
}
"""Of the paid orders of an attack: the card's owner has the payment charged back."""
HONEST_CHARGEBACK_RATE = 0.001
"""Of card payments of honest buyers."""
CHARGEBACK_DAYS = (8, 45)
"""From the payment, lowest and highest."""
CASE_RATE = {
    "velocity": 0.80,
    "stolen_card": 0.45,
    "account_takeover": 0.50,
    "voucher_abuse": 0.55,
    "return_abuse": 0.50,
}
"""Of the orders of an attack: the risk team opens a case; every chargeback opens one as well."""
FALSE_CASE_RATE = 0.004
"""Of orders of honest buyers that the risk team investigates."""
CASE_OPENED_DAYS = (1, 9)
"""From the order, lowest and highest."""
CASE_DECIDED_DAYS = (1, 6)
"""From the opening, lowest and highest."""
CASE_MISSED_RATE = 0.06
"""Of cases about attacks: decided as legitimate."""
CASE_WRONG_RATE = 0.05
"""Of cases about honest orders: decided as fraud."""
RESUMED_CASE_FRAUD_RATE = 0.5
"""Of cases that were open when live traffic began, which does not know the truth: decided as fraud."""
