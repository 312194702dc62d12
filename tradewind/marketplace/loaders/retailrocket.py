"""The RetailRocket sample (views, add-to-carts and purchases of a real shop, 2015) into the shop's schema.

The files say which visitor viewed, added and bought which item, once per visitor and item, and nothing else:
no time, price, quantity or visit. What the shop's schema needs of those is derived by arithmetic from the
order of the rows (`sql/retailrocket/01_visits.sql`), and named in the report.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from tradewind.marketplace.loaders import data_set
from tradewind.marketplace.loaders.data_set import DataSet, Money, Step
from tradewind.marketplace.loaders.report import LoadReport
from tradewind.source.errors import LoadError
from tradewind.source.files import FileSpec, integer

ARCHIVE = "Retailrocket_Ecommerce.zip"
_MANY = 2**31 - 1
_PRICES = "the files have no prices, so it is the item's number modulo 200 and 99 cents, in USD"


def _interactions(stem: str) -> FileSpec:
    fields = (integer("visitorid", 1, _MANY), integer("itemid", 1, _MANY), integer("event", 1, 1))
    return FileSpec(stem, fields, delimiter="\t", endings=(".dat", ".dat.zst"))


VIEWS = _interactions("view_ecommerce")
CARTS = _interactions("add_to_cart_ecommerce")
PURCHASES = _interactions("purchase_ecommerce")

STEPS = (
    Step(
        "10_fx_rates",
        "fx_rates",
        derived="one rate of 1 per day from the first to the last order, if the shop has no other currency",
    ),
    Step(
        "20_users",
        "users",
        derived="one per visitor: a buyer who bought, else a guest; country not stated (ZZ)",
    ),
    Step("21_customers", "customers", derived="one per visitor who bought"),
    Step("22_sellers", "sellers", derived="the one shop that the files are of"),
    Step("30_products", "products", derived="one per item, named by its number, without a category"),
    Step("31_product_skus", "product_skus", derived=f"one per item; {_PRICES}"),
    Step(
        "40_orders",
        "orders",
        derived="one per visit with purchases, at its end: paid, nothing later is known",
    ),
    Step("41_order_items", "order_items", derived="one per purchase, of one piece at the SKU's price"),
    Step(
        "42_order_status_history", "order_status_history", derived="pending, confirmed, paid at the purchase"
    ),
    Step("43_payments", "payments", derived="one per order, of its total, method unknown"),
    Step(
        "50_carts",
        "carts",
        derived="one per visit with add-to-carts: converted if something in it was bought, else abandoned",
    ),
    Step("51_cart_items", "cart_items", derived="one per add-to-cart, of one piece at the SKU's price"),
    Step("60_views", "user_events", VIEWS),
    Step("61_add_to_carts", "user_events", CARTS),
    Step("62_purchases", "user_events", PURCHASES),
)
RETAILROCKET = DataSet(
    "retailrocket", STEPS, Money("USD", "select min(ended_at) from retailrocket_visits where has_purchase")
)


def load(owner_url: str, folder: Path) -> LoadReport:
    """Load the three files of `folder`, or of the archive in it (see `data_set.load`)."""
    with _files(folder) as files:
        return data_set.load(RETAILROCKET, owner_url, files, shown_folder=folder)


@contextmanager
def _files(folder: Path) -> Iterator[Path]:
    """The folder with the three files: as given, or a temporary one with what the archive holds."""
    archive = folder / ARCHIVE
    if not archive.is_file():
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="tradewind-retailrocket-") as scratch:
        _unpack(archive, Path(scratch))
        yield Path(scratch)


def _unpack(archive: Path, target: Path) -> None:
    wanted = {f"{spec.stem}{spec.endings[0]}" for spec in RETAILROCKET.files}
    try:
        with zipfile.ZipFile(archive) as opened:
            members = {PurePosixPath(name).name: name for name in opened.namelist()}
            for name in sorted(wanted):
                if name not in members:
                    raise LoadError(name, f"is missing in {archive}")
                with opened.open(members[name]) as packed, (target / name).open("wb") as file:
                    shutil.copyfileobj(packed, file)
    except LoadError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        # NotImplementedError (an unknown compression) is a RuntimeError, and so is a missing password.
        raise LoadError(str(archive), f"cannot be read as a zip archive: {error}") from error
