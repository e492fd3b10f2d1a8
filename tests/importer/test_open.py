"""Printouts with classes that no catalog has: kept as they are, and told."""

import pytest
import torch
from support import run
from torch import nn

import medt_gen
from medt_gen.importer import import_tree
from medt_gen.network.prints import printed_tree
from medt_gen.network.tensors import network_tensors
from medt_gen.printout import compare, parse, render

PRINTOUT = """Net(
  (conv): ParametrizedConv1d(
    1, 32, kernel_size=(7,), stride=(1,)
    (parametrizations): ModuleDict(
      (weight): ParametrizationList(
        (0): _WeightNorm()
      )
    )
  )
  (layers): ModuleList(
    (0-2): 3 x Block(
      (bn1): BatchNormAct2d(
        32, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True
        (drop): Identity()
        (act): ReLU(inplace=True)
      )
      (thing): Thing(size=3, {"a": [1, 2]})
    )
  )
  (transform): GeneralizedRCNNTransform(
      Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
      Resize(min_size=(320,), max_size=640, mode='bilinear')
  )
  (pool): MaxPool2d(kernel_size=2, return_indices=True)
  (fusion): None
  (scaled): StdConv2d(3, 8, kernel_size=(1, 1), stride=(1, 1), gamma=3)
)"""


@pytest.fixture(scope="module")
def found():
    return import_tree(parse(PRINTOUT), "here")


def test_every_row_prints_as_it_was(found):
    assert compare(parse(PRINTOUT), printed_tree(found.spec.network), exact=True) == []
    assert render(printed_tree(found.spec.network)) == PRINTOUT


def test_what_no_catalog_has_is_open_and_nothing_else_is(found):
    assert dict(found.report.open) == {
        "ParametrizedConv1d": 1,
        "Thing": 3,
        "MaxPool2d": 1,
        "": 1,
        "StdConv2d": 1,
    }
    assert dict(found.report.foreign) == {
        "BatchNormAct2d": 3,
        "GeneralizedRCNNTransform": 1,
    }


def test_blocks_have_what_differs_of_such_modules_as_parameters():
    row = "(norm): LayerNorm2d(({0},), eps=1e-06, elementwise_affine=True)"
    rows = "".join(f"  (b{n}): Block(\n    {row.format(n)}\n  )\n" for n in (8, 16))
    spec = import_tree(parse(f"Net(\n{rows})"), "here")
    assert "norm: {type: LayerNorm2d, normalized_shape: $normalized_shape" in spec.text
    assert network_tensors(spec.spec.network) == {
        f"b{n}.norm.{name}": (n,) for n in (8, 16) for name in ("weight", "bias")
    }


def test_a_class_that_is_named_as_one_of_another_library_may_be_ones_own():
    text = "Net(\n  (a): LayerNorm2d()\n  (b): LayerNorm2d((4,), eps=1e-06, {})\n)"
    text = text.format("elementwise_affine=True")
    found = import_tree(parse(text), "here")
    assert render(printed_tree(found.spec.network)) == text
    assert found.report.open == ()


def test_the_command_says_what_is_open_and_what_can_not_be_done(capsys, tmp_path):
    printout, spec = tmp_path / "net.txt", tmp_path / "net.yaml"
    printout.write_text(PRINTOUT, encoding="utf-8")
    status, out, err = run(capsys, "import", printout, "-o", spec)
    assert (status, out) == (0, "")
    assert f"{spec}: written, 24 modules, " in err
    assert "7 open modules" in err
    assert "ParametrizedConv1d (1), Thing (3)" in err
    assert "BatchNormAct2d (3)" in err
    assert "and not emitted or built" in err
    status, out, _ = run(capsys, "validate", "--strict", spec)
    assert status == 0
    assert "without those of 7 open modules" in out
    assert run(capsys, "diff", printout, spec)[0] == 0
    for command in ("emit", "build"):
        status, _, err = run(capsys, command, spec)
        assert status == 1
        assert err.count("open-module") == 1
        for words in ("3 x `Thing`, open (layers.0.thing", "3 x `BatchNormAct2d`, of"):
            assert words in err


def test_open_classes_are_told_where_the_spec_is_printed(capsys, tmp_path):
    printout = tmp_path / "net.txt"
    printout.write_text(PRINTOUT, encoding="utf-8")
    status, out, err = run(capsys, "import", printout)
    assert status == 0
    assert out.startswith("# Read by")
    assert "written" not in err
    assert "Thing (3)" in err


def test_what_was_written_is_told_with_all_that_is_assumed(capsys, tmp_path):
    printout, spec = tmp_path / "net.txt", tmp_path / "net.yaml"
    printout.write_text(str(nn.Sequential(nn.AvgPool2d(3, 1, 1))), encoding="utf-8")
    _, _, err = run(capsys, "import", printout, "-o", spec)
    assert f"{spec}: written, 2 modules, 0 blocks" in err
    assert "input: assumed: a printout does not show channels and size" in err
    assert "assumed: `count_include_pad: true`; no printout shows it" in err


def test_networks_of_any_weight_are_read_back(capsys, tmp_path):
    large = (
        "Net(\n  (a): Linear(in_features=100000, out_features=100000, bias=False)\n)"
    )
    printout, spec = tmp_path / "net.txt", tmp_path / "net.yaml"
    printout.write_text(large, encoding="utf-8")
    assert run(capsys, "import", printout, "-o", spec)[0] == 0
    hint = "--limit parameters=10000000000"
    assert hint in spec.read_text(encoding="utf-8").split("\n")[0]
    assert run(capsys, "validate", spec)[0] == 1
    assert run(capsys, "validate", *hint.split(), spec)[0] == 0


# --- what a printout can't tell ---------------------------------------------------------


class Attended(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(192, 12, dropout=0.1)
        self.narrow = nn.MultiheadAttention(12, 2, bias=False)
        self.lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
        self.cell = nn.RNNCell(3, 4, nonlinearity="relu")
        self.bag = nn.EmbeddingBag(10, 3, mode="sum")
        self.pad = nn.ConstantPad2d((0, 1, 0, 1), 0.5)
        self.up = nn.UpsamplingBilinear2d(scale_factor=2)
        self.unfold = nn.Unfold(3, padding=1)
        self.unpool = nn.MaxUnpool2d(2)


def test_layers_of_sequences_are_built_as_they_were():
    model = Attended()
    found = import_tree(parse(str(model)), "here")
    built = medt_gen.build(found.spec)
    assert found.report.made
    assert str(built) == str(model)
    assert [(key, value.shape) for key, value in built.state_dict().items()] == [
        (key, value.shape) for key, value in model.state_dict().items()
    ]


def test_heads_are_assumed_where_the_attention_is():
    text = import_tree(parse(str(Attended())), "here").text
    (line,) = [line for line in text.split("\n") if "  attention:" in line]
    assert "num_heads: 3}  # assumed: heads of 64 features" in line
    assert "num_heads: 1, bias: false}" in text


def test_an_attention_whose_projection_is_another_class_is_a_class_of_its_own():
    text = "Net(\n  (a): MultiheadAttention(\n    (out_proj): ReLU()\n  )\n)"
    found = import_tree(parse(text), "here")
    assert render(printed_tree(found.spec.network)) == text


@pytest.mark.parametrize(
    ("layer", "note"),
    [
        (nn.Upsample(scale_factor=2, mode="bilinear"), "align_corners: null"),
        (nn.Upsample(scale_factor=2), None),
        (nn.AvgPool2d(3, 1, 1), "count_include_pad: true"),
        (nn.AvgPool2d(1), None),
        (nn.AvgPool2d(3, 2), "assumed: `ceil_mode: false`; no"),
        (nn.AvgPool2d(3, 1), None),
        (nn.AvgPool1d(3, 2, 1), "ceil_mode: false` and `count_include_pad: true"),
        (nn.RNN(3, 4), "nonlinearity: tanh"),
        (nn.PReLU(), None),
    ],
)
def test_what_is_assumed_stands_where_it_matters(layer, note):
    text = import_tree(parse(str(nn.Sequential(nn.ReLU(), layer))), "here").text
    (line,) = [line for line in text.split("\n") if type(layer).__name__ in line][-1:]
    assert ("# assumed: " in line) is (note is not None)
    assert note is None or note in line


# --- what old versions of torch print ---------------------------------------------------

OLD = """Net(
  (fc): Linear(in_features=20, out_features=10)
  (drop): Dropout(p=0.1)
  (norm): LayerNorm(torch.Size([1024]), eps=1e-12, elementwise_affine=True)
  (conv): Conv3d(512, 256, kernel_size=[3, 3, 3], stride=(1, 1, 1), padding=[1, 1, 1])
  (bn): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True)
)"""
NEW = """Net(
  (fc): Linear(in_features=20, out_features=10, bias=True)
  (drop): Dropout(p=0.1, inplace=False)
  (norm): LayerNorm((1024,), eps=1e-12, elementwise_affine=True)
  (conv): Conv3d(512, 256, kernel_size=(3, 3, 3), stride=(1, 1, 1), padding=(1, 1, 1))
  (bn): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
)"""


def test_rows_of_old_versions_are_read_and_what_is_assumed_is_told():
    found = import_tree(parse(OLD), "here")
    assert render(printed_tree(found.spec.network)) == NEW
    assert "# assumed: `bias=True` of Linear, which torch before 0.4.1" in found.text
    assert "# assumed: `inplace=False` of Dropout" in found.text
    assert "# assumed: `track_running_stats=True` of BatchNorm2d" in found.text


def test_rows_of_today_are_read_with_nothing_assumed_of_them():
    found = import_tree(parse(NEW), "here")
    assert render(printed_tree(found.spec.network)) == NEW
    assert found.report.assumed == ()


# --- what is printed twice --------------------------------------------------------------


class Twice(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.all_modules = nn.Sequential(self.conv, self.norm)


class Coder(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.encoder = inner
        self.decoder = nn.Module()
        self.decoder.encoder = inner
        self.decoder.head = nn.Conv2d(8, 2, 1)


def test_what_may_be_one_is_told_with_the_count_both_ways():
    model = nn.Sequential(Twice(3), Twice(8))
    found = import_tree(parse(str(model)), "here")
    assert "`all_modules` of Twice (2 times) prints again" in found.text
    shown = len(list(model.named_modules(remove_duplicate=False)))
    once = len(list(model.modules()))
    assert f"# {shown} modules as they are printed and declared here, {once} " in (
        found.text
    )


def test_an_encoder_in_its_decoder_may_be_one():
    model = Coder(nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)))
    found = import_tree(parse(str(model)), "here")
    assert "prints again what `encoder` prints" in found.text
    assert f"{len(list(model.modules()))} if what is printed twice" in found.text


@pytest.mark.parametrize(
    "model",
    [
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())),
        nn.Sequential(nn.ReLU(), nn.GELU(), nn.Sequential(nn.ReLU(), nn.GELU())),
        nn.Sequential(*(nn.Sequential(nn.Conv2d(8, 8, 3)) for _ in range(3))),
    ],
)
def test_what_is_only_alike_is_not_told(model):
    found = import_tree(parse(str(model)), "here")
    assert found.report.twice == ()
    assert "possibly shared" not in found.text


# --- checkpoints ------------------------------------------------------------------------


def test_tensors_of_open_modules_are_not_compared(capsys, tmp_path):
    printout, spec = tmp_path / "net.txt", tmp_path / "net.yaml"
    rows = "  (own): Own(3)\n  (norm): LayerNorm2d((4,), eps=1e-06, elementwise_affine="
    printout.write_text(f"Net(\n{rows}True)\n)", encoding="utf-8")
    assert run(capsys, "import", printout, "-o", spec)[0] == 0
    tensors = {"norm.weight": torch.zeros(4), "norm.bias": torch.zeros(4)}
    inside = {"own.weight": torch.zeros(3), "own.a.b": torch.zeros(2)}
    torch.save({**tensors, **inside}, tmp_path / "net.pt")
    status, out, _ = run(capsys, "diff", spec, tmp_path / "net.pt")
    assert status == 0
    assert "not compared: the tensors of 1 open module themselves" in out
    assert "own.weight, own.a.b" in out.replace("\n", " ")
    torch.save({**tensors, "owner.weight": torch.zeros(3)}, tmp_path / "net.pt")
    status, out, _ = run(capsys, "diff", spec, tmp_path / "net.pt")
    assert status == 1
    assert "tensor owner.weight" in out
