"""Requests, users, settings and errors of the ClickHouse server, without an engine."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from pathlib import Path

import pytest

from clickhouse_server.access import Access, AccessFileError, Level, Role, load_access
from clickhouse_server.errors import ClickHouseError, from_engine
from clickhouse_server.reader_settings import ReaderSettings
from clickhouse_server.request import Request, read_request
from clickhouse_server.statement import parse
from clickhouse_server.system_tables import kill_as_select, process_list, replace_system_table
from clickhouse_server.users import Users, UsersFileError, load_users

ACCESS = Access(
    roles={
        "admin": Role("admin", Level.ADMIN),
        "writer": Role("writer", Level.WRITER, databases=("ods",)),
        "bi": Role("bi", Level.READER, tables=("ads.*",)),
    }
)


def request(query: str = "", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return read_request({"method": "POST", "path": "/", "query_string": query.encode(), "headers": raw})


def test_parameters_settings_and_steering_are_told_apart() -> None:
    found = request(
        "query=SELECT+1&database=ods&max_threads=2&param_x=a%09b&session_id=s&wait_end_of_query=1"
    )
    assert found.settings == {"max_threads": "2"}
    assert found.query_params == {"x": "a\tb"}
    assert found.database == "ods"
    assert found.flag("wait_end_of_query")


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(ClickHouseError, match="more than once"):
        request("user=bi&user=admin")


@pytest.mark.parametrize("timeout", ["-1", "4000", "soon", "nan"])
def test_impossible_session_timeouts_are_refused(timeout: str) -> None:
    with pytest.raises(ClickHouseError) as error:
        _ = request(f"session_timeout={timeout}").session_seconds
    assert error.value.code == 374


def test_passwords_are_checked_and_not_kept() -> None:
    users = Users({"ann": ("s3cret", "bi")}, ACCESS)
    basic = {"authorization": "Basic " + b64encode(b"ann:s3cret").decode()}
    assert users.authenticate(basic, {}).roles == ("bi",)
    assert users.authenticate({"x-clickhouse-user": "ann", "x-clickhouse-key": "s3cret"}, {}).name == "ann"
    assert users.authenticate({}, {"user": "ann", "password": "s3cret"}).name == "ann"
    assert "s3cret" not in repr(vars(users))


@pytest.mark.parametrize(
    "header", ["Basic !!!", "Basic " + b64encode(b"ann:wrong").decode(), "Bearer x", "Basic"]
)
def test_bad_authorization_is_refused(header: str) -> None:
    with pytest.raises(ClickHouseError) as error:
        Users({"ann": ("s3cret", "bi")}, ACCESS).authenticate({"authorization": header}, {})
    assert error.value.code == 516


@pytest.mark.parametrize(
    "entries", [{"a": {"password": "x", "role": "king"}}, {"a": {"password": "", "role": "bi"}}, [1]]
)
def test_a_malformed_users_file_says_what_is_wrong(tmp_path: Path, entries: object) -> None:
    path = tmp_path / "users.json"
    path.write_text(json.dumps(entries))
    os.chmod(path, 0o600)
    with pytest.raises(UsersFileError, match="users"):
        load_users(path, ACCESS)


def test_the_engines_wrappings_are_taken_off_an_error() -> None:
    text = (
        "Streaming query failed: Code: 115. DB::Exception: Code: 115. DB::Exception: Unknown setting 'x'. "
        "(UNKNOWN_SETTING) (version 26.9.2.1). (UNKNOWN_SETTING)"
    )
    error = from_engine(RuntimeError(text))
    assert error.text("26") == "Code: 115. DB::Exception: Unknown setting 'x'. (UNKNOWN_SETTING) (version 26)"
    assert error.status == 404
    assert from_engine(RuntimeError("broken")).code == 1002


def test_kill_query_becomes_a_listing_in_the_clients_terms() -> None:
    listing, is_test = kill_as_select(parse("KILL QUERY WHERE query_id = 'a' SYNC FORMAT JSON"), "own")
    assert "WHERE ( query_id = 'a'\n) AND query_id NOT IN ('', 'own')" in listing.text
    assert (listing.format, is_test) == ("JSON", False)
    assert kill_as_select(parse("KILL QUERY WHERE user = 'x' TEST"), "own")[1] is True
    with pytest.raises(ClickHouseError, match="expected KILL QUERY WHERE"):
        kill_as_select(parse("KILL QUERY 'a'"), "own")


def test_only_the_process_list_itself_is_replaced() -> None:
    def rewritten(text: str) -> str:
        return replace_system_table(parse(text), "processes", "LIST").text

    assert rewritten("SELECT 'system.processes'") == "SELECT 'system.processes'"
    assert rewritten("SELECT p.query FROM system.processes AS p") == "SELECT p.query FROM LIST AS p"
    assert rewritten("SELECT query FROM system.processes WHERE 1") == (
        "SELECT query FROM LIST AS processes WHERE 1"
    )
    assert rewritten("SELECT 1 IN system.processes") == "SELECT 1 IN system.processes"
    assert process_list("it's").endswith("= 'it\\'s')")


IN_FORCE = {
    "max_execution_time": "300",
    "max_memory_usage": "4294967296",
    "max_result_rows": "0",
    "max_concurrent_queries_for_user": "0",
    "max_streams_for_merge_tree_reading": "0",
    "max_threads": "auto(2)",
    "readonly": "1",
    "allow_ddl": "1",
    "final": "1",
    "union_default_mode": "DISTINCT",
    "join_use_nulls": "1",
    "async_insert": "1",
    "log_queries": "1",
    "select_sequential_consistency": "0",
    "use_query_cache": "0",
    "additional_table_filters": "{}",
    "output_format_schema": "",
    "output_format_json_quote_64bit_integers": "0",
    "input_format_record_errors_file_path": "",
}


@pytest.mark.parametrize(
    "settings",
    [
        {"max_execution_time": "0"},
        {"max_execution_time": "301"},
        {"max_execution_time": "nan"},
        {"max_execution_time": "-1"},
        {"max_memory_usage": "0"},
        {"max_threads": "65"},
        {"max_concurrent_queries_for_user": "1"},
        {"max_streams_for_merge_tree_reading": "1000000"},
        {"readonly": "0"},
        {"allow_ddl": "0"},
        {"final": "0"},
        {"additional_table_filters": "{'a': '1'}"},
        {"output_format_schema": "/tmp/x"},
        {"input_format_record_errors_file_path": "/tmp/x"},
        {"no_such_setting": "1"},
    ],
)
def test_a_reader_cannot_lift_its_limits(settings: dict[str, str]) -> None:
    with pytest.raises(ClickHouseError):
        ReaderSettings(IN_FORCE).checked(settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"output_format_json_quote_64bit_integers": "1"},
        {"max_execution_time": "10"},
        {"max_result_rows": "1000"},
        {"max_threads": "8"},
        {"async_insert": "0"},
        {"select_sequential_consistency": "1"},
        {"use_query_cache": "true"},
        {"log_queries": "0"},
        {"final": "true"},
        {"allow_ddl": "1"},
        {"union_default_mode": "DISTINCT"},
        {"additional_table_filters": "{}"},
        {"join_use_nulls": "0"},
    ],
)
def test_a_reader_changes_what_cannot_affect_a_read_and_repeats_what_is_in_force(
    settings: dict[str, str],
) -> None:
    assert ReaderSettings(IN_FORCE).checked(settings | {"readonly": "2"}) == settings


def test_settings_tell_a_reader_what_it_may_change() -> None:
    table = ReaderSettings(IN_FORCE).table
    unchangeable = table.split("name NOT IN (")[1].split(")")[0]
    assert "'join_use_nulls'" in unchangeable and "'max_execution_time'" in unchangeable
    assert "'final'" not in unchangeable and "'readonly'" not in unchangeable
    assert "'300'" in table


def test_a_role_is_taken_only_if_it_is_the_users() -> None:
    users = Users({"ann": ("s3cret", "bi"), "root": ("s3cret", "admin")}, ACCESS)
    ann, root = (users.authenticate({}, {"user": name, "password": "s3cret"}) for name in ("ann", "root"))
    assert users.acting_as(ann, ["bi"]).level is Level.READER
    assert users.acting_as(root, ["bi"]).level is Level.READER
    both = users.acting_as(root, ["bi", "writer", "bi"])
    assert (both.roles, both.level) == (("bi", "writer"), Level.WRITER)
    for roles, code in ((["admin"], 512), (["bi", "writer"], 512), (["nobody"], 511)):
        with pytest.raises(ClickHouseError) as error:
            users.acting_as(ann, roles)
        assert error.value.code == code


def test_several_roles_are_allowed_in_the_url() -> None:
    assert request("role=bi&role=writer&query=SELECT+1").roles == ("bi", "writer")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "must be a JSON object"),
        ("{", "is not JSON"),
        ("{}", '"roles" must name at least one role'),
        ('{"roles": {"a b": {"level": "reader"}}}', 'role "a b"'),
        ('{"roles": {"a": {"level": "king"}}}', '"level" must be one of admin, reader, writer'),
        ('{"roles": {"a": {"level": "reader", "tables": ["x"]}}}', "'x' is not database.table"),
        ('{"roles": {"a": {"level": "reader", "tables": ["x.y; DROP"]}}}', "is not database.table"),
        ('{"roles": {"a": {"level": "writer", "databases": ["*"]}}}', "is not a database's name"),
        ('{"roles": {"a": {"level": "reader", "rights": []}}}', "unknown rights"),
        ('{"roles": {"a": {"level": "reader"}}, "session_settings": {"final": 1}}', "value as a string"),
    ],
)
def test_a_malformed_access_file_says_what_is_wrong(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "access.json"
    path.write_text(content)
    with pytest.raises(AccessFileError, match=re.escape(message)) as error:
        load_access(path)
    assert str(path) in str(error.value)
