"""An emitted file is read from the top: network, blocks, layers, each before its parts."""

import ast

import pytest
from support import SHIPPED, executed

import medt_gen
from medt_gen.emitter.source import emitted


def source_of(name):
    return medt_gen.emit(medt_gen.load(name))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_network_comes_first_then_its_blocks_then_the_layers(name):
    source = source_of(name)
    spec = medt_gen.load(name)
    classes = [n.name for n in ast.parse(source).body if isinstance(n, ast.ClassDef)]
    blocks = [block.declaration.name for block in spec.network.blocks]
    assert classes[0] == spec.network.name
    assert set(classes[1 : 1 + len(blocks)]) == set(blocks)
    parts = [
        line for line in source.splitlines() if line.startswith(("# The ", "# Its "))
    ]
    assert len(parts) == 3


def test_medt_network_part_ends_within_130_lines():
    lines = source_of("medt").splitlines()
    assert (
        next(n for n, line in enumerate(lines, 1) if line.startswith("# Its blocks"))
        <= 130
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_named_at_definition_comes_before(name):
    """Else the file would not even import: no annotation is put off."""
    source = source_of(name)
    assert "from __future__" not in source
    executed(source)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_helper_of_the_layers_comes_behind_what_calls_it(name):
    body = ast.parse(source_of(name)).body
    defined = [n for n in body if isinstance(n, ast.ClassDef | ast.FunctionDef)]
    helpers = [n for n in defined if isinstance(n, ast.FunctionDef)]
    assert helpers
    for helper in helpers:
        users = [
            node
            for node in defined
            if node is not helper
            and helper.name in {x.id for x in ast.walk(node) if isinstance(x, ast.Name)}
        ]
        assert min(user.lineno for user in users) < helper.lineno, helper.name


def test_norms_of_a_branch_are_named_as_attributes():
    source = source_of("medt")
    assert "self.layer1_p," in source
    assert "get_submodule" not in source


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shape_is_repeated_behind_the_next_statement(name):
    shown = None
    for line in source_of(name).splitlines():
        if "def " in line:
            shown = None
        if "# [N, " in line:
            shape = line.partition("# [N, ")[2]
            assert shape != shown, line
            shown = shape


@pytest.mark.parametrize("name", SHIPPED)
def test_the_map_knows_where_each_module_is_made_and_called(name):
    spec = medt_gen.load(name)
    found = emitted(spec)
    lines = found.source.splitlines()
    model = medt_gen.build(spec)
    inside = tuple(
        path
        for path, module in model.named_modules()
        if type(module).__module__.startswith("medt_gen.layers")
    )
    paths = {
        path
        for path, _ in model.named_modules()
        if path and not path.startswith(tuple(f"{item}." for item in inside))
    }
    assert paths == set(found.lines)
    for path, where in found.lines.items():
        attribute = [part for part in path.split(".") if not part.isdigit()][-1]
        made = "\n".join(lines[where.made.first - 1 : where.made.last])
        assert f"{attribute} = " in made or f"{attribute}: " in made, (path, made)
        for call in where.calls:
            assert f"self.{attribute}(" in "\n".join(lines[call.first - 1 : call.last])


def test_a_module_that_is_called_twice_in_a_row_has_two_calls():
    found = emitted(medt_gen.load("medt"))
    calls = found.lines["relu"].calls
    assert len(calls) == 6
    assert [call.first for call in calls] == [call.last for call in calls]
