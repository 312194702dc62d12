"""Loading RetailRocket: every interaction arrives, what is derived is consistent, nothing is half done."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from tests.integration.marketplace.conftest import Shop
from tests.require import data_folder
from tradewind.marketplace import schema
from tradewind.marketplace.loaders import retailrocket
from tradewind.marketplace.loaders.report import LoadReport, Refusal
from tradewind.source.errors import LoadError

Pair = tuple[int, int]

TINY = {
    "view_ecommerce": [(1, 1), (1, 2), (2, 1)],
    "add_to_cart_ecommerce": [(1, 2), (2, 1), (2, 3)],
    "purchase_ecommerce": [(1, 2), (1, 201)],
}


@pytest.fixture(scope="module")
def folder() -> Path:
    return data_folder("retailrocket_sample")


@pytest.fixture(scope="module")
def real(new_database: Callable[[], Shop], folder: Path) -> tuple[Shop, LoadReport]:
    """The real sample, loaded once."""
    made = new_database()
    schema.init(made.owner_url)
    return made, retailrocket.load(made.owner_url, folder)


@pytest.fixture
def empty(new_database: Callable[[], Shop]) -> Shop:
    made = new_database()
    schema.init(made.owner_url)
    return made


def rows(shop: Shop, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(shop.owner_url) as connection:
        return connection.execute(query.encode()).fetchall()


def value(shop: Shop, query: str) -> object:
    return rows(shop, query)[0][0]


def interactions(folder: Path, name: str) -> set[Pair]:
    """A file of the archive, read without the loader."""
    with zipfile.ZipFile(folder / retailrocket.ARCHIVE) as archive:
        text = archive.read(f"RetailRocket_Ecommerce/{name}.dat").decode()
    return {
        (int(row["visitorid"]), int(row["itemid"]))
        for row in csv.DictReader(io.StringIO(text), delimiter="\t")
    }


def write(folder: Path, **files: list[Pair]) -> Path:
    for name, pairs in (TINY | files).items():
        lines = ["visitorid\titemid\tevent", *(f"{visitor}\t{item}\t1" for visitor, item in pairs)]
        (folder / f"{name}.dat").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize(
    ("name", "event_type", "count"),
    [
        ("view_ecommerce", "product_view", 78_371),
        ("add_to_cart_ecommerce", "add_to_cart", 9_028),
        ("purchase_ecommerce", "purchase", 5_088),
    ],
)
def test_every_interaction_of_the_sample_is_an_event(
    real: tuple[Shop, LoadReport], folder: Path, name: str, event_type: str, count: int
) -> None:
    found = rows(
        real[0],
        "select split_part(users.external_id, ':', 3)::int, split_part(products.external_id, ':', 3)::int "
        "from user_events join users using (user_id) join products using (product_id) "
        f"where event_type = '{event_type}'",
    )
    assert len(found) == count
    assert set(found) == interactions(folder, name)


def test_what_the_sample_implies_is_counted_as_outside_the_loader(
    real: tuple[Shop, LoadReport], folder: Path
) -> None:
    views, carts, purchases = (interactions(folder, name) for name in TINY)
    everything = views | carts | purchases
    derived = {item.table: item.rows for item in real[1].derived}
    assert derived["users"] == len({visitor for visitor, _ in everything}) == 3_431
    assert derived["customers"] == len({visitor for visitor, _ in purchases}) == 824
    assert derived["products"] == derived["product_skus"] == len({item for _, item in everything}) == 8_885
    assert derived["order_items"] == len(purchases)
    assert derived["cart_items"] == len(carts)
    unseen = {visitor for visitor, _ in everything} - {visitor for visitor, _ in views}
    assert [note.rows for note in real[1].notes] == [
        len(views) + len(carts) + len(purchases),
        len(purchases - views),
        len(purchases - carts),
        len(unseen),
    ]
    assert (len(purchases - views), len(purchases - carts), len(unseen)) == (357, 372, 8)


def test_the_samples_money_follows_the_stated_rule(real: tuple[Shop, LoadReport], folder: Path) -> None:
    expected = sum(
        (Decimal(item % 200) + Decimal("0.99") for _, item in interactions(folder, "purchase_ecommerce")),
        Decimal(0),
    )
    assert value(real[0], "select sum(total_amount) from orders") == expected
    assert value(real[0], "select sum(quantity * unit_price) from order_items") == expected
    assert value(real[0], "select sum(amount) from payments where status = 'captured'") == expected


def test_the_sample_keeps_every_rule(real: tuple[Shop, LoadReport]) -> None:
    assert rows(real[0], "select * from rules.violations()") == []


def test_the_samples_report_accounts_for_each_row(real: tuple[Shop, LoadReport]) -> None:
    report = real[1]
    assert report.refused == ()
    assert [(file.file, file.rows, file.loaded) for file in report.files] == [
        ("view_ecommerce.dat", 78_371, 78_371),
        ("add_to_cart_ecommerce.dat", 9_028, 9_028),
        ("purchase_ecommerce.dat", 5_088, 5_088),
    ]
    assert {"prices" in item.how for item in report.derived if item.table == "product_skus"} == {True}


def test_a_visit_never_pauses_for_half_an_hour_and_its_purchases_end_it(
    real: tuple[Shop, LoadReport],
) -> None:
    longest = value(
        real[0],
        "select max(gap) from (select occurred_at - lag(occurred_at) over "
        "(partition by session_id order by occurred_at) as gap from user_events) as gaps",
    )
    assert str(longest) < "0:30:00"
    assert (
        value(
            real[0],
            "select count(*) from orders where exists (select from user_events "
            "where user_events.session_id = orders.session_id and occurred_at > ordered_at)",
        )
        == 0
    )


def test_loading_again_changes_nothing_and_says_so(real: tuple[Shop, LoadReport], folder: Path) -> None:
    second = retailrocket.load(real[0].owner_url, folder)
    assert not second.has_changed_anything
    assert [file.already_there for file in second.files] == [78_371, 9_028, 5_088]


def test_a_tiny_sample_is_mapped_as_by_hand(empty: Shop, tmp_path: Path) -> None:
    report = retailrocket.load(empty.owner_url, write(tmp_path))
    assert report.refused == ()
    clock = "to_char(occurred_at at time zone 'UTC', 'MM-DD HH24:MI:SS')"
    assert rows(
        empty,
        f"select replace(external_id, 'retailrocket:', ''), session_id, {clock} "
        "from user_events order by event_id",
    ) == [
        ("view:1/1", "retailrocket-1-1", "05-04 09:00:00"),
        ("view:1/2", "retailrocket-1-1", "05-04 09:01:00"),
        ("view:2/1", "retailrocket-2-1", "05-05 10:00:00"),
        ("add_to_cart:1/2", "retailrocket-1-1", "05-04 09:01:20"),
        ("add_to_cart:2/1", "retailrocket-2-1", "05-05 10:00:20"),
        ("add_to_cart:2/3", "retailrocket-2-1", "05-05 10:01:20"),
        ("purchase:1/2", "retailrocket-1-1", "05-04 09:20:00"),
        ("purchase:1/201", "retailrocket-1-1", "05-04 09:20:00"),
    ]
    assert rows(empty, "select external_id, status, total_amount from orders") == [
        ("retailrocket-1-1", "paid", Decimal("4.98"))
    ]
    assert rows(empty, "select session_id, status, order_id is null from carts order by 1") == [
        ("retailrocket-1-1", "converted", False),
        ("retailrocket-2-1", "abandoned", True),
    ]
    assert rows(empty, "select external_id, user_type from users order by 1") == [
        ("retailrocket:visitor:1", "buyer"),
        ("retailrocket:visitor:2", "guest"),
    ]


def test_an_interaction_that_is_there_twice_is_refused_by_line(empty: Shop, tmp_path: Path) -> None:
    folder = write(tmp_path, view_ecommerce=[(1, 1), (1, 2), (1, 1)])
    report = retailrocket.load(empty.owner_url, folder)
    assert report.refused == (Refusal("view_ecommerce.dat", 4, "visitorid, itemid is there twice: 1, 1"),)
    assert value(empty, "select count(*) from user_events where event_type = 'product_view'") == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("visitorid\titemid\tevent\n1\t1\t1\n1\t1\n", r"view_ecommerce\.dat, line 3: has 2 values"),
        ("visitorid\titemid\tevent\n1\tx\t1\n", r"line 2, column itemid: 'x' is not a whole number"),
        ("visitorid\titemid\tevent\n1\t1\t2\n", r"line 2, column event: 2 is outside 1 to 1"),
        ("visitorid\tevent\n1\t1\n", r"line 1, column itemid: column is missing"),
        ("visitorid,itemid,event\n1,1,1\n", r"line 1, column visitorid: column is missing"),
    ],
)
def test_a_malformed_file_stops_the_load_and_nothing_stays(
    empty: Shop, tmp_path: Path, text: str, problem: str
) -> None:
    (write(tmp_path) / "view_ecommerce.dat").write_text(text)
    with pytest.raises(LoadError, match=problem):
        retailrocket.load(empty.owner_url, tmp_path)
    assert value(empty, "select count(*) from users") == 0


@pytest.mark.parametrize("damage", ["content", "encrypted", "unknown compression"])
def test_a_damaged_archive_is_named(tmp_path: Path, damage: str) -> None:
    archive = tmp_path / retailrocket.ARCHIVE
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for stem in ("add_to_cart", "purchase", "view"):
            opened.writestr(f"{stem}_ecommerce.dat", "visitorid\titemid\tevent\n" * 1_000)
    found = bytearray(archive.read_bytes())
    local, central = found.index(b"PK\x03\x04"), found.index(b"PK\x01\x02")
    flags, method = 6, 8
    if damage == "content":
        start = local + 30 + len("add_to_cart_ecommerce.dat")
        found[start] = 0xFF
    for header in (local, central + 2):
        found[header + flags] |= damage == "encrypted"
        found[header + method] = 77 if damage == "unknown compression" else found[header + method]
    archive.write_bytes(found)
    with pytest.raises(LoadError, match=r"Retailrocket_Ecommerce\.zip: cannot be read as a zip archive"):
        retailrocket.load("postgresql://nobody@127.0.0.1:1/nowhere", tmp_path)


def test_a_torn_archive_and_one_without_a_file_are_named(empty: Shop, tmp_path: Path) -> None:
    archive = tmp_path / retailrocket.ARCHIVE
    archive.write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(LoadError, match="cannot be read as a zip archive"):
        retailrocket.load(empty.owner_url, tmp_path)
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("x/view_ecommerce.dat", "visitorid\titemid\tevent\n")
    with pytest.raises(LoadError, match=r"add_to_cart_ecommerce\.dat: is missing in .*\.zip"):
        retailrocket.load(empty.owner_url, tmp_path)
