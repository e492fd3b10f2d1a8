"""Classes of other libraries: they print and hold what the layer does that they are like."""

import pytest

from medt_gen.catalog import LAYERS
from medt_gen.catalog.arguments import terms
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.network.prints_layers import layer_row, read_text
from medt_gen.network.tensors import printed_tensors
from medt_gen.printout import parse, render

LIKE = [layer for layer in FOREIGN.values() if layer.like]


def test_no_layer_of_torch_is_among_them():
    assert not FOREIGN.keys() & LAYERS.keys()
    assert all(name == layer.name and layer.foreign for name, layer in FOREIGN.items())


@pytest.mark.parametrize("layer", LIKE, ids=lambda layer: layer.name)
def test_what_is_like_a_layer_takes_its_arguments_and_prints_its_text(layer):
    base = LAYERS[layer.like]
    assert layer.arguments == base.arguments
    assert layer.prints == base.prints


ROWS = {
    "BatchNormAct2d(8, eps=1e-05, momentum=0.1, affine=True, bias=True, "
    "track_running_stats=True)": {
        "weight": (8,),
        "bias": (8,),
        "running_mean": (8,),
        "running_var": (8,),
        "num_batches_tracked": (),
    },
    "LayerNorm2d((48,), eps=1e-06, elementwise_affine=True, bias=True)": {
        "weight": (48,),
        "bias": (48,),
    },
    "GroupNormAct(32, 64, eps=1e-05, affine=True, bias=True)": {
        "weight": (64,),
        "bias": (64,),
    },
    "ScaledStdConv2d(3, 16, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))": {
        "weight": (16, 3, 3, 3),
        "bias": (16,),
        "gain": (16, 1, 1, 1),
    },
    "DeformConv2d(4, 6, kernel_size=(3, 3), stride=(1, 1), bias=False)": {
        "weight": (6, 4, 3, 3)
    },
    "FrozenBatchNorm2d(64, eps=1e-05)": {
        "weight": (64,),
        "bias": (64,),
        "running_mean": (64,),
        "running_var": (64,),
    },
    "Qwen2RMSNorm((128,), eps=1e-06)": {"weight": (128,)},
    "Conv1D(nf=2304, nx=768)": {"weight": (768, 2304), "bias": (2304,)},
    "MaxPool2dSame(kernel_size=(3, 3), stride=(2, 2), padding=(0, 0), "
    "dilation=(1, 1), ceil_mode=False)": {},
    "SelectAdaptivePool2d(pool_type=avg, flatten=Flatten(start_dim=1, end_dim=-1))": {},
    "Rearrange('b h (l d) -> b l h d', l=1)": {},
    "SwinDropPath(p=0.1)": {},
}
"""Rows as today's versions of the libraries print them, with what such a module holds."""


@pytest.mark.parametrize("row", ROWS)
def test_the_tensors_of_a_printed_row_are_known(row):
    found = printed_tensors(parse(f"Net(\n  (a): {row}\n)"))
    assert found.shapes == {f"a.{name}": shape for name, shape in ROWS[row].items()}
    assert "a" not in found.silent


@pytest.mark.parametrize("row", [row for row in ROWS if ROWS[row]])
def test_a_printed_row_reads_back(row):
    (node,) = parse(f"Net(\n  (a): {row}\n)").children
    layer = FOREIGN[node.type]
    given = read_text(layer, node.attributes)
    again = layer_row("a", layer, layer.filled(terms(given)), 2)
    assert render(again) == f"(a): {row.replace(', bias=True', '')}"
