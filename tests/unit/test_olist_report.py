"""What a load says: to a person in a sentence, to a program as JSON."""

from __future__ import annotations

import json

from tradewind.marketplace.loaders.report import Derived, FileLoad, LoadReport, Note, Refusal
from tradewind.source.errors import LoadError


def report(loaded: int, derived: int) -> LoadReport:
    return LoadReport(
        data_set="olist",
        folder="/data",
        files=(FileLoad("orders.csv", "orders", 10, loaded, 9 - loaded, 1),),
        derived=(Derived("shipments", derived, "one per order"),),
        refused=(Refusal("orders.csv", 4, "customer_id c9 is not there"),),
        notes=(Note("orders", 3, "have no items"),),
        seconds=1.25,
    )


def test_a_load_is_summed_up_in_a_sentence() -> None:
    assert report(9, 5).summary() == "olist: 9 rows loaded, 5 derived, 1 refused, in 1.2 s"


def test_a_load_that_changed_nothing_says_so() -> None:
    assert report(0, 0).summary() == "olist: nothing to do, every row of /data is already loaded"
    assert not report(0, 0).has_changed_anything
    assert report(0, 1).has_changed_anything


def test_a_report_survives_json() -> None:
    values = json.loads(json.dumps(report(9, 5).as_json()))
    assert values["refused"] == [{"file": "orders.csv", "line": 4, "reason": "customer_id c9 is not there"}]
    assert values["has_changed_anything"] is True


def test_an_error_names_the_place_as_far_as_it_is_known() -> None:
    assert str(LoadError("a.csv", "is missing")) == "a.csv: is missing"
    assert str(LoadError("a.csv", "is empty", 3, "price")) == "a.csv, line 3, column price: is empty"
