"""Draw the pictures of docs/marts.md, each from the query above it, on the running home.

python -m docs.mart_pictures
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from numbers import Number
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from tradewind.settings import PROJECT_ROOT, load_settings
from tradewind.warehouse.client import connect

PAGE = PROJECT_ROOT / "docs" / "marts.md"
PICTURES = PROJECT_ROOT / "docs" / "pictures"
EXAMPLE = re.compile(r"```sql\n((?:(?!```).)*)```\n\n!\[([^\]]+)\]\(pictures/([\w-]+)\.png\)", re.DOTALL)
COLOURS = ("#1f4e79", "#59a5d8", "#f26419", "#b8c1c9")
MOST_BARS = 12
MONEY = {"gmv", "spend", "to_sellers", "to_the_platform", "together"}
Row = Sequence[Any]


def examples() -> list[tuple[str, str, str]]:
    """Query, title and file name of each picture, in the order of the page."""
    return EXAMPLE.findall(PAGE.read_text())


def draw(columns: Sequence[str], rows: Sequence[Row], title: str, currency: str) -> plt.Figure:
    """Lines over the first column if it is a date or a number, else a bar for each row."""
    figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
    if isinstance(rows[0][0], (date, Number)):
        _lines(axes, columns, rows)
    else:
        _bars(axes, columns, rows)
    axes.spines[["top", "right"]].set_visible(False)
    unit = f" ({currency})" if MONEY & set(columns) else ""
    axes.set_title(title + unit, loc="left", fontsize=11)
    return figure


def _lines(axes: plt.Axes, columns: Sequence[str], rows: Sequence[Row]) -> None:
    across = [row[0] for row in rows]
    for place, name in enumerate(columns[1:], 1):
        values = [float(row[place]) for row in rows]
        axes.plot(across, values, color=COLOURS[place - 1], marker="o", ms=3, label=name.replace("_", " "))
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.set_xlabel(columns[0].replace("_", " "))
    axes.legend(frameon=False, fontsize=8)


def _bars(axes: plt.Axes, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """The columns of money, or else the last column, beside the texts that come first."""
    shown = rows[:MOST_BARS][::-1]
    numbers = [place for place in range(len(columns)) if not isinstance(shown[-1][place], (str, type(None)))]
    texts = [place for place in range(len(columns)) if place < numbers[0]]
    labels = [", ".join(str(row[place]) for place in texts if row[place]) for row in shown]
    drawn = [place for place in numbers if columns[place] in MONEY] or numbers[-1:]
    height = 0.8 / len(drawn)
    for number, place in enumerate(drawn):
        places = [line + 0.4 - height * (number + 0.5) for line in range(len(shown))]
        values = [float(row[place] or 0) for row in shown]
        axes.barh(places, values, height, color=COLOURS[number], label=columns[place].replace("_", " "))
    axes.set_yticks(range(len(shown)), labels, fontsize=8)
    axes.legend(frameon=False, fontsize=8, loc="lower right")


def main() -> None:
    """Ask as the BI user, and save."""
    mpl.use("Agg")
    client = connect(load_settings().clickhouse_bi_url)
    [[currency]] = client.query("select max(currency) from ads.ads_kpi_summary").result_rows
    for query, title, name in examples():
        answer = client.query(query)
        if not answer.result_rows:
            raise SystemExit(f"{name}: the query has no rows in this home; build the simulated shop first")
        figure = draw(answer.column_names, answer.result_rows, title, currency)
        figure.savefig(PICTURES / f"{name}.png", dpi=110)
        plt.close(figure)


if __name__ == "__main__":
    main()
