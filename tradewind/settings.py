"""The typed settings: addresses of the services, and how the stack, the capture and the simulator run.

The `stack.env` of a home that runs the embedded stack takes precedence over the environment, so that two
homes side by side never mix. Without that file (a full deployment) every value comes from the environment,
and a missing one is an error that names the variable.
"""

from __future__ import annotations

import os
import re
import shlex
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import (
    SettingsError as SourceError,
)

PROJECT_ROOT = Path(__file__).resolve().parents[1]


EXPECTED = "expected scheme://user:password@host:port/database, and in a password %40 for @ and %2F for /"


class SettingsError(RuntimeError):
    """A setting is missing or malformed; the message names the variable and what to do."""


class Endpoint:
    """The parts of a service address, decoded: host, port, user, password, database."""

    def __init__(self, url: str) -> None:
        parts, port = _split(url)
        if parts is None or not parts.scheme or not parts.hostname or not port:
            # No part is shown: in a malformed address, any part may be the password.
            raise SettingsError(f"not an address: {EXPECTED}")
        self.scheme = parts.scheme
        self.host = parts.hostname
        self.port = port
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.database = parts.path.lstrip("/")

    @property
    def origin(self) -> str:
        """The address without login and path: `https://host:port`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def _split(url: str) -> tuple[SplitResult | None, int | None]:
    """The parts of an address and its port; None for what cannot be parsed."""
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        return None, None


def home_folder() -> Path:
    """The state folder: `TRADEWIND_HOME`, or `.tradewind` in the project's root, which need not exist."""
    path = Path(os.environ.get("TRADEWIND_HOME") or PROJECT_ROOT / ".tradewind")
    try:
        return Path(os.path.realpath(path.expanduser()))
    except RuntimeError as error:
        raise SettingsError(f"TRADEWIND_HOME={path} names a user that does not exist") from error


# An empty variable counts as missing, and no error repeats a value that may be a password.
FROM_ENVIRONMENT = SettingsConfigDict(
    extra="ignore", env_prefix="", case_sensitive=False, env_ignore_empty=True, hide_input_in_errors=True
)


def dbt_places(folder: Path) -> dict[str, str]:
    """The variables by which dbt finds this project and writes into `folder` only."""
    return {
        "DBT_PROJECT_DIR": str(PROJECT_ROOT),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


class HomeSettings(BaseSettings):
    """Settings that a home keeps in its `stack.env`."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The home's `stack.env` first, then the environment."""
        stack_env = DotEnvSettingsSource(settings_cls, env_file=home_folder() / "stack.env")
        return init_settings, stack_env, env_settings


class ReportingSettings(HomeSettings):
    """What the figures are reported by; environment variables of the same names."""

    tradewind_reporting_time_zone: str | None = Field(
        default=None, description="the time zone of the shop's days; as dbt_project.yml has it if not set"
    )

    tradewind_reporting_date: date | None = Field(
        default=None, description="the day that figures look back from; today if not set"
    )

    @field_validator("tradewind_reporting_time_zone")
    @classmethod
    def _is_known(cls, name: str | None) -> str | None:
        """ValueError for a name that the IANA time zone database does not have."""
        if name is not None and name not in available_timezones():
            raise ValueError("no time zone")
        return name

    def exports(self) -> dict[str, str]:
        """What is set, as environment variables."""
        return {name.upper(): str(value) for name, value in self.model_dump().items() if value is not None}


class Settings(HomeSettings):
    """Addresses of the services; field names are the environment variables in lower case."""

    database_url: str = Field(description="the shop's PostgreSQL as its owner (DDL and data)")
    database_app_url: str = Field(description="the shop's PostgreSQL as the application (data only)")
    database_replication_url: str = Field(description="the shop's PostgreSQL as Debezium sees it")
    clickhouse_url: str = Field(description="the warehouse as its administrator")
    clickhouse_writer_url: str = Field(description="the warehouse as the pipeline: capture and dbt")
    clickhouse_bi_url: str = Field(description="the warehouse as a read-only BI user")
    dagster_url: str = Field(description="the Dagster UI")
    reputation_url: str | None = Field(
        default=None, description="the service for the reputation of addresses; its password is the API key"
    )

    kafka_url: str | None = Field(default=None, description="the Kafka broker: kafka://host:port")
    connect_url: str | None = Field(default=None, description="Kafka Connect's REST API")
    api_url: str | None = Field(default=None, description="the HTTP API over marts and metrics")
    api_key: str | None = Field(default=None, description="a key of the HTTP API")

    @field_validator("*")
    @classmethod
    def _is_address(cls, url: str | None, field: ValidationInfo) -> str | None:
        """Every setting but the key is an address; ValueError for one that is malformed."""
        if url is not None and field.field_name != "api_key":
            try:
                Endpoint(url)
            except SettingsError as error:
                raise ValueError(EXPECTED) from error
        return url

    @cached_property
    def database(self) -> Endpoint:
        """The shop's database as its owner."""
        return Endpoint(self.database_url)

    @cached_property
    def warehouse(self) -> Endpoint:
        """The warehouse as the pipeline's writer."""
        return Endpoint(self.clickhouse_writer_url)

    def required(self, name: str) -> str:
        """The value of an optional setting; SettingsError names the variable if it is missing."""
        value = getattr(self, name)
        if not value:
            raise SettingsError(
                f"{name.upper()} is not set: {type(self).model_fields[name].description}; "
                "run `tradewind up`, or set it (see .env.example)"
            )
        return str(value)

    def exports(self) -> dict[str, str]:
        """Every variable that a shell, dbt, psql or a BI tool needs to reach this stack."""
        values = {name.upper(): str(value) for name, value in self.model_dump().items() if value is not None}
        return values | {
            "TRADEWIND_HOME": str(home_folder()),
            "DBT_CLICKHOUSE_HOST": self.warehouse.host,
            "DBT_CLICKHOUSE_PORT": str(self.warehouse.port),
            "DBT_CLICKHOUSE_SECURE": str(self.warehouse.scheme == "https").lower(),
            "DBT_CLICKHOUSE_USER": self.warehouse.user,
            "DBT_CLICKHOUSE_PASSWORD": self.warehouse.password,
            "DAGSTER_HOME": str(home_folder() / "dagster"),
            **reporting_settings().exports(),
            **dbt_places(home_folder() / "dbt"),
        }

    def export_lines(self) -> str:
        """`exports()` as shell lines: `export NAME='value'`."""
        return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in self.exports().items())


class SimulationSettings(BaseSettings):
    """Defaults of the simulator's options; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    events_per_second: float = Field(default=20.0, description="clickstream events per second")
    num_users: int | None = Field(default=None, description="people who may visit; all users if not set")
    user_growth_rate: float = Field(default=10.0, description="new users per hour")


class QualitySettings(BaseSettings):
    """When the quality gate stops a build; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_quarantine_max_events: int = Field(
        default=100, ge=0, description="events of a log in quarantine with which a build goes on in any case"
    )
    tradewind_quarantine_max_rate: float = Field(
        default=0.01, ge=0, le=1, description="the part of a log's events with which it goes on as well"
    )


class ReorderSettings(BaseSettings):
    """What reordering is decided by; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_service_level: float = Field(
        default=0.95, gt=0.5, lt=1, description="probability with which stock lasts until a delivery"
    )
    tradewind_minimum_order: PositiveInt = Field(
        default=6, description="pieces; orders are whole multiples of it"
    )
    tradewind_accept_orders: Literal["none", "critical", "all"] = Field(
        default="none", description="proposed purchase orders that are accepted without being looked at"
    )


class StartSettings(BaseSettings):
    """How the stack is started; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_start_timeout: PositiveFloat = Field(
        default=300, description="seconds until a service must be healthy"
    )


class CaptureSettings(BaseSettings):
    """How the capture runs; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_capture_patience_seconds: PositiveFloat = Field(
        default=60, description="seconds to wait for a warehouse that does not respond"
    )
    tradewind_capture_poll_ms: PositiveInt | None = Field(
        default=None,
        description="milliseconds to collect changes; as its definition says if not set",
    )
    tradewind_capture_java_options: str = Field(
        default="", description="Java options in addition to the capture's own, such as -Xmx2g"
    )


class KafkaSettings(BaseSettings):
    """How change data goes through Kafka; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_landing: Literal["kafka-engine", "sink"] = Field(
        default="kafka-engine",
        description="what writes topics to the warehouse: its Kafka engine or the sink",
    )
    tradewind_topic_replication: PositiveInt = Field(
        default=1, description="replicas of each topic; 3 in production"
    )
    tradewind_largest_event_bytes: PositiveInt = Field(
        default=16 * 1024 * 1024, description="an event larger than this is a dead letter"
    )
    tradewind_clickhouse_sink: Path | None = Field(
        default=None, description="the folder with the jars of the ClickHouse Kafka Connect sink"
    )


class ApiSettings(BaseSettings):
    """How the HTTP API answers; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_api_origins: list[str] = Field(
        default=[], description='web sites whose pages may ask, as JSON: ["https://shop.example"]'
    )
    tradewind_api_requests_per_minute: PositiveInt = Field(
        default=3000, description="requests that a key may send in a minute"
    )


class AlertSettings(BaseSettings):
    """What is watched and who is told; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_alert_rules: Path | None = Field(
        default=None, description="the file of rules; the product's own if not set"
    )
    tradewind_alert_slack_url: SecretStr | None = Field(
        default=None, description="an incoming webhook of Slack"
    )
    tradewind_alert_webhook_url: SecretStr | None = Field(
        default=None, description="an address that takes alerts as JSON"
    )
    tradewind_alert_seconds: float = Field(
        default=10.0, gt=0, le=30, description="seconds from one look at the rules to the next"
    )

    @field_validator("tradewind_alert_slack_url", "tradewind_alert_webhook_url")
    @classmethod
    def _is_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        """ValueError for what is no http or https address."""
        if url is not None and not re.match(r"https?://[^/\s]+", url.get_secret_value()):
            raise ValueError("no http or https address")
        return url


class RetentionSettings(BaseSettings):
    """How long data is kept; environment variables of the same names."""

    model_config = SettingsConfigDict(**FROM_ENVIRONMENT)

    tradewind_bronze_retention_days: PositiveInt | None = Field(
        default=None, description="days that bronze keeps superseded changes; for ever if not set"
    )


def api_settings() -> ApiSettings:
    """Read them; SettingsError names the variable that is malformed."""
    try:
        return ApiSettings()
    except ValidationError as error:
        raise SettingsError(f"not a whole number above 0: {_shown(error)}") from error
    except SourceError as error:
        raise SettingsError("TRADEWIND_API_ORIGINS is not a JSON list of addresses") from error


def alert_settings() -> AlertSettings:
    """Read them; SettingsError names the variable that is malformed, and not its secret value."""
    try:
        return AlertSettings()
    except ValidationError as error:
        names = ", ".join(str(detail["loc"][0]).upper() for detail in error.errors())
        raise SettingsError(f"{names} is no http or https address") from error


def retention_settings() -> RetentionSettings:
    """Read them; SettingsError names every variable that is not a positive number."""
    try:
        return RetentionSettings()
    except ValidationError as error:
        raise SettingsError(f"not a whole number above 0: {_shown(error)}") from error


def reorder_settings() -> ReorderSettings:
    """Read them; SettingsError names every variable that is malformed."""
    try:
        return ReorderSettings()
    except ValidationError as error:
        raise SettingsError(f"not allowed: {_shown(error)}") from error


def reporting_settings() -> ReportingSettings:
    """Read them; SettingsError for a time zone or a day that does not exist."""
    try:
        return ReportingSettings()
    except ValidationError as error:
        raise SettingsError(
            f"no time zone of the IANA database (Asia/Bangkok) or no day (2026-01-31): {_shown(error)}"
        ) from error


def reporting_time_zone() -> str:
    """The time zone of the shop's days: the setting, else dbt_project.yml's variable."""
    import yaml

    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text())
    return reporting_settings().tradewind_reporting_time_zone or str(project["vars"]["reporting_time_zone"])


def reporting_date(moment: datetime | None = None) -> date:
    """The day that figures look back from: the setting, else the shop's day at `moment` (by default now)."""
    if given := reporting_settings().tradewind_reporting_date:
        return given
    return (moment or datetime.now(UTC)).astimezone(ZoneInfo(reporting_time_zone())).date()


def kafka_settings() -> KafkaSettings:
    """Read them; raises SettingsError naming every variable that is malformed."""
    try:
        return KafkaSettings()
    except ValidationError as error:
        raise SettingsError(f"not allowed: {_shown(error)}") from error


def simulation_settings() -> SimulationSettings:
    """Read them; SettingsError names every variable that is not a number."""
    try:
        return SimulationSettings()
    except ValidationError as error:
        raise SettingsError(f"not a number: {_shown(error)}") from error


def start_settings() -> StartSettings:
    """Read them; SettingsError names every variable that is not a positive number."""
    try:
        return StartSettings()
    except ValidationError as error:
        raise SettingsError(f"not a number above 0: {_shown(error)}") from error


def capture_settings() -> CaptureSettings:
    """Read them; SettingsError names every variable that is not a positive number."""
    try:
        return CaptureSettings()
    except ValidationError as error:
        raise SettingsError(f"not a number above 0: {_shown(error)}") from error


def load_settings() -> Settings:
    """Read the settings; SettingsError names every variable that is missing or malformed."""
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError(_description(error)) from error


def _description(error: ValidationError) -> str:
    problems = [(str(item["loc"][0]).upper(), item["type"] == "missing") for item in error.errors()]
    missing = ", ".join(name for name, is_missing in problems if is_missing)
    lines = [f"{name} is not an address: {EXPECTED}" for name, is_missing in problems if not is_missing]
    if missing:
        lines.append(
            f"not set: {missing}. Start the embedded stack with `tradewind up`, "
            f"or set the variables (see .env.example). Home: {home_folder()}"
        )
    return "; ".join(lines)


def _shown(error: ValidationError) -> str:
    return ", ".join(f"{str(item['loc'][0]).upper()}={item['input']!r}" for item in error.errors())
