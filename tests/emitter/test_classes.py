"""What is emitted for small specs, to the letter: how classes are written and laid out.

`python -m tools.refresh classes` writes the texts again; read them before you commit
them, as Python.
"""

import pytest
import torch
from support import ROOT, standalone, tensors

import medt_gen
from tools.refresh.classes import FOLDER, written

SPECS = sorted((ROOT / FOLDER).glob("*.yaml"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_classes_are_written_to_the_letter(path):
    assert written(path) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_standalone_file_is_what_is_built(path):
    spec = medt_gen.load(path)
    torch.manual_seed(0)
    ours = standalone(spec)
    torch.manual_seed(0)
    built = medt_gen.build(spec)
    assert repr(ours) == repr(built)
    for one, other in zip(ours.parameters(), built.parameters(), strict=True):
        assert torch.equal(one, other)
    x = torch.rand(2, *spec.network.root.input.numbers)
    if spec.network.root.flow is None:
        with pytest.raises(NotImplementedError, match="no data flow"):
            ours(x)
        return
    torch.manual_seed(0)
    given = tensors(ours(x))
    torch.manual_seed(0)
    for one, other in zip(given, tensors(built(x)), strict=True):
        assert torch.equal(one, other)
    assert given[0].shape[1:] == spec.network.root.output.numbers
