"""Shape rules against torch, argument by argument: equal sizes, or both refuse."""

from __future__ import annotations

import contextlib
import io

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import medt_gen
from catalog.measured import Input, layer_text, operation_text

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
CHANNELS = 12


@st.composite
def placed(draw, family: str, **arguments):
    """A layer of the family for two or three axes, its arguments, and a size.

    An argument's strategy draws one value, or one for each axis.
    """
    rank = draw(st.sampled_from([2, 3]))
    size = draw(st.tuples(*[st.integers(1, 9)] * rank))
    given = {}
    for name, one in arguments.items():
        each = st.lists(one, min_size=rank, max_size=rank)
        single = name in SINGLE or draw(st.booleans())
        given[name] = draw(one if single else each)
    return f"{family}{rank}d", given, size


SINGLE = {"groups", "ceil_mode", "padding_mode", "out_channels"}
SMALL = st.integers(1, 4)
EDGE = st.integers(0, 4)


def followed(name, arguments, size):
    """The output's shape as medt-gen tells it, None where it refuses."""
    try:
        spec = medt_gen.load(text=layer_text(name, arguments, Input(size, "x")))
    except medt_gen.InvalidInput as error:
        (found,) = error.diagnostics
        assert found.place is not None
        assert found.help
        return None
    return spec.network.root.output.numbers


def measured(name, arguments, size, **channels):
    """The output's shape as torch makes it, None where it refuses or has no values."""
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in arguments.items()
    }
    try:
        layer = getattr(nn, name)(**channels, **given)
        with torch.no_grad(), contextlib.redirect_stderr(io.StringIO()):
            made = layer(torch.rand(2, CHANNELS, *size))
            return tuple(made.shape[1:]) if made.numel() else None
    except (RuntimeError, ValueError, AssertionError, IndexError, NotImplementedError):
        return None


def agree(example, **channels):
    name, arguments, size = example
    assert followed(name, arguments, size) == measured(
        name, arguments, size, **channels
    )


@FEW
@given(
    placed(
        "Conv",
        out_channels=st.sampled_from([3, 4, 6, 12]),
        kernel_size=SMALL,
        stride=SMALL,
        padding=EDGE,
        dilation=st.integers(1, 3),
        groups=st.sampled_from([1, 2, 3, 4]),
        padding_mode=st.sampled_from(["zeros", "reflect", "replicate", "circular"]),
    )
)
def test_convolutions(example):
    agree(example, in_channels=CHANNELS)


@FEW
@given(
    placed(
        "Conv",
        out_channels=st.just(4),
        kernel_size=SMALL,
        stride=st.sampled_from([1, 1, 2]),
        dilation=st.integers(1, 3),
        padding_mode=st.sampled_from(["zeros", "reflect", "circular"]),
    ),
    st.sampled_from(["same", "valid"]),
)
def test_convolutions_whose_padding_is_named(example, padding):
    name, arguments, size = example
    agree((name, {**arguments, "padding": padding}, size), in_channels=CHANNELS)


@FEW
@given(
    placed(
        "ConvTranspose",
        out_channels=st.sampled_from([3, 4, 6, 12]),
        kernel_size=SMALL,
        stride=SMALL,
        padding=EDGE,
        output_padding=st.integers(0, 2),
        groups=st.sampled_from([1, 2, 3, 4]),
        dilation=st.integers(1, 3),
    )
)
def test_transposed_convolutions(example):
    agree(example, in_channels=CHANNELS)


@FEW
@given(
    placed(
        "MaxPool",
        kernel_size=SMALL,
        stride=SMALL,
        padding=st.integers(0, 2),
        dilation=st.integers(1, 3),
        ceil_mode=st.booleans(),
    )
)
def test_max_pools(example):
    agree(example)


@FEW
@given(placed("AvgPool", kernel_size=SMALL, stride=SMALL, padding=st.integers(0, 2)))
def test_average_pools(example):
    agree(example)


@FEW
@given(
    st.sampled_from(["Reflection", "Replication", "Zero"]),
    st.sampled_from([2, 3]),
    st.data(),
)
def test_paddings(kind, rank, data):
    size = data.draw(st.tuples(*[st.integers(1, 5)] * rank))
    each = st.lists(st.integers(0, 5), min_size=2 * rank, max_size=2 * rank)
    padding = data.draw(st.integers(0, 5) | each)
    agree((f"{kind}Pad{rank}d", {"padding": padding}, size))


@FEW
@given(
    st.sampled_from([(5, 7), (2, 3, 4)]),
    st.sampled_from(["nearest", "linear", "bilinear", "bicubic", "trilinear"]),
    st.sampled_from([None, True, False]),
    st.sampled_from(["size", "scale_factor", "both", "neither"]),
    st.integers(1, 4),
)
def test_upsampling(size, mode, align, by, value):
    given = {"mode": mode}
    if align is not None:
        given["align_corners"] = align
    names = {"both": ("size", "scale_factor"), "neither": ()}.get(by, (by,))
    agree(("Upsample", {**given, **dict.fromkeys(names, value)}, size))


@FEW
@given(
    st.sampled_from(["Softmax", "LogSoftmax"]),
    st.sampled_from([(5, 4), (2, 3, 4)]),
    st.integers(-7, 7),
)
def test_layers_along_any_axis(name, size, dim):
    agree((name, {"dim": dim}, size))


@FEW
@given(st.sampled_from([(5, 4), (2, 3, 4)]), st.integers(-7, 7))
def test_gated_linear_units_along_any_axis_but_the_batch(size, dim):
    if dim % (len(size) + 2) == 0:
        assert followed("GLU", {"dim": dim}, size) is None
    else:
        agree(("GLU", {"dim": dim}, size))


@FEW
@given(
    st.sampled_from(
        [
            ("PixelShuffle", "upscale_factor"),
            ("PixelUnshuffle", "downscale_factor"),
            ("ChannelShuffle", "groups"),
        ]
    ),
    st.integers(1, 6),
    st.tuples(st.integers(1, 8), st.integers(1, 8)),
)
def test_shuffles(layer, factor, size):
    name, argument = layer
    agree((name, {argument: factor}, size))


@FEW
@given(
    st.sampled_from(["LayerNorm", "RMSNorm"]),
    st.sampled_from([(5, 4), (2, 3, 4)]),
    st.lists(st.sampled_from([2, 3, 4, 5, 12]), min_size=1, max_size=4),
)
def test_norms_over_the_last_axes(name, size, shape):
    agree((name, {"normalized_shape": shape}, size))


@pytest.mark.parametrize(
    ("name", "arguments", "argument"),
    [
        ("Hardtanh", {"min_val": 2.0, "max_val": 1.0}, "min_val"),
        ("Hardtanh", {"min_val": 1.0}, "min_val"),
        ("CELU", {"alpha": 0}, "alpha"),
        ("CELU", {"alpha": 0.0}, "alpha"),
    ],
)
def test_arguments_that_torch_refuses_together_are_refused(name, arguments, argument):
    text = layer_text(name, arguments, Input((4, 4), "x"))
    with pytest.raises(medt_gen.InvalidInput, match=argument) as caught:
        medt_gen.load(text=text)
    (found,) = caught.value.diagnostics
    assert found.code == "wrong-value"
    with pytest.raises((AssertionError, RuntimeError)):
        getattr(nn, name)(**arguments)(torch.rand(1, 2))


@pytest.mark.parametrize("index", [-11, 10])
def test_an_embedding_pads_by_one_of_its_own(index):
    module = f"{{type: Embedding, num_embeddings: 10, embedding_dim: 2, padding_idx: {index}}}"
    text = f"medt-gen: 1\ninput: {{channels: 1, size: 4}}\nmodules: {{e: {module}}}\n"
    with pytest.raises(medt_gen.InvalidInput, match="padding_idx"):
        medt_gen.load(text=text)


# --- operations ------------------------------------------------------------------------


@FEW
@given(
    st.sampled_from(["max_pool", "avg_pool"]),
    st.sampled_from([(5, 4), (2, 3, 4)]),
    st.integers(1, 4),
    st.none() | st.integers(1, 4),
    st.none() | st.integers(0, 2),
)
def test_pooling_operations(name, size, kernel, stride, padding):
    given = {"stride": stride, "padding": padding}
    given = {key: value for key, value in given.items() if value is not None}
    text = ", ".join([str(kernel), *(f"{key}={value}" for key, value in given.items())])
    layer = {"max_pool": "MaxPool", "avg_pool": "AvgPool"}[name]
    expected = measured(f"{layer}{len(size)}d", {"kernel_size": kernel, **given}, size)
    flow = {"out": f"x | {name}({text})"}
    try:
        spec = medt_gen.load(text=operation_text(flow, Input(size, "x")))
    except medt_gen.InvalidInput as error:
        (found,) = error.diagnostics
        assert found.help
        assert expected is None
        return
    with torch.no_grad():
        made = medt_gen.build(spec)(torch.rand(2, CHANNELS, *size))
    assert tuple(made.shape[1:]) == spec.network.root.output.numbers == expected


@pytest.mark.parametrize("value", ["[{a: 1}, 3]", "{a: 1}", "[[1, 2], 3]", "[]"])
def test_what_is_no_list_of_numbers_is_one_wrong_value(value):
    module = f"{{type: Conv2d, out_channels: 4, kernel_size: {value}}}"
    text = f"medt-gen: 1\ninput: {{channels: 1, size: 4}}\nmodules: {{c: {module}}}\n"
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=f"{text}forward: {{out: x | c}}\n")
    (found,) = caught.value.diagnostics
    assert found.code == "wrong-value"
    assert "kernel_size" in found.message
