"""Names and texts that reach Python, YAML, JSON or a terminal."""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from torch import nn

import medt_gen
from medt_gen.cli import main
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.messages.machine import as_github, as_json
from medt_gen.messages.render import print_diagnostics
from medt_gen.spec.identifiers import EMITTED_NAMES, MODULE_ATTRIBUTES

# Some of the names below are of things that nothing uses.
pytestmark = pytest.mark.filterwarnings("ignore::medt_gen.SpecWarning")

LAYERS = Path(medt_gen.__file__).parent / "layers"

SPEC = """\
medt-gen: 1
class: {klass}
title: {title}
source: {source}
input: {{channels: 4, size: 8}}
params: {{{parameter}: 4, kind: {kind}}}
blocks:
  {block}:
    title: {block_title}
    source: {block_source}
    params: {{{block_parameter}: int, act: ReLU}}
    modules:
      {inner}: {{type: Conv2d, out_channels: ${block_parameter}, kernel_size: 1}}
      act: $act
    forward: {{{inner_value}: x | {inner}, out: {inner_value} | act}}
modules:
  {module}: {{type: {block}, {block_parameter}: ${parameter}}}
  second: {{type: {block}, {block_parameter}: 2}}
  list: {{type: Sequential, modules: {{{child}: ReLU}}}}
forward:
  {value}: x | {module} | list
  cut:
    patches: {{of: {value}, grid: [2, 2], as: {alias}}}
    forward: {{out: {alias} | second}}
  out: cut | upsample(2) | softmax()
"""
GOOD = {
    "klass": "Net",
    "title": "a title",
    "source": "a source",
    "parameter": "width",
    "kind": "word",
    "block": "Block",
    "block_title": "a block",
    "block_source": "a book",
    "block_parameter": "planes",
    "inner": "conv",
    "inner_value": "mid",
    "module": "first",
    "child": "act",
    "value": "left",
    "alias": "patch",
}
GOOD["parameter"] = "wide"


def quoted(text: str) -> str:
    """Any text as a YAML scalar in double quotes."""
    return '"' + "".join(_escaped(letter) for letter in text) + '"'


def _escaped(letter: str) -> str:
    if letter in string.ascii_letters + string.digits + " _":
        return letter
    return f"\\U{ord(letter):08X}"


def shape(source: str) -> list[str]:
    """The kinds of all nodes of a file, in order: its form without its words."""
    return [type(node).__name__ for node in ast.walk(ast.parse(source))]


REFERENCE = shape(medt_gen.emit(medt_gen.load(text=SPEC.format(**GOOD))))
# Children of a container may have names that are no identifiers: always in quotes.
LOOSE = shape(
    medt_gen.emit(medt_gen.load(text=SPEC.format(**{**GOOD, "child": "a b"})))
)
HARMFUL = [
    '"""',
    "'''\nimport os\n",
    '\\"""\nimport os',
    "a\\",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{0}",
    "%s",
    "#\nimport os",
    "\u2028import os",
    "\r\nimport os",
    "\x0cimport os",
    "\u202eimport os",
    "\ud800",
    "\x00",
    "[/bold]",
    "[red]",
    "\x1b[31m",
    "\x1b]8;;http://example.com\x07",
    "\u0430",
    "\U0001f600",
    "::error::",
    "-->",
    "</script>",
    "__import__('os')",
    "nn.ReLU())\nimport os",
]
TEXTS = st.one_of(st.sampled_from(HARMFUL), st.text(max_size=60))


@pytest.mark.parametrize("position", [*GOOD, "option"])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(text=TEXTS)
def test_emitted_source_keeps_its_form(position: str, text: str) -> None:
    """Any text in any place: a diagnostic, or a file of exactly the same form."""
    filled = SPEC.format(**{**GOOD, position: quoted(text)})
    options = [f"title={quoted(text)}"] if position == "option" else []
    try:
        source = medt_gen.emit(medt_gen.load(text=filled, overrides=options))
    except MedtGenError as error:
        harmless(error)
    else:
        assert shape(source) in (REFERENCE, LOOSE)
        source.encode()
        assert all(letter.isprintable() or letter == "\n" for letter in source)


@pytest.mark.parametrize(
    "name", ['"""\nimport os', "{{ 7 }}", "\u202etxt", "'''", "a b", "#\ré", "\\"]
)
def test_file_names_in_the_header(tmp_path, name) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text(SPEC.format(**GOOD))
    assert shape(medt_gen.emit(medt_gen.load(path))) == REFERENCE


@pytest.mark.parametrize(
    "command", [["build"], ["build", "--json"], ["emit"], ["validate"]]
)
def test_titles_do_nothing_to_a_terminal(tmp_path, capsys, command) -> None:
    path = tmp_path / "net.yaml"
    title = quoted("[/x] [red] \x1b[31m \u202e \x07")
    path.write_text(SPEC.format(**{**GOOD, "title": title, "source": title}))
    assert main([*command, str(path)]) == 0
    out, err = capsys.readouterr()
    assert all(letter.isprintable() or letter == "\n" for letter in out + err)


def harmless(error: MedtGenError) -> None:
    """The message holds nothing that a terminal, a log or JSON would act upon."""
    console = Console(file=io.StringIO(), width=200)
    print_diagnostics(error.diagnostics, console)
    for text in (console.file.getvalue(), as_json(error.diagnostics)):
        text.encode()
        assert all(letter.isprintable() or letter == "\n" for letter in text)
    for line in as_github(error.diagnostics).split("\n"):
        line.encode()
        assert line.isprintable()
        assert line.startswith(("::error ", "::warning "))


IDENTIFIERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
RESERVED = st.sampled_from(
    sorted(
        {*dir(builtins), *keyword.kwlist, *EMITTED_NAMES, *dir(nn.Module), "x", "out"}
    )
)
NAMES = [name for name in GOOD if "title" not in name and "source" not in name]


@pytest.mark.parametrize("position", NAMES)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(name=st.one_of(IDENTIFIERS, RESERVED))
def test_any_name_that_is_accepted_works(position: str, name: str) -> None:
    """A name is refused, or the network can be built and run."""
    import torch

    try:
        spec = medt_gen.load(text=SPEC.format(**{**GOOD, position: name}))
    except MedtGenError:
        return
    with torch.no_grad():
        medt_gen.build(spec).eval()(torch.zeros(1, 4, 8, 8))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_name_can_be_shown_in_every_encoding(tmp_path, encoding) -> None:
    for name in ("n\u00e9t.yaml", "\u043d\u0435\u0442.yaml"):
        (tmp_path / name).write_text(SPEC.format(**{**GOOD, "title": "\u00e9\u043d"}))
    for arguments in (
        ["validate", "."],
        ["emit", "n\u00e9t.yaml"],
        ["validate", "x\u00e9"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "medt_gen", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
        )
        assert b"Traceback" not in done.stderr
        assert done.returncode == (2 if arguments[1] == "x\u00e9" else 0)


def test_the_list_of_attributes_is_that_of_torch() -> None:
    missing = {name for name in dir(nn.Module()) if not name.startswith("__")}
    assert missing <= MODULE_ATTRIBUTES


def test_the_list_of_emitted_names_is_that_of_the_layers() -> None:
    defined: set[str] = set()
    for path in LAYERS.glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                defined.add(node.name)
            if isinstance(node, ast.Import | ast.ImportFrom):
                defined |= {item.asname or item.name for item in node.names}
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = (
                    node.targets if isinstance(node, ast.Assign) else [node.target]
                )
                defined |= {item.id for item in targets if isinstance(item, ast.Name)}
    # No class of a spec may start with an underscore: private names can't be hidden.
    public = {name for name in defined if not name.startswith("_")}
    assert public - EMITTED_NAMES == set()
