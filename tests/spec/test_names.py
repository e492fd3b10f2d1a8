"""Names that read like something else are warned of, where the user can change them."""

from __future__ import annotations

import pytest
from support import DRAFTS, SPECS, run

from medt_gen.loading.load import load
from spec.right_specs import documented

HEAD = "medt-gen: 1\ninput: {channels: 3, size: 16}\n"
CODES = {"ambiguous-name", "shadowed-block"}


def told(text: str) -> list[tuple[str, str]]:
    found = load(text=HEAD + text).warnings
    return [(item.code, item.place.text) for item in found if item.code in CODES]


CONV = "{type: Conv2d, out_channels: 3, kernel_size: 1}"

NAMES = {
    f"modules: {{c: {CONV}}}\nforward: {{relu: x | c, out: relu | relu()}}": "relu",
    f"modules: {{c: {CONV}}}\nforward:\n  out: {{patches: {{of: x, grid: [2, 2], as: p}}, "
    "forward: {mean: p | c, out: mean | c}}": "mean",
    f"modules: {{c: {CONV}}}\nforward:\n  out: {{patches: {{of: x, grid: [2, 2], as: "
    "crop}, forward: {out: crop | c}}": "crop",
    **{
        f"modules: {{{axis}: {CONV}}}\nforward: {{out: x | {axis}}}": axis
        for axis in ("depth", "height", "width", "channels")
    },
    "blocks:\n  B:\n    modules: {width: ReLU}\n    forward: {out: x | width}\n"
    "modules: {b: B}\nforward: {out: x | b}": "width",
    "blocks:\n  B:\n    modules: {r: ReLU}\n    forward: {max: x | r, out: max | r}\n"
    "modules: {b: B}\nforward: {out: x | b}": "max",
}


@pytest.mark.parametrize("text", NAMES, ids=NAMES.values())
def test_a_name_that_reads_like_something_else_is_told(text: str) -> None:
    assert told(text) == [("ambiguous-name", NAMES[text])]


@pytest.mark.parametrize("name", ["AxialBlock", "AxialBlock_wopos"])
def test_a_block_that_hides_a_shipped_one_is_told(name: str) -> None:
    text = (
        f"blocks: {{{name}: {{modules: {{r: ReLU}}, forward: {{out: x | r}}}}}}\n"
        f"modules: {{b: {name}}}\nforward: {{out: x | b}}"
    )
    assert told(text) == [("shadowed-block", name)]
    cured = text.replace(f"{{{name}: {{", f"{{Own{name}: {{class: {name}, ")
    assert told(cured.replace(f"b: {name}", f"b: Own{name}")) == []


def test_a_parent_with_such_a_name_is_told_too(tmp_path) -> None:
    (tmp_path / "base.yaml").write_text(
        f"{HEAD}modules: {{height: ReLU}}\nforward: {{out: x | height}}\n"
    )
    path = tmp_path / "child.yaml"
    path.write_text("medt-gen: 1\nextends: ./base.yaml\ntitle: Mine\n")
    (found,) = load(path).warnings
    assert found.place.source.name.endswith("base.yaml")


def test_a_module_may_be_called_like_an_operation() -> None:
    """Its name is told apart by the parentheses, and is what torch users write."""
    assert told("modules: {relu: ReLU}\nforward: {out: x | relu | relu()}") == []


def test_names_inside_of_containers_are_no_names_of_the_flow() -> None:
    text = "modules: {s: {type: Sequential, modules: {width: ReLU}}}\n"
    assert told(text + "forward: {out: x | s}") == []


@pytest.mark.parametrize(
    "path",
    [*sorted(SPECS.glob("*.yaml")), *sorted(DRAFTS.glob("*.yaml"))],
    ids=lambda path: path.stem,
)
def test_specs_that_ship_are_not_warned_of(path) -> None:
    assert load(path).warnings == ()


@pytest.mark.parametrize("name", documented())
def test_the_documentation_is_not_warned_of(name: str) -> None:
    found = load(text=documented()[name]).warnings
    assert [item for item in found if item.code in CODES] == []


@pytest.mark.parametrize("command", ["validate", "build", "emit"])
def test_commands_say_it(command: str, tmp_path, capsys) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"{HEAD}modules: {{height: ReLU}}\nforward: {{out: x | height}}\n")
    status, _, err = run(capsys, command, path)
    assert status == 0
    assert "warning[ambiguous-name]: the module `height`" in err
