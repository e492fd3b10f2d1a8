"""Random specs and random trees survive print -> import -> print."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import medt_gen
from medt_gen.importer import import_tree
from medt_gen.network.prints import folded, printed_tree
from medt_gen.network.prints_layers import layer_node
from medt_gen.network.tensors import network_tensors
from medt_gen.printout import compare, parse, render
from medt_gen.printouts.tree import Node
from medt_gen.spec.identifiers import MODULE_NAMES, name_problem
from medt_gen.spec.yaml_text import inline

RELAXED = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck)
)

# --- specs ---------------------------------------------------------------------------

NAMES = st.from_regex(r"[a-z_][a-zA-Z0-9_]{0,6}", fullmatch=True).filter(
    lambda name: name_problem(name, MODULE_NAMES) is None and name not in ("x", "out")
)
WIDTHS = st.sampled_from([4, 8, 12])


@st.composite
def layers(draw, width=None):
    """A layer that keeps the size of an image, and channels a multiple of four."""
    kernel = draw(st.sampled_from([1, 3]))
    given_width = width if width is not None else draw(WIDTHS)
    return draw(
        st.sampled_from(
            [
                {
                    "type": "Conv2d",
                    "out_channels": given_width,
                    "kernel_size": kernel,
                    "padding": kernel // 2,
                    "bias": draw(st.booleans()),
                },
                {"type": "BatchNorm2d", "eps": draw(st.sampled_from([1e-5, 0.1]))},
                {"type": "GroupNorm", "num_groups": draw(st.sampled_from([1, 2]))},
                {"type": "ReLU"},
                {"type": "LeakyReLU", "negative_slope": 0.2},
                {"type": "Dropout2d", "p": 0.25},
                {"type": "MaxPool2d", "kernel_size": 3, "stride": 1, "padding": 1},
                {
                    "type": draw(
                        st.sampled_from(["AxialAttention", "AxialAttention_wopos"])
                    ),
                    "axis": draw(st.sampled_from(["height", "width"])),
                    "heads": draw(st.sampled_from([1, 2])),
                },
            ]
        )
    )


@st.composite
def bodies(draw, members, least=1):
    """Modules with names, and the pipe that calls them in order."""
    names = draw(st.lists(NAMES, min_size=least, max_size=5, unique=True))
    modules = {name: draw(members) for name in names}
    return {"modules": modules, "forward": {"out": " | ".join(["x", *names])}}


@st.composite
def specs(draw):
    """A network of layers, Sequentials and uses of its own blocks."""
    blocks = {}
    for number in range(draw(st.integers(0, 2))):
        parameters = {"params": {"wide": "int"}}
        blocks[f"Block{number}"] = {
            **parameters,
            **draw(bodies(layers(width="$wide"))),
        }
    uses = [
        st.fixed_dictionaries({"type": st.just(name), "wide": WIDTHS})
        for name in blocks
    ]
    single = st.one_of(layers(), *uses)
    grouped = st.builds(
        lambda parts: {"type": "Sequential", "modules": parts},
        st.lists(single, min_size=1, max_size=3),
    )
    network = draw(bodies(st.one_of(single, grouped)))
    return inline(
        {
            "medt-gen": 1,
            "class": "Net",
            "input": {"channels": 4, "size": 8},
            **({"blocks": blocks} if blocks else {}),
            **network,
        }
    )


@RELAXED
@given(specs())
def test_specs_survive(text):
    tree = printed_tree(medt_gen.load(text=text).network)
    found = import_tree(tree, "")
    again = printed_tree(found.spec.network)
    assert render(again) == render(tree)
    assert import_tree(parse(render(again)), "").text == found.text


@settings(RELAXED, max_examples=5)
@given(specs())
def test_what_is_printed_is_what_torch_prints(text):
    spec = medt_gen.load(text=text)
    model = medt_gen.build(spec)
    assert compare(parse(str(model)), printed_tree(spec.network)) == []
    held = {key: tuple(item.shape) for key, item in model.state_dict().items()}
    assert network_tensors(spec.network) == held
    built = medt_gen.build(import_tree(parse(str(model)), "").spec)
    assert str(built) == str(model)


# --- trees ---------------------------------------------------------------------------

KEYS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")),
    min_size=1,
    max_size=6,
).filter(lambda key: key.isprintable() and "." not in key and key not in MODULE_NAMES)
LEAVES = st.sampled_from(
    [
        layer_node("", "Linear", {"in_features": 3, "out_features": 4}),
        layer_node("", "Linear", {"in_features": 6, "out_features": 4, "bias": False}),
        layer_node("", "LayerNorm", {"normalized_shape": [3, 4]}),
        layer_node("", "Softmax", {"dim": None}),
        layer_node("", "ZeroPad2d", {"padding": [1, 0, 2, 0]}),
        layer_node("", "Identity", {}),
        layer_node("", "AxialAttention_dynamic", {"channels": 8, "heads": 2}),
        *(
            layer_node(
                "",
                "Conv2d",
                {"in_channels": 3, "out_channels": 2, "kernel_size": k, "groups": 1},
            )
            for k in (1, 3, [1, 3])
        ),
    ]
)


def _named(node, name):
    return Node(name, node.type, node.attributes, node.children)


@st.composite
def inner(draw, children):
    """A container or a class of its own around some rows."""
    kind = draw(st.sampled_from(["Sequential", "ModuleList", "ModuleDict", "A", "B"]))
    parts = draw(st.lists(children, max_size=4))
    if kind in ("Sequential", "ModuleList"):
        rows = tuple(_named(part, str(i)) for i, part in enumerate(parts))
        return Node("", kind, (), folded(rows) if kind == "ModuleList" else rows)
    size = len(parts)
    keys = draw(st.lists(KEYS, min_size=size, max_size=size, unique=True))
    return Node("", kind, (), tuple(map(_named, parts, keys)))


TREES = st.recursive(LEAVES, inner, max_leaves=12)


@RELAXED
@given(TREES)
def test_trees_survive(tree):
    root = Node("", "Root", (), (_named(tree, "part"),))
    found = import_tree(root, "")
    assert render(printed_tree(found.spec.network)) == render(root)
    assert compare(root, printed_tree(found.spec.network)) == []
