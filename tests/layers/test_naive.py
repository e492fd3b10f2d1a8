"""The naive networks, which everything is measured against, pass the golden values."""

import numpy as np
import pytest
import torch
from reference.fill import fill_, images
from support import GOLDEN

from tools.bench.networks import NETWORKS


@pytest.mark.parametrize("name", NETWORKS)
def test_golden_output(name):
    model = fill_(NETWORKS[name](128)).eval()
    with torch.no_grad():
        output = model(images(2, 3, 128, 128))
    expected = np.load(GOLDEN / f"{name}.npz")["eval_output"]
    assert np.abs(output.numpy() - expected).max() < 2e-5
