"""`extends:` and block files that go in circles, too far, or out of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

import medt_gen
from medt_gen.messages.diagnostics import InvalidInput
from medt_gen.spec import compose

BASE = "medt-gen: 1\ninput: {channels: 3, size: 16}\nmodules: {r: ReLU}\n"
BASE += "forward: {out: x | r}\n"


def variant(of: str) -> str:
    return f"medt-gen: 1\nextends: {of}\n"


def refused(path: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        medt_gen.load(path)
    return str(caught.value)


def test_a_spec_that_extends_itself(tmp_path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(variant("own.yaml"))
    assert "[extends-cycle]: `own.yaml` leads back to where it was" in refused(path)


def test_a_circle_through_folders_and_links(tmp_path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.yaml").write_text(variant("inner/b.yaml"))
    (tmp_path / "inner" / "b.yaml").write_text(variant("../link.yaml"))
    (tmp_path / "link.yaml").symlink_to("a.yaml")
    assert "error[extends-cycle]" in refused(tmp_path / "a.yaml")


def test_a_chain_of_a_thousand_is_not_followed(tmp_path, monkeypatch) -> None:
    for number in range(1_000):
        text = variant(f"s{number + 1}.yaml")
        (tmp_path / f"s{number}.yaml").write_text(text)
    (tmp_path / "s1000.yaml").write_text(BASE)
    opened = []
    original = compose.read_source

    def counted(path: str) -> object:
        opened.append(path)
        return original(path)

    monkeypatch.setattr(compose, "read_source", counted)
    message = refused(tmp_path / "s0.yaml")
    assert "error[extends-chain]: more than 20 specs extend one another" in message
    assert len(opened) == compose.MAX_CHAIN


def outside(tmp_path: Path) -> tuple[Path, Path]:
    """A project, and a file beside it that is none of its business."""
    project = tmp_path / "project"
    project.mkdir()
    secret = tmp_path / "secret.yaml"
    secret.write_text(BASE)
    return project, secret


@pytest.mark.parametrize("way", ["parent", "absolute", "link", "folder link", "dots"])
def test_paths_that_leave_the_root(tmp_path, way) -> None:
    project, secret = outside(tmp_path)
    (project / "here").mkdir()
    (project / "link.yaml").symlink_to(secret)
    (project / "up").symlink_to(tmp_path, target_is_directory=True)
    target = {
        "parent": "../secret.yaml",
        "absolute": str(secret),
        "link": "link.yaml",
        "folder link": "up/secret.yaml",
        "dots": "here/../../secret.yaml",
    }[way]
    path = project / "variant.yaml"
    path.write_text(variant(target))
    message = refused(path)
    assert "error[outside-root]" in message
    assert f"leaves the folder {project}" in message
    assert medt_gen.load(path, allow_outside=True).network.name == "variant"


def test_a_missing_file_outside_is_not_told_from_one_that_is_there(tmp_path) -> None:
    project, _ = outside(tmp_path)
    path = project / "variant.yaml"
    path.write_text(variant("../nothing.yaml"))
    assert "error[outside-root]" in refused(path)


@pytest.mark.parametrize("marker", ["pyproject.toml", ".git"])
def test_the_root_is_the_nearest_project(tmp_path, marker) -> None:
    (tmp_path / marker).mkdir()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "base.yaml").write_text(BASE)
    path = tmp_path / "deep" / "er" / "variant.yaml"
    path.write_text(variant("../../base.yaml"))
    assert medt_gen.load(path).network.name == "variant"


def test_block_files_are_held_to_the_same_root(tmp_path) -> None:
    project, _ = outside(tmp_path)
    path = project / "net.yaml"
    path.write_text(BASE + "blocks: {B: ../secret.yaml}\n")
    assert "error[outside-root]" in refused(path)


def test_block_files_start_from_the_file_that_names_them(tmp_path) -> None:
    (tmp_path / "parts").mkdir()
    block = "medt-gen: 1\nmodules: {r: ReLU}\nforward: {out: x | r}\n"
    (tmp_path / "parts" / "block.yaml").write_text(block)
    base = BASE.replace("r: ReLU", "r: B") + "blocks: {B: block.yaml}\n"
    (tmp_path / "parts" / "base.yaml").write_text(base)
    path = tmp_path / "variant.yaml"
    path.write_text(variant("parts/base.yaml"))
    assert medt_gen.load(path).network.blocks[0].declaration.name == "B"


def test_one_large_file_named_by_many_blocks(tmp_path, calls, monkeypatch) -> None:
    monkeypatch.setattr(compose, "MAX_TOTAL", 100_000)
    rows = "".join(f"  m{i}: ReLU\n" for i in range(500))
    block = f"medt-gen: 1\nmodules:\n{rows}forward: {{out: x | m0}}\n"
    (tmp_path / "block.yaml").write_text(block)
    names = ", ".join(f"B{i}: block.yaml" for i in range(1_000))
    path = tmp_path / "net.yaml"
    path.write_text(BASE + f"blocks: {{{names}}}\n")

    def run() -> None:
        assert "a file counted as often as it is named" in refused(path)

    assert calls(run) < 1_000_000


@pytest.mark.parametrize(
    "name", ['"a\\0.yaml"', '"\\e[31m.yaml"', "x" * 5_000 + ".yaml"]
)
def test_names_that_are_no_paths(tmp_path, name) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(variant(name))
    message = refused(path)
    assert "error[missing-parent]" in message
    assert "\x1b" not in message
