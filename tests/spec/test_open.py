"""Open modules in specs: what they may say, what they become, and what they never are."""

import json

import pytest
from support import run

import medt_gen
from medt_gen.network.prints import printed_tree
from medt_gen.printout import render
from medt_gen.showing.text import written_out
from spec.editor import complaints
from spec.right_specs import data_of

HEAD = "medt-gen: 1\nclass: Net\ninput: {channels: 4, size: 16}\n"


def loaded(modules, rest=""):
    return medt_gen.load(text=f"{HEAD}modules:\n{modules}\n{rest}")


def refused(modules, rest=""):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        loaded(modules, rest)
    return caught.value.diagnostics


def printed(spec):
    return render(printed_tree(spec.network))


RIGHT = {
    "a class and its text": "  a: {open: Own, prints: 'size=3'}",
    "a class alone": "  a: {open: Own}",
    "a class of another module": "  a: {open: lib.Own}",
    "a row without a class": "  a: {open: '', prints: None.}",
    "rows by name": "  a: {open: Own, prints: '3', modules: {b: ReLU}}",
    "rows in a list": "  a: {open: Own, modules: [ReLU, {open: Own}]}",
    "a class of another library": "  a: {type: StdConv2d, in_channels: 3,"
    " out_channels: 8, kernel_size: 3}",
    "such a class with rows": "  a: {type: BatchNormAct2d, num_features: 4,"
    " modules: {drop: Identity}}",
    "such a class with its text": "  a: {type: RoIAlign, prints: 'output_size=7'}",
    "an open module in a container": "  a: {type: Sequential, modules: [{open: Own}]}",
    "one that is not there": "  a: {open: Own, when: false}",
}


@pytest.mark.parametrize("what", RIGHT)
def test_what_loads_is_green(what):
    text = f"{HEAD}modules:\n{RIGHT[what]}\n"
    spec = medt_gen.load(text=text)
    assert complaints(data_of(text)) == []
    assert complaints(spec.document) == []


WRONG = {
    "both": "  a: {open: Own, type: ReLU}",
    "an argument": "  a: {open: Own, size: 3}",
    "no text": "  a: {open: 3}",
    "text that is none": "  a: {open: Own, prints: 3}",
    "a text of a class with arguments": "  a: {type: LayerNorm2d, normalized_shape: 8,"
    " prints: x}",
    "an argument of a class with a text": "  a: {type: RoIAlign, output_size: 3}",
    "a class that lacks an argument": "  a: {type: LayerNorm2d}",
    "a bare class that lacks an argument": "  a: LayerNorm2d",
    "a misspelt type": "  a: {type: BatchNormAct2}",
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused_and_red(what):
    assert refused(WRONG[what])
    assert complaints(data_of(f"{HEAD}modules:\n{WRONG[what]}\n"))


def test_rows_and_text_are_printed_as_they_stand():
    spec = loaded(
        '  a: {open: Own, prints: "size=3\\n  and more", modules: {b: {open: "", '
        'prints: "None"}, c: {open: lib.Inner}}}'
    )
    assert printed(spec) == (
        "Net(\n  (a): Own(\n    size=3\n      and more\n    (b): None\n"
        "    (c): lib.Inner()\n  )\n)"
    )


@pytest.mark.parametrize("text", ["3\n(b): ReLU()", "3\n(b): None", "\n(b): X(\n)"])
def test_a_text_that_a_printout_would_show_as_rows_is_refused(text):
    (found,) = refused(f"  a: {{open: Own, prints: {json.dumps(text)}}}")
    assert found.code == "wrong-value"
    assert "as the text of `a`" in found.message


def test_a_misspelt_type_stays_an_error():
    (found,) = refused("  a: {type: BatchNorm2}")
    assert found.code == "unknown-type"
    (found,) = refused("  a: {type: ParametrizedConv1d}")
    assert found.code == "unknown-type"


def test_a_class_that_can_only_be_printed_is_never_called():
    flow = "forward: {out: x | a}"
    (found,) = refused("  a: {open: Own, prints: '3'}", flow)
    assert (found.code, found.place.text) == ("open-module", "a")
    (found,) = refused("  a: {type: BatchNormAct2d, num_features: 4}", flow)
    assert (found.code, found.place.text) == ("open-module", "a")


def test_what_is_in_it_is_never_called():
    (found,) = refused(
        "  a: {open: Sequential, prints: '3', modules: {b: ReLU}}",
        "forward: {out: x | a.b}",
    )
    assert found.code == "unknown-module"


def test_beside_a_flow_it_is_unused():
    modules = (
        "  a: {open: Own, unused: true, modules: {b: {type: Sequential, modules: "
        "[{type: Linear, in_features: 3, out_features: 4}]}}}\n  c: ReLU"
    )
    spec = loaded(modules, "forward: {out: x | c}")
    assert spec.warnings == ()
    assert spec.network.root.cost.parameters == 16
    found = loaded(modules.replace("unused: true, ", ""), "forward: {out: x | c}")
    assert [item.code for item in found.warnings] == ["unused-module"]


def test_build_and_emit_refuse_all_of_them_at_once():
    spec = loaded(
        "  a: {open: Own}\n  b: {type: Sequential, modules: [{open: Own}, Tanh]}\n"
        "  c: {type: LayerNorm2d, normalized_shape: 4}"
    )
    for make in (medt_gen.build, medt_gen.emit):
        with pytest.raises(medt_gen.InvalidInput) as caught:
            make(spec)
        (found,) = caught.value.diagnostics
        assert found.code == "open-module"
        assert "2 x `Own`, open (a, b.0)" in found.message
        assert "1 x `LayerNorm2d`, of timm and torchvision (c)" in found.message


def test_a_block_of_the_name_of_a_class_of_another_library_is_the_block():
    block = "blocks: {LayerNorm2d: {params: {n: 3}, modules: {r: ReLU}}}"
    spec = loaded("  a: {type: LayerNorm2d, n: 4}", block)
    assert printed(spec) == "Net(\n  (a): LayerNorm2d(\n    (r): ReLU()\n  )\n)"
    assert complaints(spec.document) == []
    (found,) = refused("  a: {type: LayerNorm2d, modules: {b: ReLU}}", block)
    assert found.code == "unknown-key"


# --- variants ---------------------------------------------------------------------------

BASE = (
    f"{HEAD}modules:\n  a: {{open: Own, prints: '3', modules: {{b: ReLU}}, "
    "unused: true}\n  c: ReLU\nforward: {out: x | c}\n"
)


@pytest.mark.parametrize(
    ("change", "module"),
    [
        ("a: {type: Tanh}", {"type": "Tanh", "unused": True}),
        ("a: {open: Other}", {"open": "Other", "unused": True}),
        (
            "a: {prints: '4'}",
            {"open": "Own", "prints": "4", "modules": {"b": "ReLU"}, "unused": True},
        ),
        ("c: {open: Own, unused: true}, a: null", None),
    ],
)
def test_what_becomes_open_or_a_type_again_is_replaced_whole(tmp_path, change, module):
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    variant = tmp_path / "variant.yaml"
    text = f"medt-gen: 1\nextends: ./base.yaml\nmodules: {{{change}}}\n"
    if module is None:
        text += "forward: {out: x}\n"
    variant.write_text(text, encoding="utf-8")
    modules = medt_gen.load(variant).document["modules"]
    if module is None:
        assert modules == {"c": {"open": "Own", "unused": True}}
    else:
        assert modules["a"] == module


def test_an_option_opens_a_module_and_names_what_it_drops(tmp_path, capsys):
    path = tmp_path / "base.yaml"
    path.write_text(BASE, encoding="utf-8")
    spec = medt_gen.load(path, overrides=["modules.a.type=Tanh"])
    assert spec.document["modules"]["a"] == {"unused": True, "type": "Tanh"}
    _, _, err = run(
        capsys, "validate", "--pedantic", path, "--set", "modules.a.type=Tanh"
    )
    assert "replaces `Own` whole: `prints` and `modules` are dropped" in err
    assert "open: Own" in written_out(medt_gen.load(path))
