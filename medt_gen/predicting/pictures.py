"""An image, its true mask and the predicted one, beside each other."""

from __future__ import annotations

import numpy as np

from medt_gen.images.pairs import read_truth
from medt_gen.images.records import Case
from medt_gen.predicting.networks import first_logits
from medt_gen.predicting.overlays import side_by_side
from medt_gen.predicting.predict import read_fitting
from medt_gen.predicting.windows import whole_logits
from medt_gen.runs.weights import Trained


def case_picture(trained: Trained, case: Case) -> np.ndarray:
    """[H, 3 W, 3] of 8 bits; of a volume the middle slice."""
    preparation = trained.preparation
    values = read_fitting(case.images, preparation).values
    truth = read_truth(case, preparation)
    logits = whole_logits(first_logits(trained.model), values, preparation)
    return side_by_side(values, truth, logits.argmax(0).numpy())
