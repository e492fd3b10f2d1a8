"""Sizes of images at run time: `largest:`, longer spans, and what a network refuses."""

import pickle

import pytest
import torch
from support import run, standalone

import medt_gen
from medt_gen.layers.axial_attention import AxialAttention
from medt_gen.layers.axial_dynamic import AxialAttention_dynamic
from medt_gen.layers.fast_attention import FastAxialAttention
from medt_gen.loading.run_sizes import RunSizes

NET = """
medt-gen: 1
class: Small
input: INPUT
modules:
  stem: {type: Conv2d, out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
  bn: BatchNorm2d
  layer: {type: Stage, block: AxialBlock, planes: 8, heads: 2, stride: 2}
  head: {type: Conv2d, out_channels: 2, kernel_size: 1}
forward: {s: x | stem | bn, out: s | layer | upsample(2) | head | upsample(2)}
"""


def loaded(given, text=NET, **options):
    return medt_gen.load(text=text.replace("INPUT", given), **options)


def told(given, text=NET):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        loaded(given, text)
    return [x for x in caught.value.diagnostics if x.severity == "error"]


# --- the layers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [AxialAttention, AxialAttention_dynamic, FastAxialAttention]
)
@pytest.mark.parametrize("places", [1, 3, 6, 7])
def test_a_table_serves_every_shorter_line(kind, places):
    """The columns in its middle are a table for that length."""
    torch.manual_seed(0)
    long = kind(8, 2, span=7, axis="width").double()
    short = kind(8, 2, span=places, axis="width").double()
    state = {k: v for k, v in long.state_dict().items() if k != "flatten_index"}
    cut = 7 - places
    state["relative"] = state["relative"][:, cut : cut + 2 * places - 1]
    short.load_state_dict(state, strict=False)
    x = torch.randn(2, 8, 3, places, dtype=torch.float64)
    for mode in (True, False):
        torch.testing.assert_close(long.train(mode)(x), short.train(mode)(x))


# --- `largest:` ------------------------------------------------------------------------


def test_spans_are_those_of_the_largest_size():
    spec = loaded("{channels: 3, size: 32, largest: 64}")
    model = medt_gen.build(spec)
    assert model.layer[0].hight_block.span == 32
    assert spec.usual.root.output.numbers == (2, 32, 32)
    assert spec.network.root.output.numbers == (2, 64, 64)
    for size in (8, 16, 32, 48, 64):
        assert model.eval()(torch.rand(1, 3, size, 64)).shape == (1, 2, size, 64)


def test_it_is_the_network_built_for_that_size():
    torch.manual_seed(0)
    model = medt_gen.build(loaded("{channels: 3, size: 32, largest: [64, 48]}"))
    torch.manual_seed(0)
    other = medt_gen.build(loaded("{channels: 3, size: [64, 48]}"))
    assert str(model) == str(other)
    x = torch.rand(1, 3, 64, 48)
    assert torch.equal(model(x), other(x))


def test_the_usual_size_and_the_largest_are_told(tmp_path, capsys):
    path = tmp_path / "net.yaml"
    path.write_text(NET.replace("INPUT", "{channels: 3, size: 32, largest: 64}"))
    _, out, _ = run(capsys, "build", path)
    assert "1 x 3 x 32 x 32" in out
    assert "multiples of 4 from 4 to 64" in out.replace("8 from 8", "4 from 4")
    source = medt_gen.emit(medt_gen.load(path))
    assert "From images [N, 3, 32, 32] to [N, 2, 32, 32]." in source
    assert "It takes images up to [N, 3, 64, 64]" in " ".join(source.split())


def test_an_option_adds_it():
    spec = medt_gen.load("axialunet", overrides=["input.largest=256"])
    assert spec.run_sizes == RunSizes((32, 32), (32, 32), (256, 256))
    assert "classes: int = 2" in medt_gen.emit(spec)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{channels: 3, size: 32, largest: 16}", "`largest:` is smaller than `size:`"),
        ("{channels: 3, size: 32, largest: [64, 16]}", "`largest:` is smaller"),
        ("{channels: 3, size: 32, largest: [64, 64, 64]}", "has 3 axes"),
        ("{channels: 3, size: 32, largest: 65.5}", "`largest:` must be an integer"),
        ("{channels: 3, size: 32, largest: 62}", "stride 2 does not divide"),
    ],
)
def test_a_largest_size_that_does_not_go_is_told(given, message):
    errors = told(given)
    assert len(errors) >= 1
    assert message in errors[0].message


FIXED = """
medt-gen: 1
class: Fixed
input: INPUT
modules: {fc: {type: Linear, out_features: 3}}
forward: {out: x | flatten() | fc}
"""


def test_weights_that_depend_on_the_size_refuse_it():
    (error,) = told("{channels: 3, size: 8, largest: 16}", FIXED)
    assert (
        "`fc` would need `in_features` 192 for the usual size and 768" in error.message
    )
    assert error.place.text == "16"


# --- spans that are written ------------------------------------------------------------

LOCAL = """
medt-gen: 1
class: Local
input: {channels: 8, size: 16}
modules: {a: {type: AxialAttention, axis: height, heads: 2, span: SPAN}}
forward: {out: x | a}
"""


def test_a_span_may_exceed_its_axis():
    spec = medt_gen.load(text=LOCAL.replace("SPAN", "65"))
    model = medt_gen.build(spec)
    assert model.a.relative.shape[1] == 129
    assert model(torch.rand(1, 8, 16, 16)).shape == (1, 8, 16, 16)


def test_a_span_may_not_be_shorter():
    with pytest.raises(medt_gen.InvalidInput, match="`span` is 8 here, and the input"):
        medt_gen.load(text=LOCAL.replace("SPAN", "8"))


# --- what is refused -------------------------------------------------------------------


@pytest.mark.parametrize("make", [medt_gen.build, standalone])
@pytest.mark.parametrize(
    ("shape", "met"),
    [
        ((1, 3, 36, 32), "[1, 3, 36, 32]"),
        ((2, 1, 32, 32), "[2, 1, 32, 32]"),
        ((3, 32, 32), "[3, 32, 32]"),
        ((1, 3, 32, 2), "[1, 3, 32, 2]"),
    ],
)
def test_another_size_is_told_with_the_networks_name(make, shape, met):
    model = make(loaded("{channels: 3, size: 32}"))
    with pytest.raises(ValueError, match="Small takes") as caught:
        model(torch.rand(shape))
    assert "Small takes [N, 3, H, W] with H = " in str(caught.value)
    assert str(caught.value).endswith(f"and this is {met}")


def test_features_are_told():
    text = FIXED.replace("x | flatten()", "x").replace("INPUT", "{features: 12}")
    model = medt_gen.build(medt_gen.load(text=text))
    with pytest.raises(
        ValueError, match=r"Fixed takes \[N, 12\], and this is \[2, 13\]"
    ):
        model(torch.rand(2, 13))


@pytest.mark.parametrize(
    ("given", "text", "expected"),
    [
        ("{channels: 3, size: 8}", FIXED, RunSizes((8, 8), (8, 8), (8, 8))),
        (
            "{channels: 3, size: 32}",
            NET.replace(
                "type: Stage, block: AxialBlock, planes: 8, heads: 2, stride: 2",
                "type: Conv2d, out_channels: 4, kernel_size: 2, stride: 2",
            ),
            None,
        ),
    ],
)
def test_the_sizes_that_work_are_those_that_do(given, text, expected):
    spec = loaded(given, text)
    found = spec.run_sizes
    assert expected is None or found == expected
    model = medt_gen.build(spec).eval()
    step, least, largest = (x[0] for x in (found.multiples, found.least, found.largest))
    tried = (
        [least, least + step, 4 * step + least] if largest is None else [least, largest]
    )
    for size in tried:
        model(torch.rand(1, 3, size, size))
    for size in (least - 1, (largest or least) + 1):
        if size > 0 and (size % step or size < least or largest):
            with pytest.raises(ValueError, match="takes"):
                model(torch.rand(1, 3, size, size))


def test_convolutions_alone_have_no_end():
    text = NET.replace(
        "type: Stage, block: AxialBlock, planes: 8, heads: 2, stride: 2",
        "type: Conv2d, out_channels: 4, kernel_size: 2, stride: 2",
    )
    spec = loaded("{channels: 3, size: [32, 48]}", text)
    assert spec.run_sizes.largest == (None, None)
    assert medt_gen.build(spec)(torch.rand(1, 3, 320, 96)).shape[1] == 2


def test_every_axis_has_multiples_of_its_own():
    text = """
medt-gen: 1
class: Net
input: {channels: 3, size: [24, 32]}
modules: {c: {type: Conv2d, out_channels: 4, kernel_size: 1, stride: [1, 4]}}
forward: {s: "x | c | upsample([1, 4])", out: s | concat(x)}
"""
    assert medt_gen.load(text=text).run_sizes == RunSizes((1, 4), (1, 4), (None, None))


def test_a_model_that_is_pickled_refuses_as_before():
    model = pickle.loads(
        pickle.dumps(medt_gen.build(loaded("{channels: 3, size: 32}")))
    )
    with pytest.raises(ValueError, match="Small takes"):
        model(torch.rand(1, 3, 33, 33))


def test_a_compiled_network_has_no_break_and_no_check():
    model = medt_gen.build(loaded("{channels: 3, size: 32, largest: 64}")).eval()
    compiled = torch.compile(model, backend="eager", fullgraph=True)
    x = torch.rand(1, 3, 32, 32)
    torch.testing.assert_close(compiled(x), model(x))
    found = torch._dynamo.explain(model)(x)
    assert found.graph_break_count == 0


@pytest.mark.slow
def test_a_dynamic_size_can_be_exported():
    model = medt_gen.build(loaded("{channels: 3, size: 32, largest: 64}")).eval()
    step = model_step(loaded("{channels: 3, size: 32, largest: 64}"))
    height, width = (torch.export.Dim(name, min=1, max=64 // step) for name in "hw")
    program = torch.export.export(
        model,
        (torch.rand(2, 3, 32, 32),),
        dynamic_shapes={"x": {2: step * height, 3: step * width}},
    )
    x = torch.rand(2, 3, 64, 2 * step)
    torch.testing.assert_close(program.module()(x), model(x))


def model_step(spec):
    return spec.run_sizes.multiples[0]


def test_equal_specs_share_what_was_found_and_others_do_not():
    first, again = (loaded("{channels: 3, size: 32}") for _ in range(2))
    assert first.run_sizes is again.run_sizes
    assert loaded("{channels: 3, size: 64}").run_sizes != first.run_sizes
