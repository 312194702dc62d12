"""The feeds, each declared once.

To add one, declare it here, add it to FILE_FEEDS, and run `tradewind feeds models` and `tradewind up`.
"""

from __future__ import annotations

from connectors.feeds.declaration import PERIOD, Feed, FeedColumn, FileFeed, Format, RowRule

_COUNTRY_CODE = Format("[A-Z]{2}", "a country's two capital letters (ISO 3166-1)")
_REGION_CODE = Format("[A-Z]{2}-[A-Z0-9]{1,3}", "a region's code (ISO 3166-2), like TH-10")
_CURRENCY_CODE = Format("[A-Z]{3}", "a currency's three capital letters (ISO 4217)")

_PERIOD = FeedColumn(PERIOD, "date", "First day of the month that the row is valid for.")
_COUNTRY = FeedColumn("country", "text", "Country, ISO 3166-1 alpha-2.", format=_COUNTRY_CODE)

GEOGRAPHY = FileFeed(
    name="geography",
    description=(
        "Regions of the shop's countries, a version per month, from the files dropped for it. The newest "
        "file of a month counts; regions it no longer has are deleted."
    ),
    key=(PERIOD, "region_code"),
    columns=(
        _PERIOD,
        _COUNTRY,
        FeedColumn("region_code", "text", "Region, ISO 3166-2.", format=_REGION_CODE),
        FeedColumn("region_name", "text", "Name of the region, in English."),
        FeedColumn("main_city", "text", "Its largest or best-known city."),
        FeedColumn("latitude", "numeric(9,6)", "Position of the main city, degrees north.", limits=(-90, 90)),
        FeedColumn(
            "longitude", "numeric(9,6)", "Position of the main city, degrees east.", limits=(-180, 180)
        ),
        FeedColumn("population_count", "bigint", "People who live in the region.", limits=(1, 2_000_000_000)),
        FeedColumn(
            "urban_rate", "numeric(5,4)", "Share of the people who live in towns, 0 to 1.", limits=(0, 1)
        ),
        FeedColumn(
            "internet_rate",
            "numeric(5,4)",
            "Share of the people who are online, 0 to 1.",
            limits=(0, 1),
        ),
    ),
    rules=(
        RowRule(
            name="region lies in country",
            column="region_code",
            sql="substring(region_code, 1, 2) = country",
            holds=lambda row: str(row["region_code"]).startswith(f"{row['country']}-"),
            reason="{region_code} is not a region of {country}",
        ),
    ),
)

ECONOMIC_INDICATORS = FileFeed(
    name="economic_indicators",
    description=(
        "Economic indicators of a country, a version per month, from the files dropped for it. The newest "
        "file of a month counts. Consumer confidence is each country's own index: compare it over time, "
        "not between countries."
    ),
    key=(PERIOD, "country"),
    columns=(
        _PERIOD,
        _COUNTRY,
        FeedColumn(
            "currency", "text", "Currency of the gross domestic product, ISO 4217.", format=_CURRENCY_CODE
        ),
        FeedColumn(
            "gdp_amount",
            "numeric(18,2)",
            "Gross domestic product of the quarter that ends with the month, annualised; else null.",
            nullable=True,
            limits=(0, 9_999_999_999_999_999),
        ),
        FeedColumn(
            "gdp_growth_rate",
            "numeric(6,4)",
            "Its change on the same quarter a year before, as a fraction; else null.",
            nullable=True,
            limits=(-1, 1),
        ),
        FeedColumn(
            "unemployment_rate",
            "numeric(5,4)",
            "Share of the labour force without work, 0 to 1.",
            limits=(0, 1),
        ),
        FeedColumn(
            "consumer_confidence_index",
            "numeric(5,2)",
            "The country's consumer confidence index, 0 to 200.",
            limits=(0, 200),
        ),
    ),
)

_INCIDENTS = FeedColumn("previous_incident_count", "integer", "Known incidents of abuse.")
_RISK = FeedColumn("risk_score", "numeric(5,4)", "Likelihood of abuse, 0 to 1.", limits=(0, 1))
_LOOKED_UP_AT = FeedColumn("looked_up_at", "timestamp with time zone", "When the service was asked.")

IP_REPUTATION = Feed(
    name="ip_reputation",
    description="What the reputation service knows of visitors' IP addresses. The newest answer counts.",
    key=("ip_address",),
    columns=(
        FeedColumn("ip_address", "text", "The IP address. Personal data."),
        FeedColumn(
            "country", "text", "Country it is in, ISO 3166-1 alpha-2; null if not known.", nullable=True
        ),
        FeedColumn(
            "network_kind",
            "text",
            "Kind of network: residential, mobile, data_centre, vpn or tor; null if not known.",
            nullable=True,
            allowed_values=("residential", "mobile", "data_centre", "vpn", "tor"),
        ),
        FeedColumn("is_vpn", "boolean", "Whether it is the exit of a virtual private network."),
        FeedColumn("is_tor", "boolean", "Whether it is an exit of the Tor network."),
        _INCIDENTS,
        _RISK,
        _LOOKED_UP_AT,
    ),
)

DEVICE_REPUTATION = Feed(
    name="device_reputation",
    description="What the reputation service knows of visitors' devices. The newest answer counts.",
    key=("device_fingerprint",),
    columns=(
        FeedColumn("device_fingerprint", "text", "The device's fingerprint. Personal data."),
        FeedColumn(
            "device_kind",
            "text",
            "Kind of device: ordinary, rooted, emulator or headless (a browser without a screen); "
            "null if not known.",
            nullable=True,
            allowed_values=("ordinary", "rooted", "emulator", "headless"),
        ),
        FeedColumn("is_emulator", "boolean", "Whether it is an emulated telephone."),
        FeedColumn("is_automated", "boolean", "Whether it is driven by a program."),
        _INCIDENTS,
        _RISK,
        _LOOKED_UP_AT,
    ),
)

FILE_FEEDS = (GEOGRAPHY, ECONOMIC_INDICATORS)
SERVICE_FEEDS = (IP_REPUTATION, DEVICE_REPUTATION)
FEEDS: tuple[Feed, ...] = (*FILE_FEEDS, *SERVICE_FEEDS)
