"""Draw the pictures of docs/models/ from the simulated shop and, if it is at hand, the store-item data.

make pictures
"""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from application import ml_evaluation, simulated_shop
from tradewind.ml.demand import data_format, model
from tradewind.ml.demand.counts import transform
from tradewind.ml.demand.evaluate import Period, held_out
from tradewind.ml.demand.history import shop_panel, stock_on_hand
from tradewind.ml.panel import Floats, Panel
from tradewind.ml.stock.run_out import run_out
from tradewind.ml.transfer.generate import generate
from tradewind.ml.transfer.solve import solve
from tradewind.settings import PROJECT_ROOT

PICTURES = PROJECT_ROOT / "docs" / "pictures"
INK, GREY, BLUE, LIGHT, ORANGE = "#22303c", "#b8c1c9", "#1f4e79", "#59a5d8", "#f26419"
HORIZON = 30
SIZE = "small"
Axes = plt.Axes


def demand(panel: Panel, horizon: int, source: str) -> None:
    """The forecast of all demand, and whether intervals hold what they say."""
    period = held_out(panel, panel.length - horizon, model.TrainingPlan(horizon=horizon))
    figure, (total, fit) = plt.subplots(1, 2, figsize=(11, 3.8), width_ratios=(2, 1), layout="constrained")
    _total(total, panel, period, horizon)
    _calibration(fit, period)
    title(figure, f"Demand, {source}: the last {horizon} days, not seen in training")
    save(figure, "model-demand")


def _total(axes: Axes, panel: Panel, period: Period, horizon: int) -> None:
    days = panel.days[-horizon:]
    before = panel.days[-3 * horizon : -horizon]
    history = np.nan_to_num(period.history.values[:, -2 * horizon :]).sum(axis=0)
    axes.plot(before, history, color=GREY, label="before")
    axes.plot(days, np.nansum(period.actual, axis=0), color=INK, label="actual")
    axes.plot(days, period.forecast.mean.sum(axis=0), color=ORANGE, label="model")
    axes.plot(days, period.others["same-weekday mean"].sum(axis=0), color=LIGHT, ls=":", label="weekday mean")
    axes.set_ylabel("pieces a day, all series")
    axes.legend(frameon=False, fontsize=8)
    axes.tick_params(axis="x", rotation=25)


def _calibration(axes: Axes, period: Period) -> None:
    """How often demand is below each quantile."""
    known = ~np.isnan(period.actual)
    spread = period.forecast.counts.over(1)
    placed = transform(period.actual[known], period.forecast.mean[known], spread, seed=1)
    levels = np.linspace(0, 1, 41)
    observed = [float((placed <= np.interp(level, levels, spread.levels)).mean()) for level in levels]
    axes.plot([0, 1], [0, 1], color=GREY)
    axes.plot(levels, observed, color=BLUE)
    axes.set_xlabel("quantile of the forecast")
    axes.set_ylabel("demand at or below it")


def stock(panel: Panel, movements: pd.DataFrame) -> None:
    """How often stock was used up, by the probability that was told."""
    origin = panel.length - HORIZON
    history = panel.until(origin)
    forecast = model.fit(history, model.TrainingPlan(horizon=HORIZON)).predict(history)
    have = stock_on_hand(movements, panel.keys, panel.days[origin].tz_localize("UTC"))
    came = panel.values[:, origin:]
    used = (have > 0) & ~np.isnan(came).any(axis=1)
    told = run_out(have, forecast).within_horizon[used]
    gone = came[used].sum(axis=1) >= have[used]
    figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
    bins = np.digitize(told, np.linspace(0, 1, 11)[1:-1])
    for at in np.unique(bins):
        chosen = bins == at
        axes.scatter(told[chosen].mean(), gone[chosen].mean(), s=12 + 6 * chosen.sum() ** 0.5, color=BLUE)
        axes.annotate(f" {chosen.sum()}", (told[chosen].mean(), gone[chosen].mean()), color=INK, fontsize=8)
    axes.plot([0, 1], [0, 1], color=GREY)
    axes.set_xlabel(f"probability of running out within {HORIZON} days")
    axes.set_ylabel("part that did")
    title(figure, "Run-out of stock, simulated shop: places by what was told")
    save(figure, "model-stock")


def transfer() -> None:
    """What goes where in a small problem."""
    problem = generate(warehouses=5, cities=30, skus=20, seed=4, tightness=0.85)
    plan = solve(problem)
    sent: Floats = np.zeros((len(problem.warehouses), len(problem.cities)))
    np.add.at(sent, (plan.warehouse, plan.city), plan.quantity)
    figure, (flows, load) = plt.subplots(1, 2, figsize=(11, 3.4), width_ratios=(3, 1), layout="constrained")
    order = np.lexsort((-sent.max(axis=0), sent.argmax(axis=0)))
    image = flows.imshow(sent[:, order], aspect="auto", cmap="Blues")
    flows.set_yticks(range(len(problem.warehouses)), list(problem.warehouses))
    flows.set_xlabel("cities, by the warehouse that serves them most")
    figure.colorbar(image, ax=flows, label="pieces")
    used = sent.sum(axis=1)
    load.barh(range(len(used)), problem.capacity, color=GREY, label="capacity")
    load.barh(range(len(used)), used, color=BLUE, label="sent")
    load.set_yticks(range(len(used)), list(problem.warehouses))
    load.invert_yaxis()
    load.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2)
    title(figure, "Transfer: the cheapest plan for 5 warehouses, 30 cities and 20 SKUs")
    save(figure, "model-transfer")


def title(figure: plt.Figure, text: str) -> None:
    """Put a heading at the top left."""
    figure.suptitle(text, x=0.01, ha="left", color=INK, fontsize=12, fontweight="bold")


def save(figure: plt.Figure, name: str) -> None:
    """Write the figure into docs/pictures/."""
    figure.savefig(PICTURES / f"{name}.png", dpi=100)
    plt.close(figure)


def main() -> None:
    """Draw everything into docs/pictures/."""
    mpl.use("agg")
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    tables = simulated_shop.tables(SIZE)
    shop = shop_panel(*tables, pd.Timestamp(simulated_shop.UNTIL, tz="UTC"))
    folder = ml_evaluation.public_data("store_item_demand")
    if folder is None:
        demand(shop, HORIZON, "simulated shop")
    else:
        demand(data_format.read(folder), ml_evaluation.PUBLIC_HORIZON, "store-item data")
    stock(shop, tables[0])
    transfer()


if __name__ == "__main__":
    main()
