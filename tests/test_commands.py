"""`medt-gen build`, `emit` and `schema`: what they print, write and return."""

import json
import re

import pytest
from support import GENERATED, NAMES, REFERENCE, ROOT, SHIPPED, SPECS, python, run

import medt_gen
from medt_gen.spec.schema import SCHEMA_FILE, schema_text


def test_build_shows_what_the_network_is(capsys):
    status, out, err = run(capsys, "build", SPECS / "medt.yaml")
    assert (status, err) == (0, "")
    lines = {
        line.split()[1]: line
        for line in out.splitlines()
        if "├─ " in line or "└─ " in line
    }
    assert re.search(r"conv1_p +Conv2d +64 x 16 x 16 +x16 +9,408", lines["conv1_p"])
    assert "never called" in lines["soft"]
    assert "never called" in lines["adjust_p"]
    assert list(lines)[:2] == ["conv1", "conv2"]
    assert re.search(r"input +1 x 3 x 128 x 128", out)
    assert re.search(r"output +1 x 2 x 128 x 128", out)
    assert "1,560,140 (1,560,116 trainable, 24 frozen)" in out


def test_build_json(capsys):
    status, out, _ = run(capsys, "build", "medt", "--json")
    record = json.loads(out)
    assert status == 0
    assert record["parameters"] == 1_560_140
    assert (record["trainable"], record["frozen"]) == (1_560_116, 24)
    assert record["input"] == [1, 3, 128, 128]
    assert record["output"] == [1, 2, 128, 128]
    modules = {item["name"]: item for item in record["modules"]}
    assert modules["layer1_p"]["calls"] == 16
    assert modules["soft"]["output"] is None


@pytest.mark.parametrize("name", SHIPPED)
def test_build_print_is_print_model_and_nothing_else(name, capsys):
    status, out, err = run(capsys, "build", name, "--print")
    model = medt_gen.build(medt_gen.load(name))
    assert (status, out, err) == (0, f"{model}\n", "")


@pytest.mark.parametrize("number", range(1, 5))
def test_build_against_the_flattened_seed(number, capsys):
    name, seed = NAMES[number - 1], REFERENCE / "seed.txt"
    status, out, _ = run(capsys, "build", name, "--against", seed, "--number", number)
    assert (status, out) == (0, "")


def test_build_against_another_network_names_the_paths(capsys):
    reference = REFERENCE / "golden" / "logo.repr.txt"
    status, _, err = run(capsys, "build", "medt", "--against", reference)
    assert status == 1
    assert "layer*.*: AxialBlock -> AxialBlock_dynamic" in err
    assert "layer1_p.0.conv1" in err


def test_build_against_asks_which_of_several(capsys):
    status, _, err = run(capsys, "build", "medt", "--against", REFERENCE / "seed.txt")
    assert status == 1
    assert "--number" in err or "number" in err


def test_build_writes_the_source_too(capsys, tmp_path):
    target = tmp_path / "net.py"
    status, _, _ = run(capsys, "build", "gated", "-o", target)
    assert status == 0
    assert target.read_text() == medt_gen.emit(medt_gen.load("gated"))


def test_set_changes_the_network_and_the_later_one_wins(capsys):
    arguments = ("--set", "params.classes=7", "--set", "params.classes=5")
    status, out, _ = run(capsys, "build", "medt", *arguments, "--json")
    assert status == 0
    assert json.loads(out)["output"] == [1, 5, 128, 128]


def test_emit_prints_the_file_that_is_committed(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    for name in SHIPPED:
        status, out, err = run(capsys, "emit", f"specs/{name}.yaml")
        assert (status, err) == (0, "")
        assert out == (GENERATED / f"{name}.py").read_text()


def test_emit_states_the_command_that_made_it(capsys):
    _, out, _ = run(capsys, "emit", "medt", "--set", "input.size=[128, 256]")
    assert "medt-gen emit specs/medt.yaml --set 'input.size=[128, 256]'" in out
    assert "arXiv:2102.10662" in out


def test_emit_check(capsys, tmp_path):
    target = tmp_path / "net.py"
    assert run(capsys, "emit", "gated", "-o", target, "--check")[0] == 1
    assert not target.exists()
    assert run(capsys, "emit", "gated", "-o", target)[0] == 0
    assert run(capsys, "emit", "gated", "-o", target, "--check") == (0, "", "")
    changed = ("--set", "params.classes=3")
    status, out, _ = run(capsys, "emit", "gated", *changed, "-o", target, "--check")
    assert status == 1
    assert "+    def __init__(self, classes: int = 3, heads: int = 8) -> None:" in out


EDITS = {
    "inside": lambda text: text.replace("Conv2d(3, 8, 7", "Conv2d(3, 8, 5"),
    "behind": lambda text: f"{text}\nprint('mine')\n",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_emit_replaces_its_own_file_and_no_other(edit, capsys, tmp_path):
    target = tmp_path / "net.py"
    run(capsys, "emit", "gated", "-o", target)
    assert run(capsys, "emit", "medt", "-o", target)[0] == 0
    edited = edit(target.read_text())
    target.write_text(edited)
    status, _, err = run(capsys, "emit", "medt", "-o", target)
    assert status == 1
    assert "edited" in err and "--force" in err
    assert target.read_text() == edited
    assert run(capsys, "emit", "medt", "-o", target, "--force")[0] == 0
    assert target.read_text() != edited


def test_emit_keeps_a_file_that_it_did_not_write(capsys, tmp_path):
    target = tmp_path / "mine.py"
    target.write_bytes(b"\xff\xfe precious")
    status, _, err = run(capsys, "emit", "medt", "-o", target)
    assert status == 1
    assert "did not write" in err
    assert target.read_bytes() == b"\xff\xfe precious"


def test_emit_leaves_nothing_behind_where_it_cannot_write(capsys, tmp_path):
    status, _, err = run(capsys, "emit", "medt", "-o", tmp_path / "no" / "net.py")
    assert status == 2
    assert "can't write" in err
    (tmp_path / "net.py").mkdir()
    assert run(capsys, "emit", "medt", "-o", tmp_path / "net.py", "--force")[0] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


def test_an_interrupted_write_leaves_the_old_file(capsys, tmp_path, monkeypatch):
    target = tmp_path / "net.py"
    run(capsys, "emit", "gated", "-o", target)
    before = target.read_text()

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    assert run(capsys, "emit", "medt", "-o", target)[0] == 2
    assert target.read_text() == before
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("bild", "medt"),
        ("build",),
        ("build", "medt", "--nonsense"),
        ("build", "medt", "--number", "1"),
        ("emit", "medt", "--check"),
        ("build", "no/such/file.yaml"),
        ("build", "mdt"),
        ("build", "medt", "--limit", "modules=many"),
    ],
)
def test_what_cannot_run_exits_with_2(arguments, capsys):
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err and "Traceback" not in err


def test_a_misspelled_name_gets_the_nearest(capsys):
    assert "did you mean `medt`?" in run(capsys, "build", "mdt")[2]


def test_help_names_the_commands(capsys):
    status, out, _ = run(capsys, "--help")
    assert status == 0
    assert all(word in out for word in ("build", "emit", "validate", "schema"))


def test_the_shipped_schema_is_fresh(capsys):
    assert SCHEMA_FILE.read_text() == schema_text()
    assert run(capsys, "schema") == (0, schema_text(), "")


def test_the_process_ends_with_the_command_s_status(tmp_path):
    (tmp_path / "bad.yaml").write_text("medt-gen: 1\nclas: Tiny\n")
    for arguments, status in ((["validate", "medt"], 0), (["validate", "bad.yaml"], 1)):
        done = python(
            "from medt_gen.cli import run; run()",
            *arguments,
            cwd=tmp_path,
        )
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
