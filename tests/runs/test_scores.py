"""Scores against MONAI's where it is defined, and by hand where it is not."""

import numpy as np
import pytest
import torch

from medt_gen.scores.counts import Counts, count_pixels, reference_scores
from medt_gen.scores.summary import ImageScores, foreground_mean, summarize

pytestmark = pytest.mark.training


def pair(seed, classes=3, size=(20, 24)):
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, size), rng.integers(0, classes, size)


def onehot(mask, classes):
    return torch.nn.functional.one_hot(torch.from_numpy(mask), classes).movedim(-1, 0)[
        None
    ]


@pytest.mark.parametrize("seed", range(4))
def test_overlaps_are_monais(seed):
    from monai.metrics import ConfusionMatrixMetric, compute_dice, compute_iou

    predicted, truth = pair(seed)
    found = count_pixels(predicted, truth, 3)
    one, other = onehot(predicted, 3), onehot(truth, 3)
    assert [x.dice for x in found] == pytest.approx(
        compute_dice(one, other)[0].tolist()
    )
    assert [x.iou for x in found] == pytest.approx(compute_iou(one, other)[0].tolist())
    metric = ConfusionMatrixMetric(
        metric_name=["precision", "recall"], include_background=True
    )
    for number in range(3):
        metric.reset()
        metric(one[:, number : number + 1], other[:, number : number + 1])
        expected = [float(x) for x in metric.aggregate()]
        assert [found[number].precision, found[number].recall] == pytest.approx(
            expected
        )


@pytest.mark.parametrize("spacing", [None, (2.0, 0.5)])
def test_distances_are_monais_and_in_millimetres(spacing):
    from medt_gen.predicting.evaluate import mask_scores

    predicted, truth = np.zeros((2, 20, 20), np.int64)
    predicted[4:10, 4:10] = 1
    truth[4:10, 7:13] = 1
    found = mask_scores(predicted, truth, 2, spacing)[1]
    # The outlines lie three columns apart.
    assert found["hd95"] == pytest.approx(3.0 if spacing is None else 1.5)
    assert 0 < found["surface"] < found["hd95"]


def test_empty_masks():
    from medt_gen.predicting.evaluate import mask_scores

    empty, full = np.zeros((8, 8), np.int64), np.ones((8, 8), np.int64)
    both = mask_scores(empty, empty, 2)[1]
    assert set(both.values()) == {None}
    only_truth_is_empty = mask_scores(full, empty, 2)[1]
    assert (only_truth_is_empty["dice"], only_truth_is_empty["iou"]) == (0, 0)
    assert only_truth_is_empty["hd95"] is None
    only_prediction_is_empty = mask_scores(empty, full, 2)[1]
    assert (only_prediction_is_empty["dice"], only_prediction_is_empty["hd95"]) == (
        0,
        None,
    )


@pytest.mark.parametrize(
    ("counts", "dice"),
    [
        (Counts(0, 0, 0), 1.0),
        (Counts(0, 40, 3), 1.0),
        (Counts(0, 0, 9), 1.0),
        (Counts(5, 5, 5), 0.5),
        (Counts(8, 0, 0), 1.0),
    ],
)
def test_the_references_scores_flatter(counts, dice):
    assert reference_scores(counts)["dice"] == dice


def test_summaries_count_what_is_left_out_and_draw_groups():
    found = summarize([0.2, None, 0.6, 0.4], ["a", "a", "b", "c"])
    assert (found.mean, found.count, found.left_out) == (pytest.approx(0.4), 3, 1)
    assert found.low < 0.4 < found.high
    assert summarize([None], ["a"]).mean is None
    one_group = summarize([0.2, 0.6], ["a", "a"])
    assert (one_group.low, one_group.high) == (None, None)
    # As many groups, each with the same mean: nothing to be unsure of.
    alike = summarize([0.2, 0.4] * 5, [str(n // 2) for n in range(10)])
    assert alike.low == pytest.approx(0.3) and alike.high == pytest.approx(0.3)


def test_the_mean_is_over_classes_and_without_the_background():
    rows = [
        ImageScores("a", "a", ({"dice": 1.0}, {"dice": 0.5}, {"dice": None})),
        ImageScores("b", "b", ({"dice": 1.0}, {"dice": 0.7}, {"dice": 0.2})),
    ]
    assert foreground_mean(rows, "dice") == pytest.approx((0.6 + 0.2) / 2)
