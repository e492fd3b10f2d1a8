"""What only the definition of attention computes, and layers of their own, by formula."""

import pytest
import torch
from torch.nn import functional as F

import medt_gen
from medt_gen.layers.axial_attention import AxialAttention
from medt_gen.layers.axial_dynamic import AxialAttention_dynamic
from medt_gen.layers.axial_wopos import AxialAttention_wopos
from medt_gen.layers.criss_cross import CrissCrossAttention
from medt_gen.layers.drop_path import DropPath, StochasticDepth

KINDS = {
    "plain": AxialAttention,
    "gated": AxialAttention_dynamic,
    "wopos": AxialAttention_wopos,
}


def made(kind, **more):
    torch.manual_seed(0)
    span = {} if kind == "wopos" else {"span": 6}
    layer = KINDS[kind](8, 2, axis="width", **span, **more).double()
    for parameter in layer.parameters():
        parameter.requires_grad_(True)
        torch.nn.init.normal_(parameter, std=0.5)
    return layer


def by_loops(layer, x, window=None):
    """y without norms, place by place; x [N, C, H, W], along the width."""
    _, c, _, width = x.shape
    heads, d = layer.heads, c // layer.heads
    qkv = torch.einsum("oc,nchw->nohw", layer.qkv_transform.weight[:, :, 0], x)
    y = torch.zeros_like(x)
    gate = {
        name: getattr(layer, name, torch.tensor(1.0))
        for name in ("f_qr", "f_kr", "f_sve", "f_sv")
    }
    for head in range(heads):
        part = qkv[:, head * 2 * d : (head + 1) * 2 * d]
        q, k, v = part[:, : d // 2], part[:, d // 2 : d], part[:, d:]
        for i in range(width):
            seen = [
                j for j in range(width) if window is None or abs(i - j) <= window // 2
            ]
            logits, values = [], []
            for j in seen:
                logit = (q[..., i] * k[..., j]).sum(1)
                value = gate["f_sv"] * v[..., j]
                if layer.relative is not None:
                    r = layer.relative[:, i - j + width - 1]
                    back = layer.relative[:, j - i + width - 1]
                    logit = logit + gate["f_qr"] * torch.einsum(
                        "nch,c->nh", q[..., i], r[: d // 2]
                    )
                    logit = logit + gate["f_kr"] * torch.einsum(
                        "nch,c->nh", k[..., j], back[d // 2 : d]
                    )
                    value = value + gate["f_sve"] * r[d:][None, :, None]
                logits.append(logit)
                values.append(value)
            weights = torch.stack(logits).softmax(0)
            y[:, head * d : (head + 1) * d, :, i] = sum(
                w[:, None] * value for w, value in zip(weights, values, strict=True)
            )
    return y


@pytest.mark.parametrize("window", [None, 1, 3, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_without_norms_it_is_the_formula(kind, window):
    layer = made(kind, norms=False, window=window)
    x = torch.randn(2, 8, 3, 6, dtype=torch.float64)
    torch.testing.assert_close(layer(x), by_loops(layer, x, window))


@pytest.mark.parametrize("kind", KINDS)
def test_without_norms_there_are_none(kind):
    names = [name for name, _ in made(kind, norms=False).named_children()]
    assert names == ["qkv_transform"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_with_norms_sees_no_farther(kind):
    """In eval, where norms don't couple places, far places change nothing."""
    layer = made(kind, window=3).eval()
    x = torch.randn(1, 8, 2, 6, dtype=torch.float64)
    other = x.clone()
    other[..., 4:] += 1
    changed = (layer(x) - layer(other)).abs().amax((0, 1, 2)) > 1e-9
    assert changed.tolist() == [False, False, False, True, True, True]


@pytest.mark.parametrize(
    ("pooling", "stride"),
    [
        ({"pooling_size": 3, "pooling_padding": 1}, 2),
        ({"pooling_size": (3, 2), "pooling_padding": (1, 0)}, 2),
        ({"pooling_size": 3, "pooling_padding": 1}, 1),
        ({}, (1, 3)),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_the_pooling_at_the_end_is_torchs(kind, pooling, stride):
    layer, bare = made(kind, stride=stride, **pooling), made(kind)
    bare.load_state_dict(layer.state_dict())
    x = torch.randn(2, 8, 4, 6, dtype=torch.float64)
    size = pooling.get("pooling_size", stride)
    expected = F.avg_pool2d(bare(x), size, stride, pooling.get("pooling_padding", 0))
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize(
    ("given", "learning"),
    [
        (False, set()),
        (True, {"f_qr", "f_kr", "f_sve", "f_sv"}),
        (("f_qr",), {"f_qr"}),
        (("f_sv", "f_kr"), {"f_kr", "f_sv"}),
        ((), set()),
    ],
)
def test_gates_learn_one_by_one(given, learning):
    layer = AxialAttention_dynamic(8, 2, span=4, axis="width", trainable_gates=given)
    gates = {n: p.requires_grad for n, p in layer.named_parameters() if n[:2] == "f_"}
    assert {name for name, learns in gates.items() if learns} == learning
    layer.open_gates()
    assert all(p.requires_grad for n, p in layer.named_parameters() if n[:2] == "f_")


def test_only_the_definition_is_emitted_for_them():
    text = """
medt-gen: 1
class: Net
input: {channels: 8, size: 8}
modules:
  a: {type: AxialAttention, axis: height, heads: 2, MORE}
forward: {out: x | a}
"""
    for more, name in (
        ("norms: true", "Fast"),
        ("norms: false", ""),
        ("window: 3", ""),
    ):
        spec = medt_gen.load(text=text.replace("MORE", more))
        assert f"self.a = {name}AxialAttention(" in medt_gen.emit(spec)


# --- criss-cross -----------------------------------------------------------------------


def test_criss_cross_is_one_softmax_over_row_and_column():
    torch.manual_seed(0)
    layer = CrissCrossAttention(16, reduction=4).double()
    torch.nn.init.normal_(layer.gamma)
    x = torch.randn(2, 16, 3, 5, dtype=torch.float64)
    q, k, v = layer.query_conv(x), layer.key_conv(x), layer.value_conv(x)
    expected = torch.zeros_like(x)
    for h in range(3):
        for w in range(5):
            places = [(g, w) for g in range(3) if g != h] + [(h, u) for u in range(5)]
            logits = torch.stack(
                [(q[..., h, w] * k[..., a, b]).sum(1) for a, b in places]
            )
            values = torch.stack([v[..., a, b] for a, b in places])
            expected[..., h, w] = (logits.softmax(0)[..., None] * values).sum(0)
    torch.testing.assert_close(layer(x), layer.gamma * expected + x)


def test_criss_cross_begins_as_the_identity():
    layer = CrissCrossAttention(8)
    x = torch.randn(1, 8, 4, 4)
    assert torch.equal(layer(x), x)
    with pytest.raises(ValueError, match="leave none for a query"):
        CrissCrossAttention(4)


# --- branches that are left out --------------------------------------------------------


@pytest.mark.parametrize("layer", [StochasticDepth(0.25, "row"), DropPath(0.25)])
def test_images_are_left_out_one_by_one_and_the_mean_stays(layer):
    torch.manual_seed(0)
    y = layer(torch.ones(4000, 2, 3))
    kept = y[:, 0, 0] != 0
    assert torch.equal(y, torch.where(kept[:, None, None], 1 / 0.75, 0.0).expand_as(y))
    assert kept.float().mean().item() == pytest.approx(0.75, abs=0.03)
    assert torch.equal(layer.eval()(y), y)
    layer.train()


def test_a_batch_is_left_out_at_once():
    torch.manual_seed(0)
    layer = StochasticDepth(0.5, "batch")
    means = {layer(torch.ones(8, 2)).mean().item() for _ in range(20)}
    assert means == {0.0, 2.0}


def test_without_scaling_what_stays_is_as_it_was():
    torch.manual_seed(0)
    y = DropPath(0.5, scale_by_keep=False)(torch.ones(100, 1))
    assert set(y.flatten().tolist()) == {0.0, 1.0}


def test_they_print_as_the_libraries_do():
    assert str(StochasticDepth(0.1, "row")) == "StochasticDepth(p=0.1, mode=row)"
    assert str(DropPath(0.1)) == "DropPath(drop_prob=0.100)"


STAGE = """
medt-gen: 1
class: Net
input: {channels: 8, size: 8}
params: {rate: 0.2}
blocks:
  Unit:
    params: {drop_path: 0.0}
    modules:
      conv: {type: Conv2d, out_channels: 8, kernel_size: 1}
      drop_path: {type: DropPath, drop_prob: $drop_path}
    forward: {out: x | conv | drop_path | add(x)}
modules: {s: {type: Stage, block: Unit, depth: 3, drop_path: RATES}}
forward: {out: x | s}
"""


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ("[0.0, 0.1, $rate]", [0.0, 0.1, 0.2]),
        ("0.3", [0.3, 0.3, 0.3]),
        ("$rate", [0.2, 0.2, 0.2]),
    ],
)
def test_a_stage_gives_each_block_its_rate(rates, expected):
    spec = medt_gen.load(text=STAGE.replace("RATES", rates))
    model = medt_gen.build(spec)
    assert [block.drop_path.drop_prob for block in model.s] == expected


def test_a_stage_has_as_many_rates_as_blocks():
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=STAGE.replace("RATES", "[0.0, 0.1]"))
    (error,) = caught.value.diagnostics
    assert "`drop_path` lists 2 numbers, and this stage has 3 blocks" in error.message
    assert error.place.text == "[0.0, 0.1]"


def test_a_block_without_rates_refuses_them():
    text = STAGE.replace("drop_path: 0.0}", "rate: 0.0}").replace(
        "$drop_path}", "$rate}"
    )
    with pytest.raises(medt_gen.InvalidInput, match="has no argument `drop_path`"):
        medt_gen.load(text=text.replace("RATES", "[0.0, 0.1, 0.2]"))


# --- how a spec writes the pooling -----------------------------------------------------

POOLED = """
medt-gen: 1
class: Net
input: {channels: 8, size: [9, 12]}
params: {k: 3}
modules:
  a: {type: AxialAttention, axis: height, heads: 2, stride: STRIDE, pooling: POOLING}
forward: {out: x | a}
"""


@pytest.mark.parametrize(
    ("stride", "pooling", "size"),
    [
        ("2", "{kernel_size: 3, padding: 1}", (5, 6)),
        ("2", "{kernel_size: $k, padding: $k // 2}", (5, 6)),
        ("[1, 2]", "{kernel_size: [1, 2]}", (9, 6)),
        ("1", "{kernel_size: 3}", (7, 10)),
    ],
)
def test_a_spec_writes_the_pooling_in_a_mapping(stride, pooling, size):
    text = POOLED.replace("STRIDE", stride).replace("POOLING", pooling)
    spec = medt_gen.load(text=text)
    assert spec.network.root.output.numbers[1:] == size
    assert medt_gen.build(spec)(torch.rand(1, 8, 9, 12)).shape[2:] == size


@pytest.mark.parametrize(
    ("pooling", "message", "shown"),
    [
        ("{kernel: 3}", "no argument `pooling.kernel`", "kernel"),
        ("3", "no argument `pooling`", "pooling"),
        ("{padding: 1}", "goes with a `kernel_size`", "1"),
        ("{kernel_size: 3, padding: 2}", "more than half of the kernel", "2"),
        (
            "{kernel_size: [3, 3, 3]}",
            "lists 3 values and the input has 2 axes",
            "[3, 3, 3]",
        ),
        ("{kernel_size: 0}", "must be a positive integer", "0"),
    ],
)
def test_a_wrong_pooling_is_told_where_it_is(pooling, message, shown):
    text = POOLED.replace("STRIDE", "1").replace("POOLING", pooling)
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=text)
    (error,) = caught.value.diagnostics
    assert message in error.message
    assert error.place.text == shown
