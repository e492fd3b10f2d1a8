"""A variant that gives a module another type: what stays, what goes, what is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import run

from medt_gen.loading.load import load
from medt_gen.messages.diagnostics import InvalidInput

BASE = """\
medt-gen: 1
input: {channels: 3, size: 32}
params: {pooled: 1, kind: AxialBlock, norm: BatchNorm2d}
blocks:
  Small:
    params: {planes: int, wide: 1}
    modules: {conv: {type: Conv2d, out_channels: $wide * $planes, kernel_size: 1}}
    forward: {out: x | conv}
  Taking:
    params: {attention: type, kind: AxialAttention_dynamic}
    modules:
      attend: {type: AxialAttention_dynamic, axis: height, heads: 2, trainable_gates: true}
      other: {type: $attention, axis: width, heads: 2}
      third: {type: $kind, axis: width, heads: 2, trainable_gates: true}
    forward: {out: x | attend | other | third}
  Holding:
    params: {planes: int, block: type}
    modules:
      conv: {type: Conv2d, out_channels: $planes, kernel_size: 1}
      inner: {type: $block}
    forward: {out: x | conv | inner}
modules:
  stem: {type: Conv2d, out_channels: 16, kernel_size: 3, padding: 1, bias: false}
  norm: {type: $norm, momentum: 0.2}
  pool: {type: MaxPool2d, kernel_size: 3, when: $pooled == 0}
  block: {type: AxialBlock, planes: 8, heads: 2}
  stage: {type: Stage, block: $kind, planes: 8, heads: 2, depth: 2}
  tail:
    type: Sequential
    modules:
      first: {type: Conv2d, out_channels: 16, kernel_size: 1}
  attend: {type: Taking, attention: AxialAttention}
  hold: {type: Holding, planes: 16, block: ReLU}
  soft: {type: Softmax, dim: 1, unused: true}
forward:
  out: x | stem | norm | pool | block | stage | tail | attend | hold
"""


WITHOUT_POSITIONS = {"type": "AxialAttention_wopos", "axis": "width", "heads": 2}


@pytest.fixture
def variant(tmp_path: Path):
    """BASE with a change: the merged spec as data."""
    (tmp_path / "base.yaml").write_text(BASE)

    def loaded(change: str, *options: str, pedantic: bool = False):
        path = tmp_path / "variant.yaml"
        path.write_text(f"medt-gen: 1\nextends: ./base.yaml\n{change}\n")
        return load(path, overrides=options, pedantic=pedantic)

    return loaded


def dropped(spec) -> list[str]:
    return [item.message for item in spec.warnings if item.code == "dropped-argument"]


def test_another_layer_is_the_whole_declaration(variant) -> None:
    spec = variant("modules: {stem: {type: AvgPool2d, kernel_size: 2}}", pedantic=True)
    assert spec.document["modules"]["stem"] == {"type": "AvgPool2d", "kernel_size": 2}
    assert next(iter(spec.document["modules"])) == "stem"
    assert dropped(spec) == [
        "`AvgPool2d` replaces `Conv2d` whole: `out_channels`, `padding` and `bias` are "
        "dropped"
    ]


def test_only_who_asks_is_told(variant) -> None:
    spec = variant("modules: {stem: {type: AvgPool2d, kernel_size: 2}}")
    assert dropped(spec) == []


def test_null_says_that_an_argument_is_meant_to_go(variant) -> None:
    nulls = "out_channels: null, padding: null, bias: null"
    change = f"modules: {{stem: {{type: AvgPool2d, kernel_size: 2, {nulls}}}}}"
    spec = variant(change, pedantic=True)
    assert spec.document["modules"]["stem"] == {"type": "AvgPool2d", "kernel_size": 2}
    assert dropped(spec) == []


def test_the_place_in_the_network_stays(variant) -> None:
    """When it exists, and that it is not called: neither is its type's."""
    spec = variant(
        "modules: {pool: {type: AvgPool2d, kernel_size: 2}, soft: {type: ReLU}}"
    )
    modules = spec.document["modules"]
    assert modules["pool"] == {
        "when": "$pooled == 0",
        "type": "AvgPool2d",
        "kernel_size": 2,
    }
    assert modules["soft"] == {"unused": True, "type": "ReLU"}


def test_the_same_type_merges(variant) -> None:
    spec = variant(
        "modules: {stem: {type: Conv2d, bias: true}, norm: {type: BatchNorm2d}}",
        pedantic=True,
    )
    modules = spec.document["modules"]
    assert modules["stem"]["padding"] == 1
    assert modules["norm"] == {"type": "BatchNorm2d", "momentum": 0.2}
    assert dropped(spec) == []


def test_a_parameter_is_the_type_that_it_holds(variant) -> None:
    spec = variant("modules: {norm: {type: GroupNorm, num_groups: 4}}", pedantic=True)
    assert spec.document["modules"]["norm"] == {"type": "GroupNorm", "num_groups": 4}
    assert dropped(spec) == [
        "`GroupNorm` replaces `BatchNorm2d` whole: `momentum` is dropped"
    ]


def test_a_parameter_that_holds_another_type_keeps_the_arguments(variant) -> None:
    spec = variant("params: {kind: AxialBlock_wopos}")
    assert spec.document["modules"]["stage"]["heads"] == 2
    with pytest.raises(InvalidInput) as caught:
        variant("params: {kind: Small}")
    (found,) = caught.value.diagnostics
    assert found.place.text == "Small"
    assert "no argument `heads`" in found.message


def test_a_block_keeps_what_the_other_knows(variant) -> None:
    spec = variant(
        "modules: {block: {type: Small, wide: 2}, stage: {block: Small, wide: 2}}",
        pedantic=True,
    )
    modules = spec.document["modules"]
    assert modules["block"] == {"type": "Small", "planes": 8, "wide": 2}
    assert modules["stage"] == {
        "type": "Stage",
        "block": "Small",
        "planes": 8,
        "depth": 2,
        "wide": 2,
    }
    assert dropped(spec) == 2 * [
        "`Small` takes less than `AxialBlock`: `heads` is dropped"
    ]


def test_a_shipped_block_keeps_all_of_another(variant) -> None:
    spec = variant("modules: {stage: {block: AxialBlock_wopos}}", pedantic=True)
    assert spec.document["modules"]["stage"]["heads"] == 2
    assert dropped(spec) == []


def test_an_attention_in_a_block_keeps_what_the_other_knows(variant) -> None:
    spec = variant(
        "blocks: {Taking: {modules: {attend: {type: AxialAttention_wopos}}}}",
        pedantic=True,
    )
    attend = spec.document["blocks"]["Taking"]["modules"]["attend"]
    assert attend == {"type": "AxialAttention_wopos", "axis": "height", "heads": 2}
    assert dropped(spec) == [
        "`AxialAttention_wopos` takes less than `AxialAttention_dynamic`: "
        "`trainable_gates` is dropped"
    ]


def test_a_module_of_a_container_is_replaced_like_any_other(variant) -> None:
    change = "{tail: {modules: {first: {type: AvgPool2d, kernel_size: 2}}}}"
    spec = variant(f"modules: {change}", pedantic=True)
    tail = spec.document["modules"]["tail"]["modules"]
    assert tail == {"first": {"type": "AvgPool2d", "kernel_size": 2}}
    assert len(dropped(spec)) == 1


def test_what_only_a_use_can_tell_is_kept_and_refused_there(variant) -> None:
    change = "{Taking: {modules: {attend: {type: $attention}}}}"
    with pytest.raises(InvalidInput) as caught:
        variant(f"blocks: {change}")
    (found,) = caught.value.diagnostics
    assert found.place.text == "$attention"
    assert "left over from what this replaces" in found.message
    assert found.help == "remove what is left over: `trainable_gates: null`"
    cured = "{Taking: {modules: {attend: {type: $attention, trainable_gates: null}}}}"
    variant(f"blocks: {cured}")


def test_two_changes_one_after_the_other(variant, tmp_path) -> None:
    variant("modules: {block: {type: Small}}")
    (tmp_path / "last.yaml").write_text(
        "medt-gen: 1\nextends: ./variant.yaml\n"
        "modules: {block: {wide: 2}, stem: {type: AvgPool2d, kernel_size: 2}}\n"
    )
    modules = load(tmp_path / "last.yaml").document["modules"]
    assert modules["block"] == {"type": "Small", "planes": 8, "wide": 2}


@pytest.fixture
def next_variant(variant, tmp_path: Path):
    """A variant of a variant: the merged spec."""

    def loaded(first: str, second: str):
        variant(first)
        path = tmp_path / "next.yaml"
        path.write_text(f"medt-gen: 1\nextends: ./variant.yaml\n{second}\n")
        return load(path, pedantic=True)

    return loaded


def test_what_is_given_again_later_is_not_dropped(next_variant) -> None:
    spec = next_variant(
        "modules: {stem: {type: AvgPool2d, kernel_size: 2}}",
        "modules: {stem: {padding: 1}}",
    )
    stem = {"type": "AvgPool2d", "kernel_size": 2, "padding": 1}
    assert spec.document["modules"]["stem"] == stem
    assert dropped(spec) == [
        "`AvgPool2d` replaces `Conv2d` whole: `out_channels` and `bias` are dropped"
    ]


def test_a_parameter_may_hold_a_type_with_arguments(next_variant) -> None:
    spec = next_variant(
        "params: {norm: {type: BatchNorm2d, eps: 0.01}}",
        "modules: {norm: {type: BatchNorm2d}}\nparams: {norm: null}",
    )
    norm = {"type": "BatchNorm2d", "momentum": 0.2}
    assert spec.document["modules"]["norm"] == norm


def test_a_parameter_that_the_parent_declares_is_known(variant) -> None:
    change = "params: {pooled: 1}\nmodules: {stem: {type: $norm}}"
    spec = variant(change, pedantic=True)
    assert spec.document["modules"]["stem"] == {"type": "$norm"}
    assert "`$norm` replaces `Conv2d` whole" in dropped(spec)[0]


def test_what_replaces_a_type_that_callers_decide_keeps_what_it_knows(variant) -> None:
    change = "{Taking: {modules: {other: {type: AxialAttention_wopos}}}}"
    modules = variant(f"blocks: {change}").document["blocks"]["Taking"]["modules"]
    assert modules["other"] == WITHOUT_POSITIONS


def test_an_argument_that_is_written_wrong_is_not_dropped(variant) -> None:
    with pytest.raises(InvalidInput) as caught:
        variant("modules: {block: {type: Small, wyde: 2}}")
    (found,) = caught.value.diagnostics
    assert found.place.text == "wyde"


def test_a_stage_is_no_block_and_is_replaced_whole(variant) -> None:
    spec = variant("modules: {stage: {type: AxialBlock, planes: 16}}", pedantic=True)
    assert spec.document["modules"]["stage"] == {"type": "AxialBlock", "planes": 16}
    assert dropped(spec) == [
        "`AxialBlock` replaces `Stage` whole: `block`, `heads` and `depth` are dropped"
    ]


def test_an_argument_called_block_is_no_stages(variant) -> None:
    spec = variant("modules: {hold: {block: Sigmoid}}", pedantic=True)
    hold = {"type": "Holding", "planes": 16, "block": "Sigmoid"}
    assert spec.document["modules"]["hold"] == hold
    assert dropped(spec) == []


# --- options --------------------------------------------------------------------------


def test_an_option_replaces_as_a_variant_does(variant) -> None:
    options = ("modules.stem.type=AvgPool2d", "modules.stem.kernel_size=2")
    for given in (options, options[::-1]):
        stem = variant("title: Same", *given).document["modules"]["stem"]
        assert stem == {"type": "AvgPool2d", "kernel_size": 2}
    spec = variant("title: Same", "modules.block.type=Small", pedantic=True)
    assert spec.document["modules"]["block"] == {"type": "Small", "planes": 8}
    assert len(dropped(spec)) == 1
    spec = variant("title: Same", "modules.stage.block=Small")
    assert "heads" not in spec.document["modules"]["stage"]


def test_in_a_block_a_parameter_is_the_blocks_own(variant) -> None:
    """The spec has one of the same name, which holds a block."""
    change = "{Taking: {modules: {third: {type: AxialAttention_wopos}}}}"
    option = "blocks.Taking.modules.third.type=AxialAttention_wopos"
    for spec in (variant(f"blocks: {change}"), variant("title: Same", option)):
        modules = spec.document["blocks"]["Taking"]["modules"]
        assert modules["third"] == WITHOUT_POSITIONS


def test_an_option_replaces_in_a_list_as_well(variant) -> None:
    change = "{tail: {modules: [{type: AxialBlock, planes: 8, heads: 2}]}}"
    spec = variant(f"modules: {change}", "modules.tail.modules.0.type=Small")
    tail = spec.document["modules"]["tail"]["modules"]
    assert tail == [{"type": "Small", "planes": 8}]


def test_what_an_option_leaves_over_is_removed_by_another(variant) -> None:
    change = "modules: {stage: {stride: 2}}"
    with pytest.raises(InvalidInput) as caught:
        variant(change, "modules.stage.block=Small")
    (found,) = caught.value.diagnostics
    assert found.place.text == "Small"
    assert found.help == ("remove what is left over: `--set modules.stage.stride=null`")
    variant(change, "modules.stage.block=Small", "modules.stage.stride=null")


# --- the merged spec ------------------------------------------------------------------


def test_show_warns_as_validate_does(variant, tmp_path, capsys) -> None:
    variant("modules: {stem: {type: AvgPool2d, kernel_size: 2}}\nparams: {idle: 2}")
    status, out, err = run(capsys, "show", tmp_path / "variant.yaml")
    assert status == 0
    assert "AvgPool2d replaces Conv2d whole: out_channels" in out
    assert "warning[unused-parameter]" in err
    assert "dropped-argument" not in err
