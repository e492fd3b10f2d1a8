"""`medt-gen show`: a spec written out is a spec, the same one, and the same text."""

from __future__ import annotations

import re

import pytest
from spec.right_specs import documented, in_tests, right_files
from support import ROOT, SHIPPED, SPECS, networks, run

import medt_gen
from medt_gen.loading.load import load
from medt_gen.showing.text import written_out

FILES = networks(
    sorted({*(ROOT / name for name in right_files()), *SPECS.rglob("*.yaml")})
)

MINE = """\
# yaml-language-server: $schema=medt-gen.schema.json
medt-gen: 1  # the language
extends: axialunet
blocks:
  # a block of my own
  Squeeze:  # and of nobody else
    params: {planes: int, norm: {type: GroupNorm, num_groups: 4}}
    modules:
      a: {type: Conv2d, out_channels: $planes,  # in the middle
          kernel_size: 1}   # at the end
      b: $norm
      fc: {type: Sequential, modules: [{type: Linear, out_features: $planes}]}
      att: {type: AxialAttention, axis: height, heads: 2}
    forward:
      # how much of each
      s: x | a | b | att | mean() | fc | sigmoid()  # gate
      out: x | a | scale(s)
modules:
  conv1: {type: MaxPool2d, kernel_size: 2}
  sq: {type: Squeeze, planes: 32, after: bn3}
  sq2: {type: Squeeze, planes: 8, after: bn3}
forward:
  out: up1 | decoder5 | upsample(2) | relu() | sq2 | sq | adjust
input: {size: 64}
"""


def without_stamp(source):
    source = re.sub(r"^# (spec|sha256): .*$|^medt-gen emit .*$", "", source, flags=re.M)
    return re.sub(r"the\s+spec\s+[0-9a-f]{16}", "", source)


def emitted(spec):
    try:
        return without_stamp(medt_gen.emit(spec))
    except medt_gen.MedtGenError:
        return None


def check(spec, *, blocks):
    text = written_out(spec, blocks=blocks)
    again = load(text=text)
    assert written_out(again, blocks=blocks) == text
    assert emitted(again) == emitted(spec)
    assert str(again.network.root.input) == str(spec.network.root.input)


@pytest.mark.parametrize("path", FILES)
def test_a_shown_spec_is_the_same_network_and_the_same_text(path):
    check(load(path, pedantic=True), blocks=False)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
def test_shipped_blocks_can_be_written_out_as_well(path):
    check(load(path), blocks=True)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_so_it_is_for_every_spec_in_tests_and_pages():
    for text in {**in_tests(), **documented()}.values():
        spec = load(text=text)
        check(spec, blocks=False)
        check(spec, blocks=True)


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(MINE)
    return path


def shown(capsys, path, *options):
    status, out, _ = run(capsys, "show", path, *options)
    assert status == 0
    return out


def line_of(text, key):
    lines = (line.strip() for line in text.splitlines())
    return next(line for line in lines if line.startswith(f"{key}:"))


def test_what_is_inferred_is_written_with_its_origin(capsys, mine):
    text = shown(capsys, mine)
    assert line_of(text, "bn2") == (
        "bn2: {type: BatchNorm2d, num_features: 128}"
        "  # from specs/axialunet.yaml:14; num_features from conv2"
    )
    assert "decoder1: {type: Conv2d, in_channels: 2 * (8 * $base), " in text
    assert line_of(text, "b") == "b: {type: $norm, num_channels: $planes}" + (
        "  # num_channels from a"
    )


def test_what_no_expression_tells_is_told_for_each_use(capsys, mine):
    assert line_of(shown(capsys, mine), "att") == (
        "att: {type: AxialAttention, channels: $planes, axis: height, heads: 2}"
        "  # channels from b; span: 64 in sq2, sq"
    )


def test_what_a_container_holds_is_named_by_its_place(capsys, mine):
    assert line_of(shown(capsys, mine), "fc").endswith("# 0: in_features from mean()")


def test_options_and_files_are_told_where_they_changed_something(capsys, mine):
    text = shown(capsys, mine, "--set", "params.heads=4")
    assert line_of(text, "params").endswith(
        "# from specs/axialunet.yaml:7; heads from --set params.heads=4"
    )
    assert line_of(text, "input").endswith(
        "# from specs/axialunet.yaml:6; size changed here"
    )


def test_what_was_dropped_is_told_at_its_module(capsys, mine):
    assert line_of(shown(capsys, mine), "conv1").endswith(
        "# MaxPool2d replaces Conv2d whole: out_channels, stride, padding and bias are "
        "dropped"
    )


def test_comments_stay_where_they_are(capsys, mine):
    text = shown(capsys, mine)
    assert text.startswith("# yaml-language-server: $schema=medt-gen.schema.json\n")
    assert "medt-gen: 1  # the language" in text
    assert "  # a block of my own\n  Squeeze:  # and of nobody else\n" in text
    assert "# in the middle; at the end; in_channels from x" in text
    assert "      # how much of each\n      s: x | a | b |" in text
    # Those of the parent, too.
    assert "\n  # the whole image\n" in shown(capsys, "medt")


def test_a_comment_sign_in_a_text_is_no_comment(capsys, tmp_path):
    path = tmp_path / "n.yaml"
    path.write_text(
        'medt-gen: 1\nclass: N\ntitle: "one # two"\ninput: {channels: 1, size: 2}\n'
        "source: a#b  # really\nmodules: {r: ReLU}\nforward: {out: x | r}\n"
    )
    text = shown(capsys, path)
    assert 'title: "one # two"\n' in text
    assert line_of(text, "source").endswith("  # really")


def test_the_class_of_a_file_is_written_and_kept(capsys, tmp_path):
    path = tmp_path / "Mine.yaml"
    path.write_text(
        "medt-gen: 1\ninput: {channels: 1, size: 2}\nmodules: {r: ReLU}\n"
        "forward: {out: x | r}\n"
    )
    text = shown(capsys, path)
    assert text.startswith("medt-gen: 1\nclass: Mine\n")
    source = tmp_path / "other.py"
    run(capsys, "emit", path, "-o", source)
    assert run(capsys, "diff", path, source)[0] == 0
    assert medt_gen.spec_document(medt_gen.build(load(path)))["class"] == "Mine"


@pytest.mark.parametrize("name", SHIPPED)
def test_an_emitted_file_shows_its_spec(name, capsys):
    text = shown(capsys, ROOT / "generated" / f"{name}.py")
    assert emitted(load(text=text)) == emitted(load(name))


def test_an_emitted_file_can_be_changed_on_the_way(capsys):
    path = ROOT / "generated" / "gated.py"
    text = shown(capsys, path, "--set", "params.classes=7")
    assert load(text=text).network.root.output.channels.number == 7
    assert "classes from --set params.classes=7" in text


def test_an_edited_file_shows_what_it_came_from_and_says_so(capsys, tmp_path):
    source = (ROOT / "generated" / "gated.py").read_text()
    path = tmp_path / "gated.py"
    path.write_text(source.replace("relu", "rely", 1))
    status, out, err = run(capsys, "show", path)
    assert status == 0
    assert "class: ResAxialAttentionUNet" in out
    assert "was edited since it was emitted" in err


@pytest.mark.parametrize("text", ["", "import torch\n", "# sha256: 00\n", "\x00"])
def test_other_python_tells_no_spec(text, capsys, tmp_path):
    path = tmp_path / "other.py"
    path.write_text(text)
    status, out, err = run(capsys, "show", path)
    assert (status in (1, 2), out) == (True, "")
    assert "error[" in err
