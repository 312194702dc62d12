"""A lake on disk, and Spark's settings for it.

    <lake>/warehouse/<database>/<table>   Iceberg tables: bronze, ods, cdm, ads
    <lake>/landing/                       files on their way into bronze
    <lake>/conf/  <lake>/java/            Spark's settings and its JAVA_HOME
    <lake>/dbt/                           dbt's target and logs

The catalog is Iceberg's `hadoop` catalog: the folders are the catalog, so there is no catalog database and no
second jar. It needs a file system with atomic renames, such as a local disk, and one writer at a time. It has
no views and cannot rename tables; models are tables, which Iceberg replaces atomically.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tradewind.lakehouse import jars, java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CATALOG = "lake"

LOG_SETTINGS = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
"""


@dataclass(frozen=True)
class Lake:
    """One lake: its folder, and how much of this machine Spark may use."""

    folder: Path
    memory: str = "2g"
    threads: int = 2
    # A build of this size is mostly the JVM compiling Spark: the first-tier compiler alone halves its
    # processor time on two cores. Remove it where tables take minutes each. With it, Java reserves only 48 MB
    # for compiled code by default, which the classes that a build generates fill, and Spark crashes.
    java_options: tuple[str, ...] = (
        "-XX:TieredStopAtLevel=1",
        "-XX:ReservedCodeCacheSize=240m",
        "-XX:+UseSerialGC",
    )

    @property
    def warehouse(self) -> Path:
        """The Iceberg tables."""
        return self.folder / "warehouse"

    @property
    def landing(self) -> Path:
        """Files on their way into bronze."""
        return self.folder / "landing"

    @property
    def dbt(self) -> Path:
        """dbt's target and logs."""
        return self.folder / "dbt"

    @property
    def conf(self) -> Path:
        """Spark's settings."""
        return self.folder / "conf"

    def settings(self) -> dict[str, str]:
        """Every Spark setting, by its name."""
        catalog = f"spark.sql.catalog.{CATALOG}"
        extensions = "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions"
        return {
            "spark.master": f"local[{self.threads}]",
            "spark.driver.memory": self.memory,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
            "spark.jars": str(jars.location()),
            "spark.local.dir": str(self.folder / "scratch"),
            "spark.sql.warehouse.dir": str(self.warehouse),
            "spark.sql.extensions": extensions,
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.defaultCatalog": CATALOG,
            catalog: "org.apache.iceberg.spark.SparkCatalog",
            f"{catalog}.type": "hadoop",
            f"{catalog}.warehouse": self.warehouse.as_uri(),
            # Another process may have written to the tables, so the folders are read each time.
            f"{catalog}.cache-enabled": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.driver.extraJavaOptions": " ".join(["-Duser.timezone=UTC", *self.java_options]),
            "spark.sql.ansi.enabled": "true",
            "spark.sql.shuffle.partitions": str(self.threads),
            # What the optimizer derives from columns with long expressions takes it longer than all else
            # together: 20 s of processor time for a merge of an empty log.
            "spark.sql.constraintPropagation.enabled": "false",
            # Spark writes down each query's plan for its web interface, also where there is none.
            "spark.sql.ui.explainMode": "simple",
            "spark.sql.debug.maxToStringFields": "1",
        }

    def prepare(self) -> None:
        """Prepare the folder for Spark; repeatable. LakehouseError if the jar is not in the cache."""
        jars.require()
        settings = self.settings()
        for folder in (self.warehouse, self.landing, self.dbt, self.conf, self.folder / "scratch"):
            folder.mkdir(parents=True, exist_ok=True)
        java.spark_java_home(self.folder / "java")
        lines = [f"{name} {value}" for name, value in settings.items()]
        write_whole(self.conf / "spark-defaults.conf", "\n".join(lines) + "\n")
        write_whole(self.conf / "log4j2.properties", LOG_SETTINGS)

    def environment(self) -> dict[str, str]:
        """The variables by which a Spark that is started by dbt or by hand works on this lake."""
        return {
            "JAVA_HOME": str(self.folder / "java"),
            "SPARK_HOME": str(jars.spark_folder()),
            "SPARK_CONF_DIR": str(self.conf),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }

    def java(self) -> dict[str, str]:
        """The variables by which another process's Spark uses this process's Java; none if it runs none.

        PySpark reads them when it starts. Only one Spark session may exist at a time: the other one
        must be stopped (`stop_foreign_session`) before this process opens a session again.
        """
        from pyspark import SparkContext

        gateway = SparkContext._gateway
        if gateway is None or SparkContext._active_spark_context is not None:
            return {}
        for name, value in self.settings().items():
            gateway.jvm.java.lang.System.setProperty(name, value)
        parameters = gateway.gateway_parameters
        return {"PYSPARK_GATEWAY_PORT": str(parameters.port), "PYSPARK_GATEWAY_SECRET": parameters.auth_token}

    @contextmanager
    def session(self, start: Callable[[], SparkSession] | None = None) -> Iterator[SparkSession]:
        """A Spark session on this lake, stopped at the end; only one at a time in a process.

        `start` opens it with these settings, if something else should than this lake.
        """
        self.prepare()
        os.environ.update(self.environment())
        session = start() if start else self._start()
        try:
            yield session
        finally:
            session.stop()

    def _start(self) -> SparkSession:
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.appName("tradewind")
        # Set here as well, because a Java process that served another lake before keeps that one's settings.
        for name, value in self.settings().items():
            builder = builder.config(name, value)
        return builder.getOrCreate()


def stop_foreign_session() -> None:
    """Stop the Spark session that another process left in this process's Java (`Lake.java`)."""
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    if gateway is not None and SparkContext._active_spark_context is None:
        sessions = gateway.jvm.org.apache.spark.sql.classic.SparkSession
        sessions.clearActiveSession()
        sessions.clearDefaultSession()
        gateway.jvm.org.apache.spark.SparkContext.getOrCreate().stop()


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: another process may be reading it, or this one be killed."""
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text)
    draft.replace(path)
