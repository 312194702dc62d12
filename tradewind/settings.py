"""Where everything is: the one typed settings object.

Belongs here: addresses, credentials and folders. Doesn't: starting anything, or deciding ports
(`tradewind.stack` does, and writes them to the home's `stack.env`).

A home that runs the embedded stack is self-contained: its `stack.env` wins over the environment,
so that two homes side by side never mix. Without that file (a full deployment) every value comes
from the environment, and a missing one is an error that names the variable.
"""

from __future__ import annotations

import os
import shlex
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

PROJECT_ROOT = Path(__file__).resolve().parents[1]


class SettingsError(RuntimeError):
    """A setting is missing or malformed; the message names the variable and the way out."""


class Endpoint:
    """The parts of a service address, decoded: host, port, user, password, database."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname or not parts.port:
            raise SettingsError(
                f"address without host or port: {parts.scheme}://...; expected scheme://user:password@host:port/database"
            )
        self.scheme = parts.scheme
        self.host = parts.hostname
        self.port = parts.port
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.database = parts.path.lstrip("/")


def home_folder() -> Path:
    """The state folder: `TRADEWIND_HOME`, or `.tradewind` in the project's root."""
    return Path(os.environ.get("TRADEWIND_HOME") or PROJECT_ROOT / ".tradewind").expanduser().resolve()


class Settings(BaseSettings):
    """Addresses of the services; field names are the environment variables in lower case."""

    model_config = SettingsConfigDict(extra="ignore", env_prefix="", case_sensitive=False)

    database_url: str = Field(description="the shop's PostgreSQL as its owner (DDL and data)")
    database_app_url: str = Field(description="the shop's PostgreSQL as the application (data only)")
    database_replication_url: str = Field(description="the shop's PostgreSQL as Debezium sees it")
    clickhouse_url: str = Field(description="the warehouse as its administrator")
    clickhouse_writer_url: str = Field(description="the warehouse as the pipeline: capture and dbt")
    clickhouse_bi_url: str = Field(description="the warehouse as a read-only BI user")
    dagster_url: str = Field(description="the Dagster UI")

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

    @cached_property
    def database(self) -> Endpoint:
        """The shop's database as its owner."""
        return Endpoint(self.database_url)

    @cached_property
    def warehouse(self) -> Endpoint:
        """The warehouse as the pipeline's writer."""
        return Endpoint(self.clickhouse_writer_url)

    def exports(self) -> dict[str, str]:
        """Every variable a shell, dbt, psql or a BI tool needs to reach this stack."""
        values = {name.upper(): str(value) for name, value in self.model_dump().items()}
        return values | {
            "TRADEWIND_HOME": str(home_folder()),
            "TRADEWIND_WAREHOUSE_HOST": self.warehouse.host,
            "TRADEWIND_WAREHOUSE_PORT": str(self.warehouse.port),
            "TRADEWIND_WAREHOUSE_USER": self.warehouse.user,
            "TRADEWIND_WAREHOUSE_PASSWORD": self.warehouse.password,
            "DAGSTER_HOME": str(home_folder() / "dagster"),
            "DBT_TARGET_PATH": str(home_folder() / "dbt" / "target"),
            "DBT_LOG_PATH": str(home_folder() / "dbt" / "logs"),
            "DBT_PROFILES_DIR": str(PROJECT_ROOT),
            "DBT_PROJECT_DIR": str(PROJECT_ROOT),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }

    def export_lines(self) -> str:
        """`exports()` as shell lines: `export NAME='value'`."""
        return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in self.exports().items())


def load_settings() -> Settings:
    """Read the settings; raises SettingsError naming every variable that is missing."""
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        names = ", ".join(str(item["loc"][0]).upper() for item in error.errors())
        raise SettingsError(
            f"not set: {names}. Start the embedded stack with `tradewind up`, "
            f"or set the variables (see .env.example). Home: {home_folder()}"
        ) from error
