"""The fraud model on a simulated shop: trained on decided cases, judged by the labels of the attacks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tradewind.ml.evaluation import Score
from tradewind.ml.fraud.evaluate import NAME
from tradewind.ml.fraud.orders import OrderTables, build, check_point_in_time
from tradewind.ml.fraud.rules import Hits, fired
from tradewind.ml.fraud.training import BLOCK, MARGIN_PART, cutoff_of, fit
from tradewind.ml.panel import Floats

PRECISION_BAR, AT_RECALL = 0.94, 0.89


def on_shop(tables: OrderTables, attacks: pd.DataFrame, name: str) -> list[Score]:
    """Scores on the last orders; attacks: order_id and attack_kind of the true ones."""
    from sklearn.metrics import average_precision_score

    cutoff = cutoff_of(tables)
    check_point_in_time(tables, cutoff)
    features, later = build(tables), (tables.moment > cutoff).to_numpy()
    fitted = fit(tables, features, cutoff)
    scores = fitted.predict(features[later])
    kind = tables.orders[["order_id"]].merge(attacks, how="left")["attack_kind"].to_numpy()[later]
    truth = pd.notna(kind).astype(float)
    rules = fired(features[later]).sum(axis=1).astype(float)
    title = f"{name}, {int(truth.sum())} orders of attacks among {int(later.sum())}"
    precision, threshold = precision_at(truth, scores, AT_RECALL)
    by_rules, _ = precision_at(truth, rules, AT_RECALL)
    return [
        Score(
            NAME, title, f"precision at recall {AT_RECALL:.0%}", precision, "rules", by_rules, PRECISION_BAR,
            False, None, _recalls(kind, scores, threshold),
        ),
        Score(
            NAME, title, "average precision", float(average_precision_score(truth, scores)), "rules",
            float(average_precision_score(truth, rules)), is_lower_better=False,
        ),
        _loss(title, truth, scores >= BLOCK, tables.orders["amount"].to_numpy(dtype=float)[later]),
    ]  # fmt: skip


def precision_at(truth: Floats, scores: Floats, recall: float) -> tuple[float, float]:
    """The highest precision with at least this recall, and the score from which on it is reached."""
    from sklearn.metrics import precision_recall_curve

    precisions, recalls, thresholds = precision_recall_curve(truth, scores)
    enough = recalls[:-1] >= recall
    best = int(np.argmax(np.where(enough, precisions[:-1], -1)))
    return float(precisions[best]), float(thresholds[best])


def _recalls(kind: NDArray[Any], scores: Floats, threshold: float) -> str:
    """How many orders of each kind of attack are found."""
    found = []
    for name in sorted({each for each in kind if isinstance(each, str)}):
        mine = kind == name
        found.append(f"{name} {np.mean(scores[mine] >= threshold):.0%} of {int(mine.sum())}")
    return "found: " + ", ".join(found)


def _loss(title: str, truth: Floats, blocked: Hits, amounts: Floats) -> Score:
    """What is lost by frauds that pass and good orders that are blocked, against passing everything."""
    passed = float((amounts * truth * ~blocked).sum())
    wronged = MARGIN_PART * float((amounts * (1 - truth) * blocked).sum())
    note = f"{int(blocked.sum())} blocked from a score of {BLOCK:.2f} on, {int(truth[blocked].sum())} rightly"
    everything = max(float((amounts * truth).sum()), 1e-9)
    return Score(NAME, title, "loss, part of that of passing all", (passed + wronged) / everything, note=note)
