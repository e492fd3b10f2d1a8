"""What the language says, seen through `load`, `build` and `emit`."""

import json

import jsonschema
import pytest
import torch
from support import DRAFTS, SHIPPED, SPECS, run

import medt_gen
from medt_gen.spec.schema import spec_schema
from spec.right_specs import data_of

HEAD = """
medt-gen: 1
class: Net
input: {channels: 4, size: 16}
"""


def load(body, **options):
    """What loads is right, and an editor has to agree."""
    spec = medt_gen.load(text=HEAD + body, **options)
    validator = jsonschema.Draft202012Validator(spec_schema())
    assert list(validator.iter_errors(data_of(HEAD + body))) == []
    return spec


def printed(spec):
    return str(medt_gen.build(spec))


def test_yaml_1_2_words_mean_what_they_look_like():
    spec = load(
        "params: {on: 3, width_scale: 010, eps: 1e-4}\n"
        "modules:\n"
        "  no: {type: Conv2d, out_channels: $on, kernel_size: 1}\n"
        "  y: {type: Conv2d, out_channels: $width_scale, kernel_size: 1}\n"
        "  bn: {type: BatchNorm2d, eps: $eps}\n"
        "forward: {out: x | no | y | bn}\n"
    )
    text = printed(spec)
    assert "(no): Conv2d(4, 3," in text
    assert "(y): Conv2d(3, 10," in text
    assert "(bn): BatchNorm2d(10, eps=0.0001" in text


def test_expressions_are_computed():
    spec = load(
        "params: {n: 3}\n"
        "modules:\n"
        "  a: {type: Conv2d, out_channels: 2 * ($n + 1) - 10 // 3, kernel_size: 1}\n"
        "forward: {out: x | a}\n"
    )
    assert spec.network.root.output.numbers == (5, 16, 16)


def test_when_decides_whether_a_module_exists():
    body = (
        "params: {deep: false}\n"
        "modules:\n"
        "  a: {type: Conv2d, out_channels: 4, kernel_size: 1}\n"
        "  b: {type: Conv2d, out_channels: 7, kernel_size: 1, when: $deep}\n"
        "forward: {out: x | a | b}\n"
    )
    assert "(b)" not in printed(load(body))
    assert "(b): Conv2d(4, 7" in printed(load(body, overrides=["params.deep=true"]))


def test_a_condition_of_comparisons_in_a_row_is_emitted_as_it_was_checked():
    """Python would read `2 == 2 == True` as two comparisons, and leave the module out."""
    spec = load(
        "blocks:\n"
        "  Unit:\n"
        "    params: {a: int, b: int}\n"
        "    modules: {act: {type: GELU, when: $a == $b == true}}\n"
        "    forward: {out: x | act}\n"
        "modules:\n"
        "  one: {type: Unit, a: 2, b: 2}\n"
        "  two: {type: Unit, a: 2, b: 3}\n"
        "forward: {out: x | one | two}\n"
    )
    assert "if (a == b) == True:" in medt_gen.emit(spec)
    assert printed(spec).count("GELU") == 1


EXTENDED = """
medt-gen: 1
extends: ./base.yaml
title: Changed
modules:
  relu: null
  bn1: {type: GroupNorm, num_groups: 4}
  extra: {type: Conv2d, after: conv1, out_channels: 8, kernel_size: 1}
forward:
  stem: x | conv1 | extra | bn1 | gelu()
"""
BASE = """
medt-gen: 1
class: Base
input: {channels: 3, size: 16}
modules:
  conv1: {type: Conv2d, out_channels: 8, kernel_size: 3, padding: 1}
  bn1: BatchNorm2d
  relu: {type: ReLU, inplace: true}
  head: {type: Conv2d, out_channels: 2, kernel_size: 1}
forward:
  stem: x | conv1 | bn1 | relu
  out: stem | head
"""


def test_a_variant_states_its_difference(tmp_path):
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "net.yaml").write_text(EXTENDED)
    spec = medt_gen.load(tmp_path / "net.yaml")
    names = [module.name for module in spec.network.root.modules]
    assert names == ["conv1", "extra", "bn1", "head"]
    assert spec.title == "Changed"
    assert spec.network.name == "Base"
    assert "GroupNorm(4, 8" in printed(spec)


def test_values_may_be_written_in_any_order():
    body = (
        "modules:\n"
        "  a: {type: Conv2d, out_channels: 4, kernel_size: 1}\n"
        "forward:\n"
        "  out: x | add(late)\n"
        "  late: x | a\n"
    )
    assert load(body).network.root.output.numbers == (4, 16, 16)


def test_a_pipe_may_run_over_lines_and_be_quoted():
    body = (
        "modules: {a: {type: Conv2d, out_channels: 4, kernel_size: 1}}\n"
        "forward:\n"
        '  one: "x | a"\n'
        "  two: >\n"
        "    one\n"
        "    | relu()\n"
        "  out: two\n"
        "       | upsample(2)\n"
        "       | max_pool(2)\n"
    )
    assert load(body).network.root.output.numbers == (4, 16, 16)


NORMED = """
params: {{norm: BatchNorm2d}}
blocks:
  Unit:
    params: {{planes: int, norm: type}}
    modules:
      conv: {{type: Conv2d, out_channels: $planes, kernel_size: 1}}
      norm1: $norm
    forward: {{out: x | conv | norm1 | relu()}}
modules:
  one: {{type: Unit, planes: 8, norm: $norm}}
  two: {{type: Unit, planes: 8, norm: {second}}}
forward: {{out: x | one | two}}
"""


def test_another_norm_everywhere():
    group = "params.norm={type: GroupNorm, num_groups: 2}"
    text = printed(load(NORMED.format(second="$norm"), overrides=[group]))
    assert text.count("GroupNorm(2, 8") == 2


def test_another_norm_in_one_place_prints_the_same_class():
    """Uses that differ in a type are two classes in the source, and one in print."""
    spec = load(NORMED.format(second="InstanceNorm2d"))
    source = medt_gen.emit(spec)
    assert "class Unit(nn.Module):" in source
    assert "class Unit_2(nn.Module):" in source
    text = printed(spec)
    assert text.count(": Unit(") == 2
    assert "BatchNorm2d(8" in text and "InstanceNorm2d(8" in text


def test_one_attention_for_the_height_and_another_for_the_width():
    spec = load(
        "blocks:\n"
        "  Mixed:\n"
        "    extends: AxialBlock\n"
        "    modules: {width_block: {type: AxialAttention_wopos}}\n"
        "modules: {layer: {type: Mixed, planes: 4, heads: 2}}\n"
        "forward: {out: x | layer}\n"
    )
    text = printed(spec)
    assert "(layer): Mixed(" in text
    assert "(hight_block): AxialAttention(" in text
    assert "(width_block): AxialAttention_wopos(" in text


def test_equal_blocks_are_one_class_with_parameters():
    source = medt_gen.emit(medt_gen.load("medt"))
    assert source.count("class AxialBlock_wopos(") == 1
    assert source.count("class AxialBlock_dynamic(") == 1


def test_module_used_twice_counts_two_calls():
    spec = load(
        "modules:\n"
        "  a: {type: Conv2d, out_channels: 4, kernel_size: 1}\n"
        "  relu: {type: ReLU, inplace: true}\n"
        "forward: {out: x | a | relu | a | relu}\n"
    )
    assert [module.calls for module in spec.network.root.modules] == [2, 2]


def test_batch_statistics_normalise_patches_together():
    body = (
        "modules: {bn: BatchNorm2d}\n"
        "forward:\n"
        "  out:\n"
        "    patches: {of: x, grid: [2, 2], as: patch%s}\n"
        "    forward: {out: patch | bn}\n"
    )
    together = medt_gen.build(load(body % ", statistics: batch")).train()
    alone = medt_gen.build(load(body % "")).train()
    plain = torch.nn.BatchNorm2d(4).train()
    x = torch.rand(3, 4, 16, 16) * torch.linspace(1, 5, 16)
    torch.testing.assert_close(together(x), plain(x))
    assert together.bn.num_batches_tracked == 1
    assert not torch.allclose(alone(x), plain(x), atol=1e-2)
    assert alone.bn.num_batches_tracked == 4


def test_load_takes_one_of_path_and_text():
    with pytest.raises(TypeError):
        medt_gen.load()
    with pytest.raises(TypeError):
        medt_gen.load("medt", text="x")


@pytest.mark.parametrize(
    "path",
    [*(SPECS / f"{name}.yaml" for name in SHIPPED), *sorted(DRAFTS.glob("*.yaml"))],
    ids=lambda path: path.stem,
)
def test_the_schema_accepts_what_loads(path):
    validator = jsonschema.Draft202012Validator(spec_schema())
    composed = medt_gen.load(path).document
    assert list(validator.iter_errors(composed)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"out_channels": 128', '"out_chanels": 128'),
        ('"kernel_size": 7', '"kernel_size": "seven"'),
        ('"padding": 3', '"padding": -3'),
        ('"bias": false', '"bias": 3'),
        ('"channels": 3', '"channels": 0'),
        ('"unused": true', '"unused": 3'),
        ('"medt-gen": 1', '"medt-gen": 2'),
        ('"grid": [4, 4]', '"gird": [4, 4]'),
        ('"type": "Stage"', '"type": 3'),
    ],
)
def test_the_schema_and_the_loader_refuse_the_same_form(old, new):
    text = json.dumps(medt_gen.load("medt").document)
    broken = text.replace(old, new, 1)
    assert broken != text
    validator = jsonschema.Draft202012Validator(spec_schema())
    assert list(validator.iter_errors(json.loads(broken)))
    with pytest.raises(medt_gen.InvalidInput):
        medt_gen.load(text=broken)


def test_titles_and_sources_cannot_end_a_docstring():
    title = 'a """ b \\ c \u202e d {x} [/red] \x1b[31m'
    spec = medt_gen.load("gated", overrides=["title=" + json.dumps(title)])
    source = medt_gen.emit(spec)
    compile(source, "net.py", "exec")
    assert "\u202e" not in source and "\x1b" not in source


def test_wrong_python_arguments_say_what_is_wanted():
    spec = medt_gen.load("gated")
    with pytest.raises(TypeError, match="a list of texts"):
        medt_gen.load("gated", overrides="input.size=64")
    for function in (medt_gen.build, medt_gen.emit):
        with pytest.raises(TypeError, match="takes a loaded spec, not str"):
            function("gated")
    assert len(repr(spec)) < 200


def test_an_annotation_stands_in_the_file_that_a_person_can_edit(tmp_path, capsys):
    """A mistake found inside a shipped block is annotated where the block is used."""
    path = tmp_path / "h7.yaml"
    path.write_text(
        HEAD
        + "modules:\n  a: {type: AxialBlock, planes: 32, heads: 7}\n"
        + "forward: {out: x | a}\n"
    )
    status, out, _ = run(capsys, "validate", "--format", "github", path)
    assert status == 1
    assert f"file={path},line=6," in out.replace("%2C", ",")
    assert "blocks/AxialBlock.yaml" in out
    _, out, _ = run(capsys, "validate", "--format", "json", path)
    assert str(path) in {note["file"] for note in json.loads(out)[0]["notes"]}
