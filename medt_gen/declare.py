"""Nodes -> declarations: the form of a spec is judged here, its meaning later."""

from __future__ import annotations

from collections.abc import Iterable

from medt_gen.declarations import (
    ClassDeclaration,
    Declaration,
    Given,
    ParameterDeclaration,
    PatchStep,
    Step,
    TypeReference,
)
from medt_gen.diagnostics import Place
from medt_gen.document import Items, Key, Mapping, Node, Scalar, kind_of
from medt_gen.expressions import Constant, Expression
from medt_gen.flow import FlowError, Pipe, parse_pipe
from medt_gen.names import shown
from medt_gen.problems import Problems
from medt_gen.reading import (
    check_identifier,
    check_keys,
    check_loose_name,
    check_name,
    read_expression,
    read_flag,
    read_items,
    read_mapping,
    read_text,
)
from medt_gen.reserved import (
    CHILD_NAMES,
    CLASS_NAMES,
    MODULE_NAMES,
    PARAMETER_NAMES,
)

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
CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
_MODULE_KEYS = frozenset({"type", "when", "unused", "modules"})
PARAMETER_TYPES = ("int", "float", "bool", "type")


def declare_class(
    node: Mapping,
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
    steps = _steps(forward, problems) if forward is not None else None
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
        broken_modules=_broken(modules, [item.name for item in declared]),
        has_modules=isinstance(modules, Mapping | Items),
        broken_values=_broken(forward, steps or ()) or _unread_result(forward),
        broken_parameters=_broken(items.get("params"), parameters),
    )


def start_of(node: Mapping) -> Place:
    """Where a mapping starts: its first key."""
    first = next(iter(node.keys.values()), None)
    return first.place if first is not None else node.place


def _unread_result(forward: Node | None) -> frozenset[str]:
    """Where the flow could not be read at all, its result can't be missed."""
    unread = forward is not None and not isinstance(forward, Mapping)
    return frozenset({"out"}) if unread else frozenset()


def _broken(node: Node | None, good: Iterable[str]) -> frozenset[str]:
    """The keys of a mapping that came to nothing."""
    if not isinstance(node, Mapping):
        return frozenset()
    return frozenset(node.items) - frozenset(good)


def _class_name(node: Mapping, name: str, problems: Problems, *, network: bool) -> str:
    given = node.items.get("class")
    if given is None:
        return name
    text = read_text(given, "`class:`", problems)
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
    return read_text(node, what, problems) or ""


def _names(node: Node | None, problems: Problems) -> tuple[tuple[str, Place], ...]:
    items = read_items(node, "`construct_first:`", problems) if node else None
    if items is None:
        return ()
    texts = [
        (read_text(item, "a module's name", problems), item.place)
        for item in items.items
    ]
    return tuple((text, place) for text, place in texts if text is not None)


def _parameters(
    node: Node | None, problems: Problems
) -> dict[str, ParameterDeclaration]:
    mapping = read_mapping(node, "`params:`", problems) if node else None
    if mapping is None:
        return {}
    found = {}
    for name, value in mapping.items.items():
        key = mapping.keys[name]
        if check_name(key, "a parameter", problems, PARAMETER_NAMES):
            found[name] = _parameter(key, value)
    return found


def _parameter(key: Key, value: Node) -> ParameterDeclaration:
    if isinstance(value, Scalar) and value.value in PARAMETER_TYPES:
        return ParameterDeclaration(key, None, str(value.value))
    if isinstance(value, Scalar):
        kinds = {bool: "bool", int: "int", float: "float", str: "name"}
        return ParameterDeclaration(key, value, kinds.get(type(value.value), "any"))
    return ParameterDeclaration(key, value, "type" if _has_type(value) else "list")


def _has_type(value: Node) -> bool:
    return isinstance(value, Mapping)


def _modules(
    node: Node, problems: Problems, prefix: str = "", *, loose: bool = False
) -> tuple[Declaration, ...]:
    """The children of a class or a container; a list numbers them from 0.

    `loose` names need not be identifiers: no flow and no attribute calls them.
    """
    if isinstance(node, Items):
        pairs = [
            (Key(str(index), item.place), item) for index, item in enumerate(node.items)
        ]
        found = [_module(key, item, problems, prefix) for key, item in pairs]
        return tuple(item for item in found if item is not None)
    mapping = read_mapping(node, "`modules:`", problems)
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
) -> Declaration | None:
    path = prefix + key.name
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if node.value in CONTAINERS:
            problems.error(
                "missing-key",
                f"a `{node.value}` needs `modules:`",
                node.place,
                f"write `{shown(key.name)}: {{type: {node.value}, modules: [...]}}`",
            )
            return None
        kind = TypeReference(node.value, node.place)
        return Declaration(key, kind, {}, node.place, path=path)
    if isinstance(node, Mapping) and "type" in node.items:
        return _full_module(key, node, problems, path)
    what = "this has no `type:`" if isinstance(node, Mapping) else kind_of(node)
    problems.error(
        "missing-type",
        f"a module is a type or a mapping with `type:`, and {what}"
        if isinstance(node, Mapping)
        else f"a module is a type or a mapping with `type:`, not {what}",
        key.place,
        f"write `{shown(key.name)}: {{type: Conv2d, ...}}`",
    )
    return None


def _full_module(
    key: Key, node: Mapping, problems: Problems, path: str
) -> Declaration | None:
    type_node = node.items["type"]
    text = read_text(type_node, "a type", problems)
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
    when, place = _when(node.items.get("when"), problems)
    unused = node.items.get("unused")
    return Declaration(
        key,
        TypeReference(text, type_node.place),
        {
            name: Given(node.keys[name], value)
            for name, value in node.items.items()
            if name not in _MODULE_KEYS
        },
        node.place,
        _modules(children, problems, f"{path}.", loose=True)
        if children is not None
        else None,
        when,
        place,
        read_flag(unused, "`unused:`", problems) if unused is not None else False,
        path,
    )


def _when(
    node: Node | None, problems: Problems
) -> tuple[Expression | None, Place | None]:
    if node is None:
        return None, None
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return Constant(node.value), node.place
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return read_expression(node, problems), node.place
    problems.error(
        "wrong-form",
        f"`when:` is a condition, and this is {kind_of(node)}",
        node.place,
        "write it as `when: $stride != 1`",
    )
    return None, None


def _steps(node: Node, problems: Problems) -> dict[str, Step]:
    mapping = read_mapping(node, "`forward:`", problems)
    if mapping is None:
        return {}
    found = {}
    for name, value in mapping.items.items():
        key = mapping.keys[name]
        if not check_name(key, "a value", problems):
            continue
        body = _body(value, problems)
        if body is not None:
            found[name] = Step(key, body)
    return found


def _body(node: Node, problems: Problems) -> Pipe | PatchStep | None:
    if isinstance(node, Mapping):
        return _patch_step(node, problems)
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        problems.error(
            "wrong-form",
            f"a pipe is a line such as `x | conv1 | bn1`, not {kind_of(node)}",
            node.place,
        )
        return None
    try:
        return parse_pipe(node)
    except FlowError as error:
        problems.error("pipe-syntax", shown(str(error)), error.place, error.help)
        return None


def _patch_step(node: Mapping, problems: Problems) -> PatchStep | None:
    check_keys(node, ("patches", "forward"), "a patch step", problems)
    patches, forward = node.items.get("patches"), node.items.get("forward")
    if patches is None or forward is None:
        missing = "patches" if patches is None else "forward"
        problems.error("missing-key", f"a patch step needs `{missing}:`", node.place)
        return None
    mapping = read_mapping(patches, "`patches:`", problems)
    if mapping is None:
        return None
    keys = ("of", "grid", "as", "statistics")
    check_keys(mapping, keys, "`patches:`", problems)
    for name in keys[:3]:
        if name not in mapping.items:
            problems.error(
                "missing-key",
                f"`patches:` needs `{name}:`",
                mapping.place,
                "write `patches: {of: x, grid: [4, 4], as: patch}`",
            )
            return None
    return _patches(mapping, forward, problems)


def _patches(mapping: Mapping, forward: Node, problems: Problems) -> PatchStep | None:
    of, name = mapping.items["of"], mapping.items["as"]
    alias = read_text(name, "`as:`", problems)
    source = read_text(of, "`of:`", problems)
    if alias is None or source is None or not isinstance(of, Scalar):
        return None
    if not check_identifier(alias, name.place, "a value", problems):
        return None
    steps = _steps(forward, problems)
    return PatchStep(
        of,
        mapping.items["grid"],
        alias,
        _batch_statistics(mapping.items.get("statistics"), problems),
        steps,
        start_of(mapping),
        _broken(forward, steps),
    )


def _batch_statistics(node: Node | None, problems: Problems) -> bool:
    if node is None:
        return False
    if isinstance(node, Scalar) and node.value in ("batch", "patch"):
        return node.value == "batch"
    problems.error(
        "wrong-value",
        "`statistics:` is `patch` (each patch by itself) or `batch` (all together)",
        node.place,
    )
    return False
