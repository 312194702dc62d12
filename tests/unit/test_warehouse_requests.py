"""Requests, users, errors and compression of the warehouse server, without an engine."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickhouse_server.compression import BlockReader, BlockWriter, choose_encoding, decoder, encoder
from clickhouse_server.errors import WarehouseError, from_engine
from clickhouse_server.guard import reader_settings
from clickhouse_server.processes import kill_as_select, with_client_ids
from clickhouse_server.request import Request, read_request
from clickhouse_server.statement import parse
from clickhouse_server.users import Users, UsersFileError, load_users


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
    with pytest.raises(WarehouseError, match="more than once"):
        request("user=bi&user=admin")


@pytest.mark.parametrize("timeout", ["-1", "4000", "soon", "nan"])
def test_impossible_session_timeouts_are_refused(timeout: str) -> None:
    with pytest.raises(WarehouseError) as error:
        _ = request(f"session_timeout={timeout}").session_seconds
    assert error.value.code == 374


def test_passwords_are_checked_and_not_kept() -> None:
    users = Users({"ann": ("s3cret", "bi")})
    basic = {"authorization": "Basic " + b64encode(b"ann:s3cret").decode()}
    assert users.authenticate(basic, {}).role == "bi"
    assert users.authenticate({"x-clickhouse-user": "ann", "x-clickhouse-key": "s3cret"}, {}).name == "ann"
    assert users.authenticate({}, {"user": "ann", "password": "s3cret"}).name == "ann"
    assert "s3cret" not in repr(vars(users))


@pytest.mark.parametrize(
    "header", ["Basic !!!", "Basic " + b64encode(b"ann:wrong").decode(), "Bearer x", "Basic"]
)
def test_bad_authorization_is_refused(header: str) -> None:
    with pytest.raises(WarehouseError) as error:
        Users({"ann": ("s3cret", "bi")}).authenticate({"authorization": header}, {})
    assert error.value.code == 516


@pytest.mark.parametrize(
    "entries", [{"a": {"password": "x", "role": "king"}}, {"a": {"password": "", "role": "bi"}}, [1]]
)
def test_a_malformed_users_file_says_what_is_wrong(tmp_path: Path, entries: object) -> None:
    path = tmp_path / "users.json"
    path.write_text(json.dumps(entries))
    os.chmod(path, 0o600)
    with pytest.raises(UsersFileError, match="users"):
        load_users(path)


def test_the_engines_wrappings_are_taken_off_an_error() -> None:
    text = (
        "Streaming query failed: Code: 115. DB::Exception: Code: 115. DB::Exception: Unknown setting 'x'. "
        "(UNKNOWN_SETTING) (version 26.9.2.1). (UNKNOWN_SETTING)"
    )
    error = from_engine(RuntimeError(text))
    assert error.text("26") == "Code: 115. DB::Exception: Unknown setting 'x'. (UNKNOWN_SETTING) (version 26)"
    assert error.status == 404
    assert from_engine(RuntimeError("broken")).code == 1002


@given(st.lists(st.binary(max_size=5000), max_size=8), st.integers(1, 4000))
def test_blocks_survive_any_cutting(pieces: list[bytes], cut: int) -> None:
    writer, reader = BlockWriter(), BlockReader()
    packed = b"".join(writer.update(piece) for piece in pieces)
    plain = b"".join(reader.update(packed[place : place + cut]) for place in range(0, len(packed), cut))
    assert plain + reader.finish() == b"".join(pieces)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd"])
@given(pieces=st.lists(st.binary(max_size=3000), min_size=1, max_size=5), cut=st.integers(1, 2000))
def test_encodings_survive_any_cutting(encoding: str, pieces: list[bytes], cut: int) -> None:
    pack, unpack = encoder(encoding, blocks=False), decoder(encoding, blocks=False)
    packed = b"".join(pack.update(piece) for piece in pieces) + pack.finish()
    plain = b"".join(unpack.update(packed[place : place + cut]) for place in range(0, len(packed), cut))
    assert plain + unpack.finish() == b"".join(pieces)


def test_the_clients_first_known_encoding_is_chosen() -> None:
    assert choose_encoding("br;q=1, zstd, lz4") == "zstd"
    assert choose_encoding("gzip;q=0, lz4") == "lz4"
    assert choose_encoding("br") is None
    assert choose_encoding("") is None


def test_kill_query_becomes_a_listing_in_the_clients_terms() -> None:
    listing, stops = kill_as_select(parse("KILL QUERY WHERE query_id = 'a' SYNC FORMAT JSON"), "own")
    assert "WHERE ( query_id = 'a'\n) AND query_id NOT IN ('', 'own')" in listing.text
    assert (listing.format, stops) == ("JSON", True)
    assert kill_as_select(parse("KILL QUERY WHERE user = 'x' TEST"), "own")[1] is False
    with pytest.raises(WarehouseError, match="expected KILL QUERY WHERE"):
        kill_as_select(parse("KILL QUERY 'a'"), "own")


def test_only_the_process_list_itself_is_rewritten() -> None:
    assert with_client_ids(parse("SELECT 'system.processes'")).text == "SELECT 'system.processes'"
    rewritten = with_client_ids(parse("SELECT p.query FROM system.processes AS p")).text
    assert rewritten.startswith("SELECT p.query FROM view(SELECT * REPLACE(")
    assert rewritten.endswith("FROM system.processes) AS p")


@pytest.mark.parametrize(
    "settings",
    [{"max_execution_time": "0"}, {"max_execution_time": "nan"}, {"readonly": "0"}, {"allow_ddl": "1"}],
)
def test_a_reader_cannot_lift_its_limits(settings: dict[str, str]) -> None:
    with pytest.raises(WarehouseError):
        reader_settings(settings)


def test_a_reader_chooses_how_results_look() -> None:
    settings = {"output_format_json_quote_64bit_integers": "1", "max_execution_time": "10", "readonly": "1"}
    assert reader_settings(settings) == {
        "output_format_json_quote_64bit_integers": "1",
        "max_execution_time": "10",
    }
