"""Printouts of other networks: the modules exactly, the flow left open."""

import pytest
import torch
from support import run, standalone
from torch import nn

import medt_gen
from medt_gen.importer import import_tree
from medt_gen.network.prints import printed_tree
from medt_gen.network.tensors import network_tensors
from medt_gen.printout import compare, parse


class Bottleneck(nn.Module):
    def __init__(self, channels, width, stride=1, shortcut=False):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.relu = nn.ReLU(inplace=True)
        if shortcut:
            self.downsample = nn.Sequential(nn.Conv2d(channels, 4 * width, 1, stride))


class ConvAct(nn.Sequential):
    """A Sequential of another name: its children are called 0, 1, ..."""


class Nothing(nn.Module):
    """Prints nothing inside."""


class Outer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = ConvAct(nn.Conv2d(width, 2 * width, 3), nn.GELU())
        self.nothing = Nothing()


class Zoo(nn.Module):
    """One of everything that is awkward."""

    def __init__(self):
        super().__init__()
        self.stem = ConvAct(nn.Conv2d(3, 64, 7, (2, 1), 3), nn.ReLU())
        self.pool = nn.MaxPool2d(3, 2, 1, ceil_mode=True)
        self.layer1 = nn.Sequential(Bottleneck(64, 64, 1, True), Bottleneck(256, 64))
        self.layer2 = nn.Sequential(Bottleneck(256, 128, 2, True))
        self.outer = nn.ModuleList([Outer(4), Outer(4), Outer(8)])
        heads = {"class": nn.Linear(3, 4), "a b": nn.Linear(4, 4), "é": nn.Identity()}
        self.heads = nn.ModuleDict(heads)
        self.embed = nn.Embedding(7, 8, padding_idx=0)
        self.norm = nn.LayerNorm((3, 4), eps=1e-6)
        self.mixed = nn.Sequential(nn.Upsample(scale_factor=0.5, mode="bilinear"))
        self.empty = nn.ModuleList()
        self.flat = nn.Flatten(2)
        self.line = nn.Sequential(nn.Conv1d(3, 4, 3), nn.BatchNorm1d(4), nn.GLU())
        self.add_module("2nd try", nn.Linear(2, 2, bias=False))
        self.add_module("lambda", nn.PReLU(3))


class Linear(nn.Module):
    """A class of its own with the name of a layer."""

    def __init__(self):
        super().__init__()
        self.base = nn.Linear(2, 2)


def named(name, *parts):
    """A module that prints another class name, as some wrappers do."""
    made = nn.Module()
    for number, part in enumerate(parts):
        made.add_module(f"part{number}", part)
    made._get_name = lambda: name
    return made


class Custom(nn.Module):
    """Classes whose names the emitted Python needs for itself."""

    def __init__(self):
        super().__init__()
        self.wrapped = Linear()
        self.plain = nn.Linear(2, 2)
        names = (
            "_Private",
            "_",
            "AxialAttention",
            "Tensor",
            "list",
            "Block",
            "Custom",
        )
        self.awkward = nn.ModuleList([named(name, nn.ReLU()) for name in names])
        self.sibling = named("_Private", nn.GELU())


LIVE = [Zoo, Custom, lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU())]


@pytest.fixture(params=LIVE, ids=["zoo", "custom", "sequential"], scope="module")
def live(request):
    return request.param()


def shapes(model):
    return [(key, tuple(value.shape)) for key, value in model.state_dict().items()]


def test_the_modules_are_exact(live):
    found = import_tree(parse(str(live)), "here")
    built = medt_gen.build(found.spec)
    assert not found.family
    assert str(built) == str(live)
    assert shapes(built) == shapes(live)


def test_the_standalone_file_is_the_same(live):
    found = import_tree(parse(str(live)), "here")
    assert str(standalone(found.spec)) == str(live)


def test_no_warnings_and_calling_says_why(live):
    found = import_tree(parse(str(live)), "here")
    assert found.spec.warnings == ()
    with pytest.raises(
        NotImplementedError, match="no data flow: its spec has no `forw"
    ):
        medt_gen.build(found.spec)(torch.zeros(1))


def test_reading_it_again_changes_nothing(live):
    first = import_tree(parse(str(live)), "here")
    again = import_tree(parse(str(medt_gen.build(first.spec))), "here")
    assert again.text == first.text


def test_repeated_subtrees_are_one_block():
    text = import_tree(parse(str(Zoo())), "here").text
    assert text.count("conv3:") == 2  # with a shortcut, and without
    assert text.count("nn.GELU") + text.count("- GELU") == 1
    assert "out_channels: 4 * $out_channels" in text


def test_shipped_blocks_are_recognised():
    class Unlike(nn.Module):
        def __init__(self, block):
            super().__init__()
            self.first, self.then = block, nn.Linear(2, 2)

    medt = medt_gen.build(medt_gen.load("medt"))
    found = import_tree(parse(str(Unlike(medt.layer2_p))), "here")
    assert (
        "{type: AxialBlock_wopos, in_channels: 32, planes: 32, heads: 8, stride: 2}"
        in (found.text)
    )
    assert "blocks:" not in found.text
    lone = import_tree(parse(str(Unlike(medt.layer1[0].width_block))), "here")
    assert "the axis of first is the height" in lone.text


def test_block_lookalikes_are_blocks_of_their_own():
    medt = medt_gen.build(medt_gen.load("axialunet"))
    medt.layer1[0].bn1 = nn.BatchNorm2d(16, eps=1e-3)
    found = import_tree(parse(str(medt)), "here")
    assert not found.family
    assert "class: AxialBlock" in found.text
    assert compare(parse(str(medt)), printed_tree(found.spec.network)) == []


def test_the_commands_take_such_a_spec(capsys, tmp_path):
    printout, spec = tmp_path / "zoo.txt", tmp_path / "zoo.yaml"
    printout.write_text(str(Zoo()), encoding="utf-8")
    status, _, err = run(capsys, "import", printout, "-o", spec)
    assert status == 0
    assert "the data flow is not known" in err
    assert run(capsys, "validate", "--strict", spec)[0] == 0
    assert run(capsys, "diff", printout, spec)[0] == 0
    assert run(capsys, "emit", spec)[0] == 0
    status, out, _ = run(capsys, "build", spec)
    assert status == 0
    assert "not known" in out
    assert run(capsys, "build", spec, "--print")[1].rstrip("\n") == str(Zoo())


UNKNOWN = """Net(
  size=3
  (conv): Conv2d(3, 8, kernel_size=(1, 1), stride=(1, 1))
)"""


def test_a_network_that_prints_text_of_its_own_is_refused(capsys, tmp_path):
    path = tmp_path / "net.txt"
    path.write_text(UNKNOWN, encoding="utf-8")
    status, out, err = run(capsys, "import", path)
    assert (status, out) == (1, "")
    assert err.count("not-in-catalog") == 1
    assert "the root: `Net` prints text of its own: size=3" in err


def test_what_torch_never_prints_so_is_refused(capsys, tmp_path):
    path = tmp_path / "net.txt"
    row = "(c): Conv2d(3, 8, kernel_size=(1, 1), stride=(1, 1), padding=(0, 0))"
    path.write_text(f"Net(\n  {row}\n)", encoding="utf-8")
    status, _, err = run(capsys, "import", path)
    assert status == 1
    assert "import-inexact" in err
    assert "padding" in err


def test_runs_that_claim_too_much_are_refused(capsys, tmp_path):
    path = tmp_path / "net.txt"
    path.write_text("Net(\n  (0-999999999): 1000000000 x ReLU()\n)", encoding="utf-8")
    status, _, err = run(capsys, "import", path)
    assert status == 1
    assert "too-large" in err


def test_deep_nesting_is_refused(capsys, tmp_path):
    path = tmp_path / "net.txt"
    path.write_text("A((a): " * 5_000 + "A()" + ")" * 5_000, encoding="utf-8")
    status, _, err = run(capsys, "import", path)
    assert status == 1
    assert "too-deep" in err


OPEN = """
medt-gen: 1
class: Net
input: {channels: 3, size: 32}
modules:
  conv: {type: Conv2d, out_channels: 4, kernel_size: 3}
  norm: BatchNorm2d
"""


def test_a_forgotten_flow_is_still_one_error():
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=OPEN)
    (found,) = caught.value.diagnostics
    assert found.code == "missing-key"
    assert "`conv` needs `in_channels`" in found.notes[0].message


def test_what_has_no_flow_can_not_be_called():
    text = """
medt-gen: 1
class: Net
input: {channels: 3, size: 32}
blocks:
  Open:
    modules: {fc: {type: Linear, in_features: 3, out_features: 4}}
modules:
  open: Open
  list: {type: ModuleList, modules: [ReLU]}
forward:
  a: x | open
  out: x | list
"""
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=text)
    errors = [x.message for x in caught.value.diagnostics if x.severity == "error"]
    assert errors == [
        "`open` can't be called: `Open` has no `forward:`",
        "`list` can't be called: a `ModuleList` only holds modules",
    ]


def test_an_attention_alone_sees_the_input():
    text = OPEN.replace(
        "norm: BatchNorm2d", "att: {type: AxialAttention, channels: 16, axis: height}"
    ).replace("Conv2d, out", "Conv2d, in_channels: 3, out")
    tensors = network_tensors(medt_gen.load(text=text).network)
    assert tensors["att.relative"] == (4, 63)
