"""Draw the pictures of recommendations, fraud and customers for docs/models/.

make pictures
"""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve

from application import ml_evaluation, simulated_shop
from docs.model_pictures import BLUE, GREY, INK, LIGHT, ORANGE, save, title
from tradewind.ml.customers import bg_nbd, purchases
from tradewind.ml.fraud.evaluate_orders import AT_RECALL, PRECISION_BAR, precision_at
from tradewind.ml.fraud.orders import build
from tradewind.ml.fraud.rules import fired
from tradewind.ml.fraud.training import cutoff_of, fit
from tradewind.ml.recommendations import evaluate, ranking, retail_rocket, sequences
from tradewind.ml.recommendations.histories import Histories, from_lists

PUBLISHED = (0.243, 4.414, 0.793, 2.426)
"""Of the CDNOW data, in weeks (Fader, Hardie and Lee, 2005)."""
WEEKS, CUTOFF_WEEK = 78, 39


def customers() -> None:
    """Repeated purchases week by week, expected since the first ones and as they came."""
    first_day = pd.Timestamp("1997-01-01")
    made = purchases.generate(
        customers=8_000, days=7 * WEEKS, seed=4, parameters=PUBLISHED, first_day="1997-01-01"
    )
    table = purchases.by_day(purchases.checked(made, "generated"))
    known = purchases.records(table, first_day + pd.Timedelta(weeks=CUTOFF_WEEK))
    model = bg_nbd.fit(known)
    week = ((table["date"] - first_day).dt.days // 7).to_numpy()
    repeated = table["customer_id"].duplicated().to_numpy()
    came = np.cumsum(np.bincount(week[repeated], minlength=WEEKS))
    weeks = np.arange(1, WEEKS + 1)
    expected = [float(model.since_first(np.maximum(known.age - CUTOFF_WEEK + at, 0)).sum()) for at in weeks]
    figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
    axes.plot(weeks, came, color=INK, label="came")
    axes.plot(weeks, expected, color=ORANGE, label="expected since the first purchase")
    axes.axvline(CUTOFF_WEEK, color=GREY)
    axes.annotate(" learned until here", (CUTOFF_WEEK, 0), color=INK, fontsize=8)
    axes.set_xlabel("week")
    axes.set_ylabel("repeated purchases so far")
    axes.legend(frameon=False, fontsize=8)
    title(figure, "Customers: generated purchases, expected and as they came")
    save(figure, "model-customers")


def fraud() -> None:
    """Precision by recall, and which kinds of attack are found."""
    tables, attacks = simulated_shop.order_tables("medium")
    features, cutoff = build(tables), cutoff_of(tables)
    later = (tables.moment > cutoff).to_numpy()
    kind = tables.orders[["order_id"]].merge(attacks, how="left")["attack_kind"].to_numpy()[later]
    truth = pd.notna(kind).astype(float)
    scores = fit(tables, features, cutoff).predict(features[later])
    figure, (curve, kinds) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
    for name, values, colour in (
        ("model", scores, ORANGE),
        ("rules", fired(features[later]).sum(axis=1).astype(float), LIGHT),
    ):
        precision, recall, _ = precision_recall_curve(truth, values)
        curve.step(recall, precision, where="post", color=colour, label=name)
    curve.scatter([AT_RECALL], [PRECISION_BAR], color=INK, zorder=3, label="bar")
    curve.set_xlabel("recall")
    curve.set_ylabel("precision")
    curve.legend(frameon=False, fontsize=8)
    _, threshold = precision_at(truth, scores, AT_RECALL)
    names = sorted({each for each in kind if isinstance(each, str)})
    found = [float(np.mean(scores[kind == name] >= threshold)) for name in names]
    kinds.barh([name.replace("_", " ") for name in names], found, color=BLUE)
    kinds.set_xlabel(f"part of the orders that is found at a recall of {AT_RECALL:.0%}")
    title(figure, "Fraud: the simulated shop, medium, by the labels of attacks not trained on")
    save(figure, "model-fraud")


def recommendations() -> None:
    """How often the item that was left out is among the first so many."""
    folder = ml_evaluation.public_data("retailrocket_sample")
    histories, source = (
        (retail_rocket.read(folder), "the RetailRocket sample")
        if folder is not None
        else (_generated(), "generated sequences")
    )
    task, weighting, excludes = evaluate.left_out_task(histories)
    model, _ = evaluate.ranks(task, weighting, excludes)
    found = {"model": model, **evaluate.baselines(task, excludes)}
    counts = np.arange(1, 51)
    figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
    colours = {"model": ORANGE, evaluate.TOGETHER: BLUE, evaluate.POPULARITY: GREY}
    for name, colour in colours.items():
        rates = [float(ranking.hits(found[name], int(count)).mean()) for count in counts]
        axes.plot(counts, rates, color=colour, label=name)
    axes.set_xlabel("length of the list")
    axes.set_ylabel("part of users whose item is in it")
    axes.legend(frameon=False, fontsize=8)
    title(figure, f"Recommendations, {source}: an item left out")
    save(figure, "model-recommendations")


def _generated() -> Histories:
    return from_lists([list(map(str, items)) for items in sequences.generate(users=600, items=400, seed=4)])


def main() -> None:
    """Draw everything into docs/pictures/."""
    mpl.use("agg")
    plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    customers()
    fraud()
    recommendations()


if __name__ == "__main__":
    main()
