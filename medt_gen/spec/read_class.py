"""Nodes -> declarations: the form of a spec is judged here, its meaning later."""

from __future__ import annotations

from medt_gen.algebra.expressions import Constant
from medt_gen.catalog.containers import CONTAINERS
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.declarations import (
    ClassDeclaration,
    Condition,
    ModuleDeclaration,
    ParameterDeclaration,
    TypeReference,
    Written,
)
from medt_gen.spec.expect import (
    broken_keys,
    check_identifier,
    check_loose_name,
    check_name,
    expect_expression,
    expect_flag,
    expect_list,
    expect_mapping,
    expect_text,
    start_of,
)
from medt_gen.spec.identifiers import (
    CHILD_NAMES,
    CLASS_NAMES,
    MODULE_NAMES,
    PARAMETER_NAMES,
)
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.pipes import Name
from medt_gen.spec.read_flow import read_steps

LANGUAGE = 1
"""The version of the language that this release reads."""

BLOCK_KEYS = (
    "medt-gen",
    "extends",
    "class",
    "title",
    "source",
    "params",
    "modules",
    "construct_first",
    "forward",
)
NETWORK_KEYS = (*BLOCK_KEYS, "input", "blocks", "training")
_MODULE_KEYS = frozenset({"type", "when", "unused", "modules"})
PARAMETER_TYPES = ("int", "float", "bool", "type")


def declare_class(
    node: MappingNode,
    name: str,
    problems: Problems,
    *,
    shipped: bool = False,
    network: bool = False,
) -> ClassDeclaration:
    """A network or a block from its mapping; `name` is what `class:` defaults to."""
    items = node.items
    modules = items.get("modules")
    forward = items.get("forward")
    if modules is None:
        problems.error(
            "missing-key",
            "`modules:` is missing",
            start_of(node),
            "add `modules:`, with one line for each attribute that `print` shows",
        )
    loose = forward is None
    declared = _modules(modules, problems, loose=loose) if modules is not None else ()
    steps = read_steps(forward, problems) if forward is not None else None
    parameters = _parameters(items.get("params"), problems)
    return ClassDeclaration(
        name=_class_name(node, name, problems, network=network),
        place=start_of(node),
        parameters=parameters,
        modules=declared,
        construct_first=_names(items.get("construct_first"), problems),
        forward=steps,
        title=_optional_text(items.get("title"), "`title:`", problems),
        source=_optional_text(items.get("source"), "`source:`", problems),
        shipped=shipped,
        block=name,
        node=node,
        broken_modules=broken_keys(modules, [item.name for item in declared]),
        has_modules=isinstance(modules, MappingNode | ListNode),
        broken_values=broken_keys(forward, steps or ()) or _unread_result(forward),
        broken_parameters=broken_keys(items.get("params"), parameters),
    )


def _unread_result(forward: Node | None) -> frozenset[str]:
    """Where the flow could not be read at all, its result can't be missed."""
    unread = forward is not None and not isinstance(forward, MappingNode)
    return frozenset({"out"}) if unread else frozenset()


def _class_name(
    node: MappingNode, name: str, problems: Problems, *, network: bool
) -> str:
    given = node.items.get("class")
    if given is None:
        return name
    text = expect_text(given, "`class:`", problems)
    if not network:
        # Only printed: the emitter finds a free name for the class itself.
        valid = text and check_identifier(text, given.place, "a class", problems)
        return text if text and valid else name
    if text is not None and text.startswith("_"):
        problems.error(
            "bad-name",
            f"a class can't be called `{shown(text)}`: the layers keep such names",
            given.place,
            "choose a name that starts with a letter",
        )
        return name
    if text is not None and check_identifier(
        text, given.place, "a class", problems, CLASS_NAMES
    ):
        return text
    return name


def _optional_text(node: Node | None, what: str, problems: Problems) -> str:
    if node is None:
        return ""
    return expect_text(node, what, problems) or ""


def _names(node: Node | None, problems: Problems) -> tuple[Name, ...]:
    items = expect_list(node, "`construct_first:`", problems) if node else None
    if items is None:
        return ()
    texts = [
        (expect_text(item, "a module's name", problems), item.place)
        for item in items.items
    ]
    return tuple(Name(text, place) for text, place in texts if text is not None)


def _parameters(
    node: Node | None, problems: Problems
) -> dict[str, ParameterDeclaration]:
    mapping = expect_mapping(node, "`params:`", problems) if node else None
    if mapping is None:
        return {}
    found = {}
    for name, value in mapping.items.items():
        key = mapping.keys[name]
        if check_name(key, "a parameter", problems, PARAMETER_NAMES):
            found[name] = _parameter(key, value)
    return found


def _parameter(key: Key, value: Node) -> ParameterDeclaration:
    if isinstance(value, ScalarNode) and value.value in PARAMETER_TYPES:
        return ParameterDeclaration(key, None, str(value.value))
    if isinstance(value, ScalarNode):
        kinds = {bool: "bool", int: "int", float: "float", str: "name"}
        return ParameterDeclaration(key, value, kinds.get(type(value.value), "any"))
    return ParameterDeclaration(key, value, "type" if _has_type(value) else "list")


def _has_type(value: Node) -> bool:
    return isinstance(value, MappingNode)


def _modules(
    node: Node, problems: Problems, prefix: str = "", *, loose: bool = False
) -> tuple[ModuleDeclaration, ...]:
    """The children of a class or a container; a list numbers them from 0.

    `loose` names need not be identifiers: no flow and no attribute calls them.
    """
    if isinstance(node, ListNode):
        pairs = [
            (Key(str(index), item.place), item) for index, item in enumerate(node.items)
        ]
        found = [_module(key, item, problems, prefix) for key, item in pairs]
        return tuple(item for item in found if item is not None)
    mapping = expect_mapping(node, "`modules:`", problems)
    if mapping is None:
        return ()
    found = [
        _module(mapping.keys[name], item, problems, prefix)
        for name, item in mapping.items.items()
        if _check_module_name(mapping.keys[name], problems, loose)
    ]
    return tuple(item for item in found if item is not None)


def _check_module_name(key: Key, problems: Problems, loose: bool) -> bool:
    if not loose:
        return check_name(key, "a module", problems, MODULE_NAMES)
    return check_loose_name(key, "a module", problems, CHILD_NAMES)


def _module(
    key: Key, node: Node, problems: Problems, prefix: str
) -> ModuleDeclaration | None:
    path = prefix + key.name
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        if node.value in CONTAINERS:
            problems.error(
                "missing-key",
                f"a `{node.value}` needs `modules:`",
                node.place,
                f"write `{shown(key.name)}: {{type: {node.value}, modules: [...]}}`",
            )
            return None
        kind = TypeReference(node.value, node.place)
        return ModuleDeclaration(key, kind, {}, node.place, path=path)
    if isinstance(node, MappingNode) and "type" in node.items:
        return _full_module(key, node, problems, path)
    what = "this has no `type:`" if isinstance(node, MappingNode) else kind_of(node)
    problems.error(
        "missing-type",
        f"a module is a type or a mapping with `type:`, and {what}"
        if isinstance(node, MappingNode)
        else f"a module is a type or a mapping with `type:`, not {what}",
        key.place,
        f"write `{shown(key.name)}: {{type: Conv2d, ...}}`",
    )
    return None


def _full_module(
    key: Key, node: MappingNode, problems: Problems, path: str
) -> ModuleDeclaration | None:
    type_node = node.items["type"]
    text = expect_text(type_node, "a type", problems)
    if text is None:
        return None
    children = node.items.get("modules")
    if children is not None and text not in CONTAINERS:
        problems.error(
            "unknown-key",
            f"`{shown(text)}` holds no modules of its own",
            node.keys["modules"].place,
            "only containers list their modules in place; declare a block for more",
        )
    if text in CONTAINERS and children is None:
        problems.error(
            "missing-key",
            f"a `{text}` needs `modules:`",
            node.keys["type"].place,
            "list what it holds, in order",
        )
    unused = node.items.get("unused")
    return ModuleDeclaration(
        key,
        TypeReference(text, type_node.place),
        {
            name: Written(node.keys[name], value)
            for name, value in node.items.items()
            if name not in _MODULE_KEYS
        },
        node.place,
        _modules(children, problems, f"{path}.", loose=True)
        if children is not None
        else None,
        _when(node.items.get("when"), problems),
        expect_flag(unused, "`unused:`", problems) if unused is not None else False,
        path,
    )


def _when(node: Node | None, problems: Problems) -> Condition | None:
    if node is None:
        return None
    if isinstance(node, ScalarNode) and isinstance(node.value, bool):
        return Condition(Constant(node.value), node.place)
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        expression = expect_expression(node, problems)
        return None if expression is None else Condition(expression, node.place)
    problems.error(
        "wrong-form",
        f"`when:` is a condition, and this is {kind_of(node)}",
        node.place,
        "write it as `when: $stride != 1`",
    )
    return None
