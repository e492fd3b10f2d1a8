"""`init:`: which tensor is set by which line, to what, and in which order."""

import copy

import pytest
import torch
from support import standalone
from torch import nn

import medt_gen
from medt_gen.catalog import LAYERS
from medt_gen.catalog.initial_values import INITIAL_VALUES
from medt_gen.layers import axial_attention

HEAD = "medt-gen: 1\ninput: {channels: 4, size: 16}\n"
NET = """
params: {std: 0.5}
modules:
  stem: {type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  bn: BatchNorm2d
  layer: {type: Stage, block: AxialBlock, planes: 8, heads: 2, depth: 2}
  pool: {type: AdaptiveAvgPool2d, output_size: 1}
  flat: Flatten
  fc: {type: Linear, out_features: 3}
forward: {out: x | stem | bn | layer | pool | flat | fc}
"""


def loaded(init, text=NET, **options):
    return medt_gen.load(text=f"{HEAD}init: {init}\n{text}", **options)


def built(init, text=NET, seed=0):
    torch.manual_seed(seed)
    return medt_gen.build(loaded(init, text))


def plain(seed=0, text=NET):
    torch.manual_seed(seed)
    return medt_gen.build(medt_gen.load(text=HEAD + text))


def same(one, other):
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return [a[0] for a, b in pairs if not torch.equal(a[1], b[1])] == []


def told(init, text=NET, **options):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        loaded(init, text, **options)
    (error,) = caught.value.diagnostics
    return error


# --- the functions ---------------------------------------------------------------------

CALLS = {
    "zeros": ("zeros()", lambda t: nn.init.zeros_(t)),
    "ones": ("ones()", lambda t: nn.init.ones_(t)),
    "constant": ("constant(0.25)", lambda t: nn.init.constant_(t, 0.25)),
    "normal": ("normal(0.5, std=2)", lambda t: nn.init.normal_(t, 0.5, 2)),
    "uniform": ("uniform(-1, b=3)", lambda t: nn.init.uniform_(t, -1, 3)),
    "trunc_normal": (
        "trunc_normal(std=0.02)",
        lambda t: nn.init.trunc_normal_(t, std=0.02),
    ),
    "xavier_uniform": (
        "xavier_uniform(gain=2)",
        lambda t: nn.init.xavier_uniform_(t, 2),
    ),
    "xavier_normal": ("xavier_normal()", lambda t: nn.init.xavier_normal_(t)),
    "kaiming_uniform": (
        "kaiming_uniform(a=1, mode=fan_out)",
        lambda t: nn.init.kaiming_uniform_(t, a=1, mode="fan_out"),
    ),
    "kaiming_normal": (
        "kaiming_normal(mode=fan_out, nonlinearity=relu)",
        lambda t: nn.init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"),
    ),
    "orthogonal": ("orthogonal(gain=3)", lambda t: nn.init.orthogonal_(t, 3)),
    "dirac": ("dirac(groups=2)", lambda t: nn.init.dirac_(t, 2)),
    "eye": ("eye()", lambda t: nn.init.eye_(t)),
    "sparse": ("sparse(0.5, std=1)", lambda t: nn.init.sparse_(t, 0.5, 1)),
}


def test_every_function_has_a_case():
    assert CALLS.keys() == INITIAL_VALUES.keys()


@pytest.mark.parametrize("name", INITIAL_VALUES)
def test_a_function_is_torchs(name):
    call, function = CALLS[name]
    key = "fc" if INITIAL_VALUES[name].axes == (2, 2) else "stem"
    model = built(f"{{{key}: '{call}'}}")
    expected = plain()
    function(expected.get_submodule(key).weight)
    assert same(model, expected)


@pytest.mark.parametrize("name", INITIAL_VALUES)
def test_the_arguments_and_defaults_are_torchs(name):
    import inspect

    found = inspect.signature(getattr(nn.init, f"{name}_")).parameters.values()
    ours = INITIAL_VALUES[name].arguments
    theirs = [item for item in found if item.name not in ("tensor", "generator")]
    assert [item.name for item in ours] == [item.name for item in theirs]
    for one, other in zip(ours, theirs, strict=True):
        required = other.default is inspect.Parameter.empty
        assert one.required is required
        assert required or one.default == other.default


# --- which line ------------------------------------------------------------------------


def test_the_usual_code_of_an_axial_resnet_gives_equal_weights():
    """Kaiming over all convolutions but qkv_transform, then zeros in the last norms."""
    model = built(
        "[{Conv2d: 'kaiming_normal(mode=fan_out, nonlinearity=relu)', "
        "BatchNorm2d: ones(), BatchNorm2d.bias: zeros()}, "
        "{AxialBlock: {bn2.weight: zeros()}}]"
    )
    expected = plain()
    for module in expected.modules():
        if isinstance(module, nn.Conv2d | nn.Conv1d):
            if type(module).__name__ != "qkv_transform":
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, 1)
            nn.init.constant_(module.bias, 0)
    for module in expected.modules():
        if type(module).__name__ == "AxialBlock":
            nn.init.constant_(module.bn2.weight, 0)
    assert same(model, expected)
    assert model.layer[0].bn2.weight.abs().sum() == 0


def test_a_path_goes_before_a_member_and_a_member_before_a_type():
    model = built(
        "{Conv2d: constant(1), AxialBlock.conv_up: constant(2), "
        "layer.0.conv_up: constant(3), BatchNorm2d: constant(4), bn: constant(5)}"
    )
    found = [
        model.stem.weight,
        model.layer[1].conv_up.weight,
        model.layer[0].conv_up.weight,
        model.layer[0].bn1.weight,
        model.bn.weight,
    ]
    assert [tensor.unique().item() for tensor in found] == [1, 2, 3, 4, 5]


def test_a_tensor_is_drawn_once_in_a_pass_and_twice_in_two():
    one = built("{Conv2d: normal(), stem: normal()}")
    two = built("[{Conv2d: normal()}, {stem: normal()}]")
    other = plain()
    for module in other.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight)
    assert same(one, other)
    nn.init.normal_(other.stem.weight)
    assert same(two, other)


@pytest.mark.parametrize("key", ["Conv1d", "qkv_transform", "BatchNorm1d"])
def test_no_type_reaches_inside_an_attention(key):
    error = told(f"{{{key}: zeros()}}")
    assert f"no tensor is called `{key}`" in error.message


@pytest.mark.parametrize(
    "key",
    [
        "layer.0.hight_block.qkv_transform",
        "AxialBlock.hight_block.qkv_transform.weight",
        "AxialAttention.qkv_transform",
    ],
)
def test_a_path_does(key):
    model = built(f"{{{key}: zeros()}}")
    assert model.layer[0].hight_block.qkv_transform.weight.abs().sum() == 0
    everywhere = "layer.0" not in key
    second = model.layer[1].hight_block.qkv_transform.weight.abs().sum() == 0
    assert second.item() is everywhere


def test_a_table_of_positions_is_a_tensor_like_others():
    model = built("{AxialAttention.relative: zeros()}")
    assert model.layer[0].width_block.relative.abs().sum() == 0


def test_layers_that_draw_their_own_weights_say_so_to_the_helper():
    names = [name for name, layer in LAYERS.items() if layer.whole is not None]
    assert "AxialAttention" in names
    assert axial_attention.AxialAttention.draws_own_weights


def test_a_nested_member_may_be_written_in_dots():
    nested = built("{AxialBlock: {bn2.weight: zeros(), conv_up: ones()}}")
    dotted = built("{AxialBlock.bn2: zeros(), AxialBlock.conv_up.weight: ones()}")
    assert same(nested, dotted)


def test_a_standalone_file_draws_the_same():
    spec = loaded("{Conv2d: normal(), Linear.bias: constant(3)}")
    torch.manual_seed(0)
    alone = standalone(spec)
    torch.manual_seed(0)
    assert same(alone, medt_gen.build(spec))


# --- when ------------------------------------------------------------------------------

BLOCKS = """
blocks:
  Unit:
    params: {std: 0.1, deep: true}
    init: {Conv2d: normal(std=$std)}
    modules:
      conv: {type: Conv2d, out_channels: 4, kernel_size: 1}
      more: {type: Conv2d, out_channels: 4, kernel_size: 1, when: $deep}
    forward: {out: x | conv | more}
modules: {a: Unit, b: {type: Unit, std: 0.2, deep: false}}
forward: {out: x | a | b}
"""


def test_a_blocks_lines_run_where_it_is_constructed():
    torch.manual_seed(0)
    model = medt_gen.build(medt_gen.load(text=HEAD + BLOCKS))
    torch.manual_seed(0)
    first, more = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)
    nn.init.normal_(first.weight, std=0.1)
    nn.init.normal_(more.weight, std=0.1)
    second = nn.Conv2d(4, 4, 1)
    nn.init.normal_(second.weight, std=0.2)
    assert torch.equal(model.a.conv.weight, first.weight)
    assert torch.equal(model.a.more.weight, more.weight)
    assert torch.equal(model.b.conv.weight, second.weight)


def test_a_networks_lines_run_last():
    torch.manual_seed(0)
    model = medt_gen.build(
        medt_gen.load(text=HEAD + "init: {a.conv: ones()}\n" + BLOCKS)
    )
    assert model.a.conv.weight.min() == 1


def test_a_parameter_of_the_spec_is_an_argument_of_the_class():
    spec = loaded("{fc: normal(std=$std)}")
    assert "partial(nn.init.normal_, std=std)" in medt_gen.emit(spec)


def test_code_that_assigns_twice_draws_twice():
    text = "construct_again: [bn, stem]\n" + NET
    torch.manual_seed(0)
    model = medt_gen.build(medt_gen.load(text=HEAD + text))
    expected = plain()
    again = nn.Conv2d(4, 8, 3, padding=1)
    assert list(model.state_dict()) == list(expected.state_dict())
    assert torch.equal(model.stem.weight, again.weight)
    assert not torch.equal(model.stem.weight, expected.stem.weight)
    assert torch.equal(model.fc.weight, expected.fc.weight)


def test_an_optional_module_is_built_again_where_it_exists():
    text = BLOCKS.replace("    init:", "    construct_again: [more]\n    init:")
    model = medt_gen.build(medt_gen.load(text=HEAD + text))
    assert model.b.more is None
    assert model.a.more is not None


# --- what is said ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("init", "message", "shown", "fix"),
    [
        ("{Conv2: zeros()}", "no tensor is called `Conv2`", "Conv2", "`Conv2d`"),
        ("{stem.wieght: zeros()}", "no tensor is called", "stem.wieght", "stem"),
        ("{bn.running_mean: zeros()}", "no tensor is called", "bn.running_mean", None),
        ("{fc: zeros}", "a call has parentheses", "zeros", "`zeros()`"),
        ("{fc: 0}", "is an integer", "0", "`constant(0)`"),
        (
            "{fc: zeros_()}",
            "there is no initial value `zeros_()`",
            "zeros_()",
            "`zeros()`",
        ),
        (
            "{fc: nn.init.zeros_()}",
            "there is no initial value",
            "nn.init.zeros_()",
            "`zeros()`",
        ),
        ("{fc: zeroes()}", "there is no initial value", "zeroes()", "zeros"),
        ("{fc: zeros() }", None, None, None),
        ("{fc: constant()}", "`constant` needs `val`", "constant()", "add `val=`"),
        ("{fc: normal(sd=1)}", "`normal` has no argument `sd`", "sd=1", "std"),
        ("{fc: 'normal(1, 2, 3)'}", "takes no further argument", "3", None),
        ("{fc: normal(std=$sdt)}", "there is no parameter `$sdt`", None, "`$std`"),
        (
            "{bn: kaiming_normal()}",
            "fills tensors of 2 axes or more",
            "kaiming_normal()",
            "zeros",
        ),
        (
            "{stem: eye()}",
            "fills tensors of 2 axes, and `stem.weight`",
            "eye()",
            "zeros",
        ),
        (
            "{fc.bias: zeros(), fc: {bias: ones()}}",
            "is set twice in one pass",
            "bias",
            "two passes",
        ),
        (
            "[zeros()]",
            "is a mapping from tensors to values",
            "zeros()",
            "init: {Conv2d",
        ),
        ("{fc: zeros() zeros()}", "does not belong here", "zeros", None),
    ],
)
def test_what_is_wrong_is_told_where_it_is(init, message, shown, fix):
    if message is None:
        assert loaded(init)
        return
    error = told(init)
    assert message in error.message
    assert shown is None or error.place.text == shown
    assert fix is None or fix in error.help


def test_a_line_for_what_only_some_uses_have_is_right():
    text = BLOCKS.replace("{Conv2d: normal", "{more: ones(), conv: normal")
    model = medt_gen.build(medt_gen.load(text=HEAD + text))
    assert model.a.more.weight.min() == 1


def test_construct_again_names_modules():
    with pytest.raises(
        medt_gen.InvalidInput, match="`construct_again:` names no module"
    ):
        medt_gen.load(text=HEAD + "construct_again: [stm]\n" + NET)


# --- variants and options --------------------------------------------------------------


@pytest.mark.parametrize(
    ("init", "option", "path", "value"),
    [
        ("{Conv2d.bias: zeros()}", "init.Conv2d.bias=ones()", "stem.bias", 1),
        (
            "{AxialBlock: {bn2.weight: zeros()}}",
            "init.AxialBlock.bn2.weight=ones()",
            "layer.0.bn2.weight",
            1,
        ),
        ("[{Conv2d: zeros()}]", "init.0.Conv2d=ones()", "stem.weight", 1),
        ("{fc: zeros()}", "init.Conv2d.bias=ones()", "stem.bias", 1),
        ("{fc: zeros()}", "init.stem=ones()", "stem.weight", 1),
    ],
)
def test_an_option_reaches_every_line(init, option, path, value):
    model = medt_gen.build(loaded(init, overrides=[option]))
    assert model.get_parameter(path).unique().item() == value


def test_an_option_may_be_the_first_line():
    spec = medt_gen.load(text=HEAD + NET, overrides=["init.Conv2d.bias=ones()"])
    assert medt_gen.build(spec).stem.bias.min() == 1


def test_a_variant_changes_a_line(tmp_path):
    (tmp_path / "a.yaml").write_text(
        f"{HEAD}init: {{Conv2d: zeros(), AxialBlock: {{bn2: zeros()}}}}\n{NET}"
    )
    (tmp_path / "b.yaml").write_text(
        "medt-gen: 1\nextends: ./a.yaml\n"
        "init: {Conv2d: null, AxialBlock: {bn2: ones()}, fc: zeros()}\n"
    )
    model = medt_gen.build(medt_gen.load(tmp_path / "b.yaml"))
    assert model.layer[0].bn2.weight.min() == 1
    assert model.stem.weight.abs().sum() > 0
    assert model.fc.weight.abs().sum() == 0


def test_a_copied_model_is_left_alone():
    model = built("{Conv2d: zeros()}")
    model.stem.weight.data.fill_(3)
    assert copy.deepcopy(model).stem.weight.min() == 3
