"""Recommendations: data shapes, what the neighbours score, ranks and their measures, and what they reach."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradewind.ml.errors import DataError
from tradewind.ml.recommendations import (
    evaluate,
    evaluate_sessions,
    item_neighbours,
    ranking,
    sequences,
    session_neighbours,
    sessions,
)
from tradewind.ml.recommendations.histories import Histories, from_lists
from tradewind.ml.recommendations.item_neighbours import PLAIN, Similarities, Weighting
from tradewind.ml.recommendations.session_neighbours import SessionWeighting


def histories(*lists: str) -> Histories:
    return from_lists([text.split() for text in lists])


def test_sequences_are_read_as_they_were_written(tmp_path: Path) -> None:
    lists = sequences.generate(users=20, items=100, seed=1)
    sequences.write(tmp_path / "users.txt", lists)
    read = sequences.read(tmp_path)
    assert [read.names[item] for item in read.item] == [str(item) for items in lists for item in items]
    assert read.lengths.tolist() == [len(items) for items in lists]
    assert all(len(set(items)) == len(items) for items in lists)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("1 5 6\n2\n", "line 2: user '2' has no items"),
        ("1 5\n\n1 6\n", "line 3: user '1' is on line 1"),
        ("\n", "no lines"),
    ],
)
def test_a_line_of_another_shape_is_refused_by_its_number(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "users.txt").write_text(text)
    with pytest.raises(DataError, match=named):
        sequences.read(tmp_path / "users.txt")


@pytest.mark.parametrize(
    ("train", "named"),
    [
        ("1 2\t3\n4 5\n", r"train\.tsv, line 2: '4 5'"),
        ("\t3\n", r"train\.tsv, line 1"),
        ("1\t2 3\n", r"train\.tsv, line 1"),
        ("", r"train\.tsv has no lines"),
    ],
)
def test_a_session_of_another_shape_is_refused_by_its_number(tmp_path: Path, train: str, named: str) -> None:
    (tmp_path / "train.tsv").write_text(train)
    with pytest.raises(DataError, match=named):
        sessions.read(tmp_path)
    (tmp_path / "train.tsv").write_text("1\t2\n")
    with pytest.raises(DataError, match=r"test\.tsv does not exist"):
        sessions.read(tmp_path)


def test_beginnings_of_a_session_are_one_session_in_either_order(tmp_path: Path) -> None:
    lists = sessions.generate(sessions=50, items=200, seed=2)
    sessions.write(tmp_path, lists, lists[:5])
    read = sessions.read(tmp_path)
    assert read.train.lengths.tolist() == [len(items) for items in lists]
    assert len(read.target) == sum(len(items) - 1 for items in lists[:5])
    growing = [items[:end] for items in lists for end in range(2, len(items) + 1)]
    assert list(sessions.whole([list(map(str, items)) for items in growing])) == [
        list(map(str, items)) for items in lists
    ]


def test_ties_count_against_the_target() -> None:
    scores = np.array([[3.0, 2, 2, 1], [0, 0, 0, 0], [1, -np.inf, 2, 3]])
    assert ranking.ranks(scores, np.array([1, 2, 1])).tolist() == [3, 4, 4]
    from scipy.sparse import csr_array

    assert ranking.sparse_ranks(csr_array(scores[:2]), np.array([1, 2])).tolist() == [3, 4]


def test_measures_of_ranks_are_those_of_their_definition() -> None:
    found = np.array([1, 3, 11])
    assert ranking.hits(found, 10).mean() == pytest.approx(2 / 3)
    assert ranking.gains(found, 10).sum() == pytest.approx(1 + 1 / 2)
    assert ranking.reciprocals(found, 10).sum() == pytest.approx(1 + 1 / 3)


def test_popularity_ranks_are_those_of_its_scores() -> None:
    known = histories("a b c d", "a b", "a c e")
    target = np.array([4, 3, 1])
    scores = np.tile(known.popularity, (3, 1))
    owned = known.matrix()
    assert (
        evaluate.popularity_ranks(known.popularity, target).tolist() == ranking.ranks(scores, target).tolist()
    )
    scores[owned.toarray() > 0] = -np.inf
    found = evaluate.popularity_ranks(known.popularity, target, owned)
    assert found.tolist() == ranking.ranks(scores, target).tolist()


def test_plain_similarity_is_the_number_of_users_that_had_both() -> None:
    alike = Similarities(histories("a b c", "a b", "c d")).under(PLAIN).toarray()
    assert alike.tolist() == [[0, 2, 1, 0], [2, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]]


def test_distance_and_direction_are_weighted() -> None:
    weighting = Weighting(target=0, source=0, distance=0.5, backward=0.1, activity=0)
    alike = Similarities(histories("a b c")).under(weighting).toarray()
    assert alike == pytest.approx(np.array([[0, 1, 0.5], [0.1, 0, 1], [0.05, 0.1, 0]]))


def test_a_weighting_gives_the_same_after_another_one() -> None:
    known = from_lists([list(map(str, items)) for items in sequences.generate(users=30, items=60, seed=3)])
    alike = Similarities(known)
    first = alike.under(Weighting())
    alike.under(Weighting(activity=0.9)), alike.under(PLAIN)
    assert (alike.under(Weighting()) != first).nnz == 0


def test_sessions_are_scored_as_by_hand() -> None:
    data = sessions.of_lists([["a", "b"], ["b", "c", "d"]], [["a", "b", "x"]])
    weighting = SessionWeighting(recency=0.5, distance=0.5, backward=0.25, length=0, rarity=0)
    ((_, found),) = session_neighbours.scores(session_neighbours.index(data.train), data.prefixes, weighting)
    code = {name: at for at, name in enumerate(data.train.names)}
    row = found.toarray()[0]
    # The first session shares b (weight 1) and a (0.5); the second one b. b itself is not near itself.
    assert row[code["a"]] == pytest.approx(1.5 * 0.5 * 0.25)
    assert row[code["c"]] == pytest.approx(1 * 0.5)
    assert row[code["d"]] == pytest.approx(1 * 0.25)
    assert row[code["b"]] == 0 and row[code["x"]] == 0


def test_only_the_most_recent_and_most_alike_sessions_are_used() -> None:
    data = sessions.of_lists([["a", "p"], ["a", "q"], ["a", "r"]], [["a", "x"]])
    known = session_neighbours.index(data.train)
    code = {name: at for at, name in enumerate(data.train.names)}
    for weighting in (SessionWeighting(recent=2), SessionWeighting(neighbours=2)):
        ((_, found),) = session_neighbours.scores(known, data.prefixes, weighting)
        row = found.toarray()[0]
        assert row[code["p"]] == 0 and row[code["q"]] > 0 and row[code["r"]] > 0


def test_the_last_item_is_not_learned_from() -> None:
    known = histories("a b c d", "e f", "b c g")
    task = evaluate.last_item(known, 0)
    assert [known.names[item] for item in task.target] == ["d", "g"]
    assert [known.names[item] for item in task.known.item] == ["a", "b", "c", "e", "f", "b", "c"]
    earlier = evaluate.last_item(known, 1)
    assert [known.names[item] for item in earlier.target] == ["c", "c"]
    assert [known.names[item] for item in earlier.known.item] == ["a", "b", "e", "f", "b"]
    with pytest.raises(DataError, match="no user has 3 items"):
        evaluate.last_item(histories("a b"), 0)


def test_neighbours_find_the_next_item_where_popularity_does_not() -> None:
    lists = sequences.generate(users=600, items=400, seed=4)
    scores = {
        score.metric: score
        for score in evaluate.sequences(from_lists([list(map(str, a)) for a in lists]), "x")
    }
    assert set(scores) >= {"HR@5", "HR@10", "NDCG@5", "NDCG@10", "coverage@10", "novelty@10, bits"}
    hits = scores["HR@10"]
    assert hits.value is not None and hits.baseline_value is not None
    assert hits.value > 1.3 * hits.baseline_value > 0 and hits.bar is None


def test_sessions_go_on_as_sessions_like_them_did() -> None:
    made = [list(map(str, items)) for items in sessions.generate(sessions=2_500, items=800, seed=5)]
    beginnings = [items[:end] for items in made[2_000:] for end in range(2, len(items) + 1)]
    scores = evaluate_sessions.on_data(sessions.of_lists(made[:2_000], beginnings), "x")
    assert [score.metric for score in scores] == ["HR@20", "MRR@20"]
    for score in scores:
        assert score.value is not None and score.baseline_value is not None
        assert score.value > 1.2 * score.baseline_value > 0


def test_reach_limits_how_far_apart_items_are_near() -> None:
    near = item_neighbours.pairs(histories("a b c d"), reach=2)
    assert sorted(zip(near.earlier.tolist(), near.later.tolist(), strict=True)) == [
        (0, 1), (0, 2), (1, 2), (1, 3), (2, 3),
    ]  # fmt: skip
