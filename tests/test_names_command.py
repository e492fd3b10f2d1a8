"""`medt-gen list` and `explain`: all that a spec can name, with examples that hold."""

from __future__ import annotations

import json

import pytest
from support import ROOT, run

import medt_gen
from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.initial_values import INITIAL_VALUES
from medt_gen.reference.examples import layer_example, operation_example
from medt_gen.reference.explain import explained
from medt_gen.reference.topics import LISTED, topics
from medt_gen.spec.schema import spec_schema

TOPICS = [pytest.param(item, id=f"{item.kind} {item.name}") for item in topics()]


def explain(capsys, name):
    status, out, err = run(capsys, "explain", name)
    assert (status, err) == (0, "")
    return out


@pytest.mark.parametrize("topic", TOPICS)
def test_every_name_is_explained(topic):
    first, *more = explained(topic)
    assert topic.name in first.lines[0]
    assert topic.says in first.lines[0]
    assert all(section.lines for section in more)


def test_names_are_one_thing_of_a_kind():
    keys = [(item.kind, item.name, item.where) for item in topics()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("name", LAYERS)
def test_the_example_of_a_layer_is_a_module_with_the_shapes_it_says(name):
    example = layer_example(LAYERS[name])
    if example.after is None:
        text = "medt-gen: 1\nclass: A\ninput: {channels: 3, size: 8}\nmodules:\n"
        medt_gen.load(text=f"{text}  {example.text}\n")
        return
    size = list(example.before[0].numbers[1:])
    given = f"{{channels: 16, size: {size}}}" if size else "{features: 16}"
    call = "m" if len(LAYERS[name].inputs) == 1 else "m(y)"
    spec = medt_gen.load(
        text=f"medt-gen: 1\nclass: A\ninput: {given}\nmodules:\n  {example.text}\n"
        f"forward:\n  y: x | relu()\n  out: x | {call}\n"
    )
    assert str(spec.network.root.output) == str(example.after)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_has_an_example(name):
    assert operation_example(OPERATIONS[name]).after is not None


def test_a_layer_has_its_arguments_in_the_words_of_an_editor(capsys):
    out = explain(capsys, "Conv2d")
    hover = spec_schema()["$defs"]["type.Conv2d"]["properties"]
    unwrapped = " ".join(out.split())
    for argument in LAYERS["Conv2d"].arguments:
        assert hover[argument.name]["description"] in unwrapped
    assert "takes:\n    [N, C, H, W]\n" in out
    assert "[N, 16, 32, 32] -> [N, 32, 30, 30]" in out


def test_an_operation_is_written_as_in_the_docs(capsys):
    out = explain(capsys, "upsample")
    written = "upsample(factor, mode=linear, align_corners=false)"
    assert written in out
    assert written in (ROOT / "docs" / "language.md").read_text()


def test_a_block_has_arguments_shapes_and_its_text(capsys):
    out = explain(capsys, "AxialBlock")
    assert "`planes`: an integer; it has to be given." in out
    assert "# [N, 16, 32, 32] -> [N, 32, 32, 32]" in out
    assert "hight_block: {type: AxialAttention, axis: height, heads: $heads}" in out


def test_a_key_has_the_keys_inside(capsys):
    out = explain(capsys, "patches")
    assert "`grid`: How many patches there are along each axis." in out
    assert "patches: {of: x, grid: [4, 4], as: patch}" in out


def test_a_key_of_several_places_is_explained_for_each(capsys):
    out = explain(capsys, "forward")
    assert "key of a spec" in out
    assert "key of a patch step" in out


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("nn.Conv2d", "Conv2d (layer"),
        ("torch.nn.Linear", "Linear (layer"),
        ("nn.init.kaiming_normal_", "kaiming_normal (initial"),
        ("upsample(2)", "upsample (operation"),
        ("nn.Conv2d(3, 8,\n 3)", "Conv2d (layer"),
        ("plain_unet", "plain_unet (variant)"),
        ("shape-mismatch", "shape-mismatch: "),
    ],
)
def test_names_are_found_as_people_paste_them(given, meant, capsys):
    assert meant in explain(capsys, given)


@pytest.mark.parametrize(
    ("given", "help"),
    [
        ("conv2d", "did you mean `Conv2d`"),
        ("max_pol", "`max_pool`"),
        ("\x00", "help:"),
        ("x" * 100_000, "`medt-gen list` has all names"),
        ("", "help:"),
    ],
)
def test_a_name_that_is_none_gets_the_nearest(given, help, capsys):
    status, out, err = run(capsys, "explain", given)
    assert (status, out) == (2, "")
    assert help in err
    assert len(err) < 2_000


def test_a_list_has_what_a_spec_can_name(capsys):
    status, out, _ = run(capsys, "list")
    assert status == 0
    for name in ("medt", "three_scales", "AxialBlock", "Conv2d", "Stage", "upsample"):
        assert f"  {name} " in out
    assert "shape-mismatch" not in out
    assert "  shape-mismatch " in run(capsys, "list", "codes")[1]


def test_a_list_for_programs_is_whole(capsys):
    _, out, _ = run(capsys, "list", "layers", "init", "--json")
    found = json.loads(out)
    assert [item["name"] for item in found] == [*LAYERS, *INITIAL_VALUES]


def test_every_kind_can_be_listed(capsys):
    from medt_gen.commands.list_ import _WORDS

    assert set(_WORDS.values()) == set(LISTED)
    for word in _WORDS:
        assert run(capsys, "list", word)[0] == 0


def test_a_list_that_is_none(capsys):
    status, out, err = run(capsys, "list", "layer")
    assert (status, out) == (2, "")
    assert "did you mean `layers`?" in err


@pytest.mark.parametrize("width", [40, 60, 120])
def test_a_list_fits_the_terminal(width, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = run(capsys, "list")
    assert max(len(line.rstrip()) for line in out.splitlines()) <= width


def test_variants_are_known_by_their_names(capsys, tmp_path):
    assert medt_gen.load("three_scales").network.name == "medt_net"
    path = tmp_path / "mine.yaml"
    path.write_text("medt-gen: 1\nextends: three_scales\nparams: {classes: 5}\n")
    assert medt_gen.load(path).network.root.output.channels.number == 5
    status, _, err = run(capsys, "build", "three_scale")
    assert status == 2
    assert "`three_scales`" in err
