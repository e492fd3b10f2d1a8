"""Equal classes of a printed tree become one block, and its uses leaves."""

from dataclasses import replace

import pytest
from support import GOLDEN

from medt_gen.importer.grouping import found_blocks
from medt_gen.importer.modules import WrittenAs, printed_modules
from medt_gen.printout import Node, parse, walk


def found(*rows):
    """The blocks of a network with these rows, and the network's own modules."""
    inner = "\n".join(f"  (m{place}): {row}" for place, row in enumerate(rows))
    blocks = found_blocks(printed_modules(parse(f"Net(\n{inner}\n)"), shipped=True))
    return blocks.blocks, blocks.root.children


def block(*rows, name="Block"):
    """A class with rows, as it stands in the network."""
    inner = "\n".join(f"    {row}" for row in rows)
    return f"{name}(\n{inner}\n  )"


def conv(kernel, inputs=4, outputs=4):
    return (
        f"(conv): Conv2d({inputs}, {outputs}, kernel_size={kernel}, stride=(1, 1), "
        "bias=False)"
    )


def outer(row):
    """A class around a class."""
    inner = row.replace("\n", "\n  ")
    return f"Outer(\n    (inner): {inner}\n  )"


def declared(item):
    return {name: value.declared for name, value in item.parameters.items()}


def test_equal_uses_are_one_block_without_parameters():
    blocks, modules = found(block(conv((3, 3))), block(conv((3, 3))))
    assert [item.name for item in blocks] == ["Block"]
    assert declared(blocks[0]) == {}
    assert [(item.type, item.arguments) for item in modules] == [("Block", {})] * 2
    assert {item.written_as for item in modules} == {WrittenAs.LEAF}


def test_arguments_are_written_in_the_constructors_order():
    ((item,), _) = found(block(conv((3, 3))))
    (leaf,) = item.body.children
    assert list(leaf.arguments) == [
        "in_channels",
        "out_channels",
        "kernel_size",
        "bias",
    ]


def test_a_use_that_has_the_default_does_not_give_it():
    (item,), modules = found(block(conv((3, 5))), block(conv((5, 3))))
    assert declared(item) == {"kernel_size": [3, 5]}
    assert [use.arguments for use in modules] == [{}, {"kernel_size": [5, 3]}]


def test_one_number_and_a_list_stay_what_they_are():
    """Torch prints some layers by how they were called."""
    (item,), modules = found(block(conv((3, 3))), block(conv((3, 5))))
    assert declared(item) == {"kernel_size": "int"}
    given = [use.arguments for use in modules]
    assert given == [{"kernel_size": 3}, {"kernel_size": [3, 5]}]


def test_the_default_of_an_inner_block_is_the_value_of_a_use_that_omits_it():
    blocks, modules = found(
        outer(block(conv((3, 5)))), outer(block(conv((5, 3)))), block(conv((7, 1)))
    )
    assert [item.name for item in blocks] == ["Block", "Outer"]
    assert [declared(item) for item in blocks] == [{"kernel_size": [3, 5]}] * 2
    assert blocks[1].body.children[0].arguments == {"kernel_size": "$kernel_size"}
    assert [use.arguments for use in modules] == [
        {},
        {"kernel_size": [5, 3]},
        {"kernel_size": [7, 1]},
    ]


def test_arguments_of_an_inner_block_are_written_in_the_order_of_their_names():
    rows = [
        f"({name}): Linear(in_features={size}, out_features=3, bias=True)"
        for size, name in enumerate(["d", "b", "e", "a", "f", "c"], 3)
    ]
    other = [
        row.replace(f"={size},", f"={9 * size + 1},")
        for size, row in enumerate(rows, 3)
    ]
    blocks, _ = found(outer(block(*rows)), outer(block(*other)))
    names = list(blocks[1].body.children[0].arguments)
    assert len(names) == 6
    assert names == sorted(names)


@pytest.mark.parametrize("other", ["(b)", "(a.b)"])
def test_classes_whose_rows_have_other_names_are_two_blocks(other):
    row = conv((3, 3))
    blocks, modules = found(block(row), block(row.replace("(conv)", other)))
    assert [item.name for item in blocks] == ["Block", "Block_2"]
    assert {item.class_name for item in blocks} == {"Block"}
    assert [use.type for use in modules] == ["Block", "Block_2"]


def golden_block(path):
    """A shipped block as the original network prints it."""
    text = (GOLDEN / "axialunet.repr.txt").read_text(encoding="utf-8")
    return next(node for at, node in walk(parse(text)) if at == path)


def around(*inner):
    """A network of classes that hold a module each."""
    rows = (
        Node(f"m{place}", "Outer", (), (replace(node, name="inner"),))
        for place, node in enumerate(inner)
    )
    tree = Node("", "Net", (), tuple(rows))
    return found_blocks(printed_modules(tree, shipped=True)).blocks


def test_a_shipped_block_without_a_stride_has_a_stride_of_1():
    plain, strided = golden_block("layer1.0"), golden_block("layer2.0")
    (item,) = around(plain, strided)
    assert declared(item)["stride"] == "int"
    assert item.parameters["stride"].values == [1, 2]


def test_a_class_that_only_has_a_shipped_blocks_name_is_another_one():
    shipped = golden_block("layer1.0")
    names = [item.name for item in around(shipped, replace(shipped, children=()))]
    assert names == ["Outer", "AxialBlock_2", "Outer_2"]
