"""Reading Olist's files: what is right is read as it is, what is wrong is named by file, line, column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from tradewind.marketplace.loaders.olist import GEOLOCATIONS, ITEMS, ORDERS, PAYMENTS, REVIEWS
from tradewind.source.errors import LoadError
from tradewind.source.files import FileSpec, locate, read

PAYMENTS_HEADER = "order_id,payment_sequential,payment_type,payment_installments,payment_value"
REVIEWS_HEADER = (
    "review_id,order_id,review_score,review_comment_title,review_comment_message,"
    "review_creation_date,review_answer_timestamp"
)
GOOD_PAYMENT = "o1,1,credit_card,2,128.45"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the lines as a file of the spec and returns its path."""

    def written(spec: FileSpec, *lines: str, end: str = "\n") -> Path:
        path = tmp_path / f"{spec.stem}.csv"
        path.write_bytes((end.join(lines) + end).encode())
        return path

    return written


def refusal(path: Path, spec: FileSpec) -> LoadError:
    with pytest.raises(LoadError) as refused:
        list(read(path, spec))
    return refused.value


def test_rows_come_with_their_line_and_values_in_the_specs_order(write: Write) -> None:
    path = write(
        PAYMENTS,
        "payment_value,payment_type,order_id,payment_sequential,payment_installments",
        "5.5,boleto,o1,1,3",
    )
    assert list(read(path, PAYMENTS)) == [(2, ["o1", "1", "boleto", "3", "5.5"])]


def test_line_numbers_count_lines_inside_quotes(write: Write) -> None:
    review = 'r1,o1,5,,"first\nsecond, ""quoted""",2018-01-01 00:00:00,2018-01-02 00:00:00'
    bad = "r2,o2,6,,,2018-01-01 00:00:00,2018-01-02 00:00:00"
    path = write(REVIEWS, REVIEWS_HEADER, review, bad)
    rows = read(path, REVIEWS)
    assert next(rows)[1][4] == 'first\nsecond, "quoted"'
    with pytest.raises(
        LoadError, match=r"reviews_dataset\.csv, line 4, column review_score: 6 is outside 1 to 5"
    ):
        next(rows)


def test_an_empty_optional_value_is_null_and_spaces_are_kept(write: Write) -> None:
    path = write(REVIEWS, REVIEWS_HEADER, "r1,o1,5,, ,2018-01-01 00:00:00,2018-01-02 00:00:00")
    assert next(read(path, REVIEWS))[1][3:5] == [None, " "]


def test_a_byte_order_mark_and_windows_line_ends_are_understood(write: Write) -> None:
    path = write(PAYMENTS, "\ufeff" + PAYMENTS_HEADER, GOOD_PAYMENT, end="\r\n")
    assert list(read(path, PAYMENTS)) == [(2, ["o1", "1", "credit_card", "2", "128.45"])]


@pytest.mark.parametrize(
    ("spec", "lines", "line", "column", "reason"),
    [
        (PAYMENTS, ["order_id,payment_sequential"], 1, "payment_type", "column is missing"),
        (PAYMENTS, [PAYMENTS_HEADER + ",order_id"], 1, "order_id", "column is there twice"),
        (PAYMENTS, [PAYMENTS_HEADER + ",tip"], 1, "tip", "its values would be lost"),
        (PAYMENTS, [""], 1, None, "is empty|column is missing"),
        (PAYMENTS, [PAYMENTS_HEADER, GOOD_PAYMENT, "o1,1,boleto"], 3, None, "has 3 values, the header 5"),
        (PAYMENTS, [PAYMENTS_HEADER, GOOD_PAYMENT + ",x"], 2, None, "has 6 values, the header 5"),
        (PAYMENTS, [PAYMENTS_HEADER, "", GOOD_PAYMENT], 2, None, "has 0 values"),
        (PAYMENTS, [PAYMENTS_HEADER, ",1,boleto,1,5"], 2, "order_id", "is empty"),
        (PAYMENTS, [PAYMENTS_HEADER, "o1,one,boleto,1,5"], 2, "payment_sequential", "not a whole number"),
        (PAYMENTS, [PAYMENTS_HEADER, "o1,0,boleto,1,5"], 2, "payment_sequential", "0 is outside 1"),
        (
            PAYMENTS,
            [PAYMENTS_HEADER, "o1,1,gold,1,5"],
            2,
            "payment_type",
            "'gold' is unknown; known are credit_card",
        ),
        (PAYMENTS, [PAYMENTS_HEADER, "o1,1,boleto,1,5.555"], 2, "payment_value", "at most two decimals"),
        (PAYMENTS, [PAYMENTS_HEADER, "o1,1,boleto,1,-5"], 2, "payment_value", "not an amount of money"),
        (PAYMENTS, [PAYMENTS_HEADER, "o1,1,boleto,1,1e3"], 2, "payment_value", "not an amount of money"),
        (PAYMENTS, [PAYMENTS_HEADER, "o1,1,boleto,1,NaN"], 2, "payment_value", "not an amount of money"),
        (PAYMENTS, [PAYMENTS_HEADER, "o1,1,boleto,1,٣"], 2, "payment_value", "not an amount of money"),
        (PAYMENTS, [PAYMENTS_HEADER, 'o1,1,"boleto"x,1,5'], 2, None, "not valid CSV"),
        (PAYMENTS, [PAYMENTS_HEADER, GOOD_PAYMENT, 'o1,1,"boleto'], 3, None, "not valid CSV"),
        (
            ORDERS,
            [
                "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
                "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date",
                "o1,c1,delivered,2018-02-30 00:00:00,,,,2018-03-01 00:00:00",
            ],
            2,
            "order_purchase_timestamp",
            "day is out of range|day 30 must be in range",
        ),
        (
            ITEMS,
            [
                "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value",
                "o1,1,p1,s1,2018/01/01,5,1",
            ],
            2,
            "shipping_limit_date",
            "is not a time like",
        ),
        (
            GEOLOCATIONS,
            [
                "geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city,geolocation_state",
                "01000,-91,0,x,SP",
            ],
            2,
            "geolocation_lat",
            "-91 is outside -90 to 90",
        ),
    ],
)
def test_what_is_wrong_is_named(
    write: Write, spec: FileSpec, lines: list[str], line: int, column: str | None, reason: str
) -> None:
    error = refusal(write(spec, *lines), spec)
    assert (error.file, error.line, error.column) == (f"{spec.stem}.csv", line, column)
    with pytest.raises(LoadError, match=reason):
        raise error


def test_text_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "olist_order_payments_dataset.csv"
    path.write_bytes(f"{PAYMENTS_HEADER}\n{GOOD_PAYMENT}\n".encode() + b"\xff,1,boleto,1,5\n")
    assert "not valid UTF-8" in refusal(path, PAYMENTS).reason


@pytest.mark.parametrize("line", [2, 1_501, 60_000])
def test_text_that_is_not_utf_8_is_named_by_its_line(tmp_path: Path, line: int) -> None:
    path = tmp_path / "olist_order_payments_dataset.csv"
    lines = [PAYMENTS_HEADER.encode(), *[GOOD_PAYMENT.encode()] * 70_000]
    lines[line - 1] = b"o1,1,credit_card\xff,2,128.45"
    path.write_bytes(b"\n".join(lines))
    assert refusal(path, PAYMENTS).line == line


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "olist_order_payments_dataset.csv"
    path.mkdir()
    error = refusal(path, PAYMENTS)
    assert (error.file, error.reason) == (path.name, "cannot be read: Is a directory")


def test_a_zero_byte_is_named(write: Write) -> None:
    path = write(PAYMENTS, PAYMENTS_HEADER, "o\0,1,boleto,1,5")
    error = refusal(path, PAYMENTS)
    assert (error.line, "zero byte" in error.reason or "NUL" in error.reason) == (2, True)


def compressed(rows: int) -> bytes:
    text = (
        PAYMENTS_HEADER
        + "\n"
        + "".join(f"o{number * 7919 % 1_000_003},1,boleto,1,5\n" for number in range(rows))
    )
    return zstandard.ZstdCompressor(write_checksum=True).compress(text.encode())


def test_compressed_files_are_read_whole_also_in_several_frames(tmp_path: Path) -> None:
    path = tmp_path / "olist_order_payments_dataset.csv.zst"
    whole = compressed(50_000)
    path.write_bytes(whole + zstandard.ZstdCompressor().compress(b"last,1,boleto,1,5\n"))
    rows = list(read(path, PAYMENTS))
    assert len(rows) == 50_001
    assert rows[-1] == (50_002, ["last", "1", "boleto", "1", "5"])


@pytest.mark.parametrize("damage", ["cut in half", "cut at the end", "flipped", "not zstd", "empty"])
def test_a_damaged_compressed_file_is_named(tmp_path: Path, damage: str) -> None:
    whole = compressed(50_000)
    damaged = {
        "cut in half": whole[: len(whole) // 2],
        "cut at the end": whole[:-3],
        "flipped": whole[:5000] + bytes([whole[5000] ^ 255]) + whole[5001:],
        "not zstd": PAYMENTS_HEADER.encode(),
        "empty": b"",
    }
    path = tmp_path / "olist_order_payments_dataset.csv.zst"
    path.write_bytes(damaged[damage])
    error = refusal(path, PAYMENTS)
    assert error.file == path.name


def test_files_are_found_plain_or_compressed_but_not_twice(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"olist_x\.csv: is missing in .* \(also as olist_x\.csv\.zst\)"):
        locate(tmp_path, FileSpec("olist_x", ()))
    compressed_file = tmp_path / "olist_x.csv.zst"
    compressed_file.touch()
    assert locate(tmp_path, FileSpec("olist_x", ())) == compressed_file
    (tmp_path / "olist_x.csv").touch()
    with pytest.raises(LoadError, match="is there twice"):
        locate(tmp_path, FileSpec("olist_x", ()))
    with pytest.raises(LoadError, match="is not a folder"):
        locate(tmp_path / "nowhere", FileSpec("olist_x", ()))
