"""The BI user reads marts and dimensions, and nothing else, whatever is tried."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from clickhouse_server.access import READABLE_SYSTEM_TABLES
from tests.fixtures.warehouse import RunningWarehouse
from tests.integration.warehouse.attacks import (
    ATTACKS,
    RAN,
    READABLE,
    READING,
    SECRET,
    SETTINGS,
    TABLES,
    TELL,
)
from tests.integration.warehouse.conftest import Ask
from tradewind.warehouse.access import STATE

REFUSALS = {"164", "452", "497"}
HIDDEN = {"ods", "bronze", "ops", "fact_bi"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file that nobody may read, and where nobody may write."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.txt").write_text(SECRET + "\n")
    return folder


@pytest.fixture(scope="module", autouse=True)
def marts(warehouse: RunningWarehouse) -> Iterator[None]:
    """Something to read in every layer, and a secret where the BI user has no business."""
    admin = warehouse.client("admin")
    for name in TABLES:
        admin.command(
            f"CREATE OR REPLACE TABLE {name} (id UInt64, text String) ENGINE = MergeTree ORDER BY id"
        )
        admin.command(f"INSERT INTO {name} VALUES (1, '{SECRET if name not in READABLE else 'open'}')")
    admin.command(
        "CREATE OR REPLACE VIEW ads.ads_bi_view AS SELECT id, count() AS rows FROM cdm.fact_bi GROUP BY id"
    )
    admin.command(
        "CREATE OR REPLACE DICTIONARY ods.bi_dictionary (id UInt64, text String) PRIMARY KEY id "
        "SOURCE(CLICKHOUSE(TABLE 'ods_bi' DB 'ods')) LAYOUT(FLAT()) LIFETIME(0)"
    )
    admin.command("CREATE OR REPLACE TABLE ods.bi_join (id UInt64, text String) ENGINE = Join(ANY, LEFT, id)")
    yield
    admin.command("DROP DICTIONARY ods.bi_dictionary")
    admin.command("DROP VIEW ads.ads_bi_view")
    for name in (*TABLES, "ods.bi_join"):
        admin.command(f"DROP TABLE {name} SYNC")


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) + len(SETTINGS) >= 220


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused(ask: Ask, warehouse: RunningWarehouse, folder: Path, name: str) -> None:
    url = f"http://127.0.0.1:{warehouse.port}/ping"
    text = ATTACKS[name].format(folder=folder, url=url, port=warehouse.port)
    for params in (
        {},
        {"session_id": str(uuid.uuid4())},
        {"default_format": "JSON", "param_table": "processes"},
    ):
        answer = ask(text, "bi", **params)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["X-ClickHouse-Exception-Code"] in REFUSALS | {"43", "62", "115"}, answer.text
        assert SECRET not in answer.text
        assert RAN not in answer.text
    assert [path.name for path in folder.iterdir()] == ["secret.txt"]
    assert ask("SELECT * FROM ads.ads_bi_mart").text == "1\topen\n"
    assert ask("SELECT name FROM system.tables WHERE name IN ('mine', 'gone')").text == ""


@pytest.mark.parametrize("name", SETTINGS)
def test_setting_is_refused(ask: Ask, name: str) -> None:
    answer = ask("SELECT * FROM ads.ads_bi_mart", "bi", **{name: SETTINGS[name]})
    assert answer.headers.get("X-ClickHouse-Exception-Code") in REFUSALS | {"115", "467"}, answer.text
    assert ask("SELECT count() FROM ads.ads_bi_mart").text == "1\n"


@pytest.mark.parametrize("name", [name for name in ATTACKS if name in READING])
def test_the_same_text_works_for_the_administrator_or_fails_otherwise(
    ask: Ask, folder: Path, name: str
) -> None:
    """An attack that is refused because it is misspelt proves nothing."""
    answer = ask(ATTACKS[name].format(folder=folder, url="", port=1), "admin")
    assert answer.headers.get("X-ClickHouse-Exception-Code") != "62", answer.text


def test_other_ways_to_send_a_text_are_refused_too(ask: Ask) -> None:
    insert = "INSERT INTO ads.ads_bi_mart FORMAT TSV"
    for answer in (
        ask(insert, "bi", data="9\tx\n"),
        ask(f"{insert}\n9\tx\n", "bi"),
        ask("SELECT 1", "bi", data="; DROP TABLE ads.ads_bi_mart"),
        ask("SELECT * FROM ods_bi", "bi", database="ods"),
        ask("SELECT query FROM processes", "bi", database="system"),
        ask(b"SELECT 1 /* \xff\xfe */", "bi"),
        ask("SELECT file('/etc/passwd')".encode("utf-16"), "bi"),
        ask("SELECT 1\0; DROP TABLE ads.ads_bi_mart", "bi"),
    ):
        assert answer.status_code >= 400, answer.text
    assert ask("SELECT * FROM ads.ads_bi_mart").text == "1\topen\n"


def test_system_tables_show_only_what_may_be_read(ask: Ask) -> None:
    allowed = (
        "database IN ('ads', 'rt', 'system', 'INFORMATION_SCHEMA', 'information_schema') "
        f"OR name LIKE 'dim_%' OR concat(database, '.', name) IN {STATE}"
    )
    assert ask(f"SELECT database, name FROM system.tables WHERE NOT ({allowed})", "bi").text == ""
    columns = allowed.replace("name", "table")
    assert ask(f"SELECT database, table FROM system.columns WHERE NOT ({columns})", "bi").text == ""
    assert ask("SHOW TABLES FROM ods", "bi").text == ""
    assert ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'ods'", "bi").text == ""


@pytest.mark.parametrize(
    "table", ["system.dictionaries", "system.data_skipping_indices", "system.enabled_roles"]
)
def test_a_readable_system_table_names_nothing_that_may_not_be_read(ask: Ask, table: str) -> None:
    ask("ALTER TABLE ods.ods_bi ADD INDEX IF NOT EXISTS by_text text TYPE set(0)")
    shown, own = ask(f"SELECT * FROM {table}").text, ask(f"SELECT * FROM {table}", "bi").text
    assert "ods" in shown or "admin" in shown
    assert "ods" not in own and "admin" not in own and "writer" not in own


def test_every_table_of_the_information_schema_shows_only_what_may_be_read(ask: Ask) -> None:
    names = ask("SELECT name FROM system.tables WHERE database = 'information_schema'").text.split()
    assert {"tables", "engines", "key_column_usage"} <= set(names)
    for name in names:
        answer = ask(f"SELECT * FROM information_schema.{name}", "bi")
        assert answer.status_code == 200, answer.text
        # Of `ops`, some tables may be read, so the database is shown, and none of its other tables.
        hidden = {"ods", "bronze", "fact_bi"} if name.lower() == "schemata" else HIDDEN
        readable = {table.partition(".")[2] for table in STATE}
        for fields in (set(line.split("\t")) for line in answer.text.splitlines()):
            assert not fields & hidden or fields & readable, (name, fields)


def test_every_system_table_is_listed_or_refused(ask: Ask) -> None:
    names = ask("SELECT name FROM system.tables WHERE database = 'system'").text.split()
    readable = {
        name for name in names if ask(f"SELECT * FROM system.{name} LIMIT 0", "bi").status_code == 200
    }
    assert readable <= {*READABLE_SYSTEM_TABLES, "processes"}
    assert {"tables", "columns", "settings"} <= readable


@pytest.mark.parametrize(
    "text",
    [
        "SELECT id, text FROM ads.ads_bi_mart",
        "SELECT rows FROM ads.ads_bi_view",
        "SELECT a.text FROM ads.ads_bi_mart AS a LEFT JOIN cdm.dim_bi AS d USING (id) "
        "WHERE a.id IN (1, 2) ORDER BY a.id",
        "SELECT toStartOfMonth(today()) AS m, sumIf(id, text = 'open'), quantileTDigest(0.5)(id), "
        "uniqExact(text), count(DISTINCT id), round(avg(id), 2), argMax(text, id) "
        "FROM rt.rt_bi_mart GROUP BY m HAVING count() > 0",
        "WITH x AS (SELECT *, row_number() OVER (PARTITION BY text ORDER BY id) AS n FROM cdm.dim_bi) "
        "SELECT * FROM x",
        "SELECT CASE WHEN id = 1 THEN 'one' ELSE 'more' END, CAST(id AS Decimal(18, 2)), id::String "
        "FROM ads.ads_bi_mart",
        "SELECT arrayMap(x -> x + 1, [1, 2]), map('a', 1), tuple(1, 'x'), (1, 2).1, today() - INTERVAL 1 DAY",
        "SELECT version(), timezone(), currentUser(), currentDatabase()",
        "SELECT name, value, readonly FROM system.settings LIMIT 5",
        "SELECT name FROM system.databases",
        "SELECT name, type, comment FROM system.columns WHERE database = 'ads' AND table = 'ads_bi_mart'",
        "SELECT database, name, engine, total_rows FROM system.tables WHERE database = 'ads'",
        "SELECT name FROM system.functions WHERE name = 'sum'",
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'ads'",
        "SHOW DATABASES",
        "SHOW TABLES FROM ads",
        "DESCRIBE TABLE ads.ads_bi_mart",
        "EXISTS TABLE ads.ads_bi_mart",
        "EXPLAIN SELECT * FROM ads.ads_bi_mart",
        "SELECT * FROM ads.ads_bi_mart FORMAT JSON",
        "SELECT number FROM numbers(3) UNION ALL SELECT 5 LIMIT 2",
        "SELECT id, count() FROM ads.ads_bi_mart GROUP BY GROUPING SETS ((id), ()) ORDER BY id WITH FILL",
        "SELECT extract(YEAR FROM now()), dateDiff('day', today(), today()), formatDateTime(now(), '%Y'), "
        "if(1, 2, 3)",
    ],
)
def test_what_a_dashboard_asks_is_answered(ask: Ask, text: str) -> None:
    answer = ask(text, "bi")
    assert answer.status_code == 200, answer.text


def test_a_bi_tool_may_choose_how_results_look(ask: Ask) -> None:
    answer = ask(
        "SELECT 18446744073709551615 AS n FORMAT JSONEachRow", "bi", output_format_json_quote_64bit_integers=1
    )
    assert answer.text == '{"n":"18446744073709551615"}\n'
    assert (
        ask("SELECT {x:String} FORMAT TSVRaw", "bi", param_x="1'; DROP TABLE x; --").text
        == "1'; DROP TABLE x; --\n"
    )
    assert ask("SELECT 1", "bi", max_execution_time=5, session_timezone="Asia/Tokyo").text == "1\n"


def test_clickhouse_connect_works_for_a_reader(warehouse: RunningWarehouse) -> None:
    client = warehouse.client("bi")
    assert client.query(
        "SELECT text FROM ads.ads_bi_mart WHERE id = {id:UInt64}", parameters={"id": 1}
    ).first_row == ("open",)
    assert client.query_df("SELECT * FROM cdm.dim_bi")["text"].tolist() == ["open"]
    with pytest.raises(DatabaseError, match="497"):
        client.query("SELECT * FROM ods.ods_bi")
    with pytest.raises(DatabaseError):
        client.insert("ads.ads_bi_mart", [[9, "x"]], column_names=["id", "text"])


def test_limits_hold_for_a_reader(ask: Ask) -> None:
    assert ask("SELECT getSetting('max_execution_time'), getSetting('readonly')", "bi").text == "300\t1\n"


FORMATS_THAT_GO_ON = (
    f"JSON; {TELL}",
    "JSON; SET ROLE admin; SELECT toUInt64(text) FROM ods.ods_bi",
    "JSON; SELECT 1 INTO OUTFILE '{folder}/new.txt' FORMAT CSV",
    "JSON; CREATE DATABASE mine",
    "JSON\r\nX-Other: 1",
    "",
)


@pytest.mark.parametrize("role", ["bi", "writer", "admin"])
@pytest.mark.parametrize("output", FORMATS_THAT_GO_ON)
def test_a_default_format_is_a_name(ask: Ask, folder: Path, output: str, role: str) -> None:
    given = output.format(folder=folder)
    for answer in (
        ask("SELECT 1 AS one", role, default_format=given),
        ask("SELECT 1 AS one", role, headers={"X-ClickHouse-Format": given.replace("\r\n", " ")}),
    ):
        assert SECRET not in answer.text
        assert answer.headers.get("X-ClickHouse-Exception-Code") == ("73" if given else None), answer.text
    assert [path.name for path in folder.iterdir()] == ["secret.txt"]
    assert ask("SELECT count() FROM system.databases WHERE name = 'mine'").text == "0\n"


ESCALATIONS = (
    "SHOW TABLES; SET ROLE admin; CREATE DATABASE mine",
    "DROP TABLE IF EXISTS ods.nothing; SET ROLE admin; CREATE DATABASE mine",
    "DROP TABLE IF EXISTS ods.nothing PARALLEL WITH SET ROLE admin",
    "DROP TABLE IF EXISTS ods.x$b$; SET ROLE admin; CREATE DATABASE mine; DROP TABLE IF EXISTS ods.y$b$",
    "SELECT \u2018it's\u2019 FORMAT JSON; SET ROLE admin; CREATE DATABASE mine; SELECT ''",
    "SET \u200b\u200b\u200bROLE admin",
    "\u200bSET ROLE admin",
    "SELECT 1 FORMAT JSON; SET ROLE admin; CREATE DATABASE mine",
    "INSERT INTO ods.ods_bi (id); SET ROLE admin; INSERT INTO ods.ods_bi FORMAT TSV\n1\tx\n",
    "INSERT INTO ods.ods_bi FROM\u200bINFILE '/etc/passwd' FORMAT LineAsString",
    "KILL QUERY WHERE (SELECT count() FROM file('/etc/passwd', 'LineAsString')) > 0",
)


@pytest.mark.parametrize("text", ESCALATIONS)
@pytest.mark.parametrize("params", [{}, {"default_format": "JSON"}], ids=["TSV", "JSON"])
def test_a_writer_does_not_become_the_administrator(ask: Ask, text: str, params: dict[str, str]) -> None:
    session = str(uuid.uuid4())
    answer = ask(text, "writer", session_id=session, **params)
    assert answer.headers["X-ClickHouse-Exception-Code"] in {"62", "497"}, answer.text
    assert ask("SELECT currentRoles()", "writer", session_id=session).text == "['writer']\n"
    assert ask("SELECT count() FROM system.databases WHERE name = 'mine'").text == "0\n"
    assert ask("SELECT count() FROM ods.ods_bi").text == "1\n"


@pytest.mark.parametrize(
    "text",
    [
        "SET ROLE admin",
        "/* x */ SET ROLE DEFAULT",
        "SELECT 1; SET ROLE admin",
        "GRANT admin TO default",
        "CREATE USER mine",
        "CREATE ROLE mine",
        "DROP USER default",
        "CREATE DATABASE mine",
        "CREATE FUNCTION mine AS x -> file(x)",
        "SELECT * FROM file('/etc/passwd')",
        "SELECT file('/etc/passwd')",
        "SELECT 1 INTO OUTFILE '/tmp/x'",
    ],
)
def test_the_writer_manages_data_and_not_access(ask: Ask, text: str) -> None:
    answer = ask(text, "writer")
    assert answer.status_code >= 400, answer.text
    assert ask("CREATE DATABASE IF NOT EXISTS ods", "writer").status_code == 200
