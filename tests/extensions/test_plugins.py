"""Layers of a package: in specs, printouts, errors, pages, source, pickles, imports."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
import threading

import jsonschema
import pytest
import torch
import yaml
from support import ROOT, executed, run

import medt_gen
from medt_gen.importer import Options, import_tree
from medt_gen.printouts import parse
from medt_gen.spec.schema import spec_schema

PACKAGE = ROOT / "tests" / "plugin_package"

SPEC = """\
medt-gen: 1
class: Net
input: {channels: 6, size: 8}
params: {groups: 3}
modules:
  conv: {type: Conv2d, out_channels: 12, kernel_size: 3, padding: 1}
  scale: {type: GroupScale, groups: $groups, start: 0.5}
  head: {type: Block}
blocks:
  Block:
    modules: {again: GroupScale}
    forward: {out: x | again}
forward: {out: x | conv | scale | head}
"""


@pytest.fixture
def spec_file(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def spec(demo, spec_file):
    return medt_gen.load(spec_file, plugins=["demo"])


def names(code):
    return {item.code for item in code}


# --- named, or not there --------------------------------------------------------------


def test_a_plugin_is_used_where_it_is_named_and_nowhere_else(demo, spec_file):
    assert medt_gen.load(spec_file, plugins=["demo"]).plugins == ("demo",)
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(spec_file)
    (first, *_) = caught.value.diagnostics
    assert first.code == "unknown-type"
    assert "the plugin `demo`; --plugin names it" in first.help


def test_a_spec_can_not_ask_for_a_plugin(demo, tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(SPEC.replace("class: Net", "class: Net\nplugins: [demo]"))
    with pytest.raises(medt_gen.InvalidInput):
        medt_gen.load(path)


def test_loads_in_other_threads_know_nothing_of_it(demo, spec_file):
    found = []

    def load():
        try:
            medt_gen.load(spec_file)
        except medt_gen.InvalidInput as error:
            found.append(error)

    from medt_gen.extensions.find import using

    with using(["demo"]):
        medt_gen.load(spec_file)
        thread = threading.Thread(target=load)
        thread.start()
        thread.join()
    assert len(found) == 1


def test_the_option_names_it_and_validate_says_so(demo, spec_file, capsys):
    status, out, _ = run(capsys, "validate", spec_file, "--plugin", "demo")
    assert status == 0
    assert out.endswith("with the plugin `demo`\n")
    assert run(capsys, "validate", spec_file)[0] == 1
    assert "plugin" not in run(capsys, "validate", "medt")[1]


@pytest.mark.parametrize("where", ["beside the spec", "in the working folder"])
def test_a_project_names_it(demo, tmp_path, capsys, monkeypatch, where):
    (tmp_path / "specs").mkdir()
    path = tmp_path / "specs" / "net.yaml"
    path.write_text(SPEC)
    folder = path.parent if where == "beside the spec" else tmp_path
    (folder / "pyproject.toml").write_text('[tool.medt-gen]\nplugins = ["demo"]\n')
    monkeypatch.chdir(tmp_path)
    status, out, _ = run(capsys, "validate", path)
    assert (status, out.endswith("with the plugin `demo`\n")) == (0, True)
    assert medt_gen.load(path).plugins == ("demo",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tool.medt-gen]\nplugin = ["demo"]\n', "has no key `plugin`"),
        ('[tool.medt-gen]\nplugins = "demo"\n', "a list of names"),
        ("[tool.medt-gen]\nplugins = [1]\n", "a list of names"),
        ("[tool]\nmedt-gen = 3\n", "is a table"),
        ("[tool.medt-gen\n", "is no TOML"),
        ('[tool.medt-gen]\nplugins = ["dem"]\n', "did you mean `demo`?"),
    ],
)
def test_a_project_that_says_something_else(demo, tmp_path, capsys, text, said):
    (tmp_path / "pyproject.toml").write_text(text)
    path = tmp_path / "net.yaml"
    path.write_text(SPEC)
    status, out, err = run(capsys, "validate", path)
    assert status in (1, 2)
    assert out == ""
    assert said in err
    assert "Traceback" not in err


# --- what it is in ---------------------------------------------------------------------


def test_it_is_inferred_printed_and_counted(spec):
    model = medt_gen.build(spec)
    assert "(scale): GroupScale(12, groups=3, start=0.5)" in str(model)
    assert "(again): GroupScale(12, groups=1)" in str(model)
    out = model(torch.ones(2, 6, 8, 8))
    assert out.shape == (2, 12, 8, 8)
    assert spec.network.root.cost.parameters == sum(
        p.numel() for p in model.parameters()
    )


def test_a_mistake_stands_where_it_is(demo, spec_file):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(spec_file, plugins=["demo"], overrides=["params.groups=5"])
    (found,) = caught.value.diagnostics
    assert "12 channels are no multiple of 5 groups" in found.message
    assert found.place.text == "5"
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=SPEC.replace("start:", "strat:"), plugins=["demo"])
    assert "`start`" in caught.value.diagnostics[0].help


def test_emitted_source_imports_the_class_and_says_what_it_needs(spec, tmp_path):
    source = medt_gen.emit(spec)
    assert (
        "\n\nimport torch\nfrom demo_layers.modules import GroupScale\n"
        "from torch import Tensor, nn\n\n" in source
    )
    needs = "Beside torch it needs the package demo-layers 1.2 for GroupScale."
    assert needs in " ".join(source.split())
    assert "medt_gen" not in re.sub(r"medt[-_]gen [0-9e]", "", source.split('"""')[2])
    emitted, built = executed(source).Net(), medt_gen.build(spec)
    assert str(emitted) == str(built)
    assert emitted.state_dict().keys() == built.state_dict().keys()


def test_a_class_without_the_layer_needs_nothing(demo):
    spec = medt_gen.load("gated", plugins=["demo"])
    assert "demo" not in medt_gen.emit(spec).split("# plugins")[0]


def test_source_is_not_imported_before_it_is_built(demo, spec_file):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from medt_gen.cli import main\n"
        f"for line in (['validate'], ['emit'], ['summary'], ['show']):\n"
        f"    assert main([*line, {str(spec_file)!r}, '--plugin', 'demo']) == 0, line\n"
        "assert 'demo_layers' in sys.modules\n"
        "assert 'demo_layers.modules' not in sys.modules\n"
    )
    path = ":".join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr


def test_a_pickle_says_which_package_it_needs(spec, tmp_path):
    model = medt_gen.build(spec)
    path = tmp_path / "net.pt"
    torch.save(model, path)
    again = pickle.loads(pickle.dumps(model))
    assert str(again) == str(model)
    code = (
        "import sys, torch\n"
        "try:\n    torch.load(sys.argv[1], weights_only=False)\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True
    )
    assert done.stdout.startswith(
        "this network needs demo-layers 1.2 for GroupScale, which can't be imported"
    ), done.stderr


def test_a_build_says_what_it_needs_whatever_the_package_is_called(
    install, monkeypatch, spec_file
):
    monkeypatch.syspath_prepend(str(PACKAGE))
    install("demo.layers", "dots", "demo_layers:LAYERS", "1.0.post1")
    spec = medt_gen.load(spec_file, plugins=["dots"])
    monkeypatch.setitem(sys.modules, "demo_layers.modules", None)
    with pytest.raises(ImportError) as caught:
        medt_gen.build(spec)
    assert "this network needs demo.layers 1.0.post1 for GroupScale, " in str(
        caught.value
    )


def test_a_value_of_its_name_does_not_bring_it_in(demo):
    text = (
        "medt-gen: 1\nclass: Net\ninput: {channels: 6, size: 8}\n"
        "modules: {relu: ReLU}\nforward: {GroupScale: x | relu, out: GroupScale | relu}"
    )
    source = medt_gen.emit(medt_gen.load(text=text, plugins=["demo"]))
    assert "GroupScale = self.relu(x)" in source
    assert "import GroupScale" not in source


def test_a_printout_is_compared_and_read_back(spec, spec_file, tmp_path, capsys):
    printout = tmp_path / "net.txt"
    printout.write_text(str(medt_gen.build(spec)))
    plugin = ("--plugin", "demo")
    assert run(capsys, "diff", spec_file, printout, *plugin)[0] == 0
    printout.write_text(printout.read_text().replace("groups=3", "groups=4"))
    status, out, _ = run(capsys, "diff", spec_file, printout, *plugin)
    assert status == 1
    assert "scale: groups: 3 -> 4" in out
    back = tmp_path / "back.yaml"
    assert run(capsys, "import", printout, "-o", back, *plugin)[0] == 0
    assert "type: GroupScale" in back.read_text()
    assert "open:" not in back.read_text()
    # Without the plugin it is a class of which nothing is known.
    assert run(capsys, "import", printout, "-o", back, "--force")[0] == 0
    assert "open: GroupScale" in back.read_text()


def test_import_from_python_knows_it_where_it_is_in_use(spec):
    from medt_gen.extensions.find import using

    tree = parse(str(medt_gen.build(spec)))
    with using(["demo"]):
        found = import_tree(tree, "a test", Options((8, 8))).spec
    assert found.plugins == ("demo",)


def test_models_and_emitted_files_are_described(spec, spec_file, tmp_path, capsys):
    model, source = medt_gen.build(spec), tmp_path / "net.py"
    found = medt_gen.diff(model, spec_file, plugins=["demo"])
    assert found.equal
    assert found.left.network is not None
    plugin = ("--plugin", "demo")
    assert run(capsys, "emit", spec_file, "-o", source, *plugin)[0] == 0
    assert run(capsys, "diff", source, spec_file, *plugin)[0] == 0
    assert "GroupScale" in run(capsys, "show", source, *plugin)[1]
    status, out, err = run(capsys, "show", source)
    assert (status, out) == (2, "")
    assert "was emitted with the plugin `demo`" in err
    assert "--plugin demo" in err


def test_it_is_explained_listed_and_in_the_schema(demo, capsys):
    plugin = ("--plugin", "demo")
    _, out, _ = run(capsys, "explain", "GroupScale", *plugin)
    assert "layer of the plugin `demo` of demo-layers 1.2" in " ".join(out.split())
    assert "`channels`: a positive integer; inferred: the channels of the input." in out
    assert "[N, 16, 32, 32] -> [N, 16, 32, 32]" in out
    assert "GroupScale" in run(capsys, "list", "layers", *plugin)[1]
    assert "GroupScale" not in run(capsys, "list", "layers")[1]
    schema = json.loads(run(capsys, "schema", *plugin)[1])
    validator = jsonschema.Draft202012Validator(schema)
    right = yaml.safe_load(SPEC)
    validator.validate(right)
    right["modules"]["scale"]["grups"] = 2
    assert not validator.is_valid(right)
    assert "GroupScale" not in run(capsys, "schema")[1]
    assert "type.GroupScale" not in spec_schema()["$defs"]


def test_show_writes_it_out_and_stays_the_same(spec):
    from medt_gen.extensions.find import using
    from medt_gen.showing.text import written_out

    text = written_out(spec)
    assert "scale: {type: GroupScale, channels: 12, groups: $groups" in text
    with using(["demo"]):
        assert written_out(medt_gen.load(text=text)) == text


def test_an_override_finds_weights_with_it(spec, demo):
    stored = medt_gen.build(medt_gen.load(text=SPEC, plugins=["demo"])).state_dict()
    other = medt_gen.load(text=SPEC, plugins=["demo"], overrides=["params.groups=4"])
    from medt_gen.fitting.suggestions import suggested

    shapes = {key: tuple(value.shape) for key, value in stored.items()}
    (found,) = suggested(other, shapes).suggestions
    assert found.option == "params.groups=3"


# --- names that clash ------------------------------------------------------------------


def test_a_block_can_not_have_its_name(demo):
    text = SPEC.replace(
        "  Block:\n", "  GroupScale:\n    forward: {out: x}\n  Block:\n"
    )
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=text, plugins=["demo"])
    assert "a plugin has this type" in caught.value.diagnostics[0].message


def test_a_network_can_not_have_its_name(demo):
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(
            text=SPEC.replace("class: Net", "class: GroupScale"), plugins=["demo"]
        )
    assert caught.value.diagnostics[0].code == "bad-name"
    assert "demo-layers 1.2" in caught.value.diagnostics[0].message


def test_a_parameter_can_not_have_its_name(demo):
    text = SPEC.replace("groups: 3}", "groups: 3, GroupScale: 2}")
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=text, plugins=["demo"])
    (found,) = [item for item in caught.value.diagnostics if item.code == "bad-name"]
    assert found.place.text == "GroupScale"


def test_a_module_that_is_built_first_can_not_have_its_name(demo):
    text = SPEC.replace("  scale:", "  GroupScale:").replace("| scale", "| GroupScale")
    medt_gen.build(medt_gen.load(text=text, plugins=["demo"]))
    text = text.replace("class: Net", "class: Net\nconstruct_first: [GroupScale]")
    with pytest.raises(medt_gen.InvalidInput) as caught:
        medt_gen.load(text=text, plugins=["demo"])
    assert caught.value.diagnostics[0].code == "bad-name"


def test_in_patches_it_sees_one_after_the_other_or_all_the_same(demo):
    text = SPEC.replace(
        "forward: {out: x | conv | scale | head}",
        "forward:\n  out:\n    patches: {of: x, grid: [2, 2], as: p}\n"
        "    forward: {out: p | conv | scale | head}",
    )
    model = medt_gen.build(medt_gen.load(text=text, plugins=["demo"])).eval()
    assert model(torch.ones(2, 6, 8, 8)).shape == (2, 12, 8, 8)


def test_a_build_that_failed_leaves_nothing_behind(spec, monkeypatch):
    monkeypatch.setitem(sys.modules, "demo_layers.modules", None)
    source = medt_gen.emit(spec).replace("Net(", "Net  (")
    from medt_gen.runtime.restore import compiled

    for _ in range(2):
        with pytest.raises(ImportError, match="this network needs demo-layers"):
            compiled(source)


ONE = """\
from medt_gen.plugin import LayerType
LAYERS = [LayerType("{name}", module="{module}", says="A layer."{more})]
"""


def code(name="Mine", module="mine.modules", more=""):
    return ONE.format(name=name, module=module, more=more)


def refused(*plugins):
    with pytest.raises(medt_gen.UnreadableInput) as caught:
        medt_gen.load("gated", plugins=list(plugins))
    (found,) = caught.value.diagnostics
    assert found.code == "plugin"
    return f"{found.message} / {found.help}"


def test_two_plugins_of_one_name_clash(install):
    install("one-package", "mine", "mine_one:LAYERS", code=code())
    install("two-package", "mine", "mine_two:LAYERS", code=code())
    assert "one-package and two-package offer a plugin of this name" in refused("mine")


def test_two_layers_of_one_name_clash(install):
    install("one-package", "one", "mine_one:LAYERS", code=code())
    install("two-package", "two", "mine_two:LAYERS", code=code())
    assert "`Mine` is a layer of the plugin `one` of one-package 1.0, too" in refused(
        "one", "two"
    )
    assert medt_gen.load("gated", plugins=["one"]).plugins == ("one",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (code("Conv2d"), "`Conv2d` is a layer of the catalog"),
        (code("AxialBlock"), "`AxialBlock` is a block that ships"),
        (code("Stage"), "`Stage` is a layer of the catalog"),
        (code("nn"), "`nn` is a name that emitted Python uses"),
        (code("a b"), "is no name for a class"),
        (code(module="os; x"), "does not say which `module` has its class"),
        (code(module=""), "does not say which `module` has its class"),
        (code(more=", own=True"), "only layers of medt-gen can have"),
        (code(more=", statistics='batch'"), "which only norms of torch can"),
        ("raise SystemExit(3)\n", "it can't be loaded: SystemExit"),
        (code() + "LAYERS *= 2\n", "two layers called `Mine`"),
        ("LAYERS = [3]\n", "it gives a int, and should give LayerType"),
        ("LAYERS = 3\n", "it can't be loaded: TypeError"),
        ("import nowhere\n", "it can't be loaded: ModuleNotFoundError"),
        ("OTHER = 1\n", "it can't be loaded: AttributeError"),
        ("def LAYERS(): raise KeyError('x')\n", "it can't be loaded: KeyError"),
        ("1 +\n", "it can't be loaded: SyntaxError"),
    ],
)
def test_a_plugin_that_does_not_hold_is_told_of(install, text, said):
    install("my-package", "mine", "mine_bad:LAYERS", code=text)
    assert said in refused("mine")


def test_a_function_may_give_the_records(install):
    text = code().replace("LAYERS = ", "def LAYERS(): return ")
    install("my-package", "mine", "mine_function:LAYERS", code=text)
    assert medt_gen.load("gated", plugins=["mine"]).plugins == ("mine",)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("shape=lambda v, s: 1 / 0", "`shape` of `Mine`, of the plugin `mine`"),
        ("shape=lambda v, s: None", "gave None, and should give a Shape of terms"),
        ("shape=lambda v, s: type(s)(8, (16, 16))", "should give a Shape of terms"),
        ("shape=lambda v, s: type(s)(s.channels - 1, ())", "that are 1 or more"),
        ("holds=lambda v: {}['x']", "`holds` of `Mine`"),
        ("holds=lambda v: 3", "gave 3, and should give a tuple of HeldTensor"),
        ("holds=lambda v: ('a',)", "should give a tuple of HeldTensor"),
        ("parts=lambda v, rank: (1,)", "should give a tuple of Part"),
        ("work=lambda v, a, b: 'much'", "gave 'much', and should give a count"),
    ],
)
def test_a_rule_that_fails_is_the_plugin_s_mistake(
    install, capsys, tmp_path, rule, said
):
    install("my-package", "mine", "mine_rule:LAYERS", code=code(more=f", {rule}"))
    path = tmp_path / "net.yaml"
    path.write_text(
        "medt-gen: 1\nclass: Net\ninput: {channels: 1, size: 2}\n"
        "modules: {m: Mine}\nforward: {out: x | m}\n"
    )
    status, _, err = run(capsys, "build", path, "--plugin", "mine")
    assert status == 1
    assert said in err
    assert "tell those who make my-package" in err
    assert "mistake of its own" not in err


def test_a_plugin_that_is_not_there(demo, capsys):
    status, out, err = run(capsys, "list", "--plugin", "demmo")
    assert (status, out) == (2, "")
    assert "there is no plugin `demmo`" in err
    assert "did you mean `demo`?" in err
