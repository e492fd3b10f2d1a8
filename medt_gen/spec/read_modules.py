"""Nodes -> declarations of modules; and the keys that a module can have."""

from __future__ import annotations

from dataclasses import replace

from medt_gen.algebra.expressions import Constant
from medt_gen.catalog.containers import CONTAINERS, STAGE
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import nearest, shown
from medt_gen.spec.declarations import (
    Condition,
    ModuleDeclaration,
    Modules,
    TypeReference,
    Written,
    good_ones,
)
from medt_gen.spec.expect import (
    check_loose_name,
    check_name,
    expect_expression,
    expect_flag,
    expect_mapping,
    expect_text,
)
from medt_gen.spec.fragments import (
    AXIS,
    TEXT,
    TYPE_NAME,
    or_expression,
)
from medt_gen.spec.identifiers import CHILD_NAMES, MODULE_NAMES
from medt_gen.spec.keys import (
    KeyContext,
    KeyEntry,
    KeyTable,
    KeyValues,
    as_written,
    read_keys,
)
from medt_gen.spec.nodes import Key, ListNode, MappingNode, Node, ScalarNode, kind_of
from medt_gen.spec.pipes import Name
from medt_gen.spec.read_open import OPEN


def read_modules(
    node: Node, problems: Problems, prefix: str = "", *, loose: bool = False
) -> Modules | Faulty:
    """The children of a class or a container; a list numbers them from 0.

    `loose` names need not be identifiers: no flow and no attribute calls them.
    """
    if isinstance(node, ListNode):
        named = _named_item(node)
        if named is not None:
            _complain_of_dashes(node, named, problems)
            return FAULTY
        keys = [Key(str(index), item.place) for index, item in enumerate(node.items)]
        return {
            key.name: _module(key, item, problems, prefix)
            for key, item in zip(keys, node.items, strict=True)
        }
    mapping = expect_mapping(node, "`modules:`", problems)
    if mapping is FAULTY:
        return FAULTY
    for name, item in mapping.items.items():
        if name in _SECTIONS and isinstance(item, MappingNode) and _is_section(item):
            _complain_of_section(mapping.keys[name], loose=loose, problems=problems)
            return FAULTY
    check = _check_child_name if loose else _check_attribute_name
    found: dict[str, ModuleDeclaration | Faulty] = {}
    for name, item in mapping.items.items():
        key = mapping.keys[name]
        good = check(key, problems)
        good = good and not _is_untyped(key, item, mapping, problems)
        found[name] = _module(key, item, problems, prefix) if good else FAULTY
    return found


def _is_untyped(key: Key, node: Node, modules: MappingNode, problems: Problems) -> bool:
    """Complain of a module without a type that is likely meant for a parent's."""
    if not isinstance(node, MappingNode) or names_a_class(node):
        return False
    source = key.place.source
    others = [x.name for x in modules.keys.values() if x.place.source is not source]
    near = nearest(key.name, others, most=1)
    if near:
        problems.error(
            "missing-type",
            f"`{shown(key.name)}` is a new module, and this has no `type:`",
            key.place,
            f"did you mean `{shown(near[0])}`? a new one needs `type:`",
        )
    return bool(near)


_SECTIONS = ("forward", "modules", "input", "params", "blocks", "training")


def _is_section(node: MappingNode) -> bool:
    """A part of a class, and no module: it has no type."""
    return not names_a_class(node)


def names_a_class(node: MappingNode) -> bool:
    """Whether a module says what it is: by its type, or as an open one."""
    return TYPE.name in node.items or OPEN.name in node.items


def _complain_of_section(key: Key, *, loose: bool, problems: Problems) -> None:
    text = f"`{key.name}:` is indented as a module"
    fix = "indent it as `modules:` is"
    if key.name == CHILDREN.name:
        text = "`modules:` stands beside the module that it belongs to"
        fix = "indent it as the `type:` of that module"
    problems.error("wrong-form", text, key.place, fix)


def _named_item(node: ListNode) -> Key | None:
    """The key of the first item that is a module with its name: `- conv: Conv2d`."""
    for item in node.items:
        if not isinstance(item, MappingNode) or names_a_class(item):
            continue
        for name, value in item.items.items():
            if _looks_like_a_module(value):
                return item.keys[name]
    return None


def _looks_like_a_module(node: Node) -> bool:
    """Whether it has a type, or is a word that begins as types do."""
    if isinstance(node, MappingNode):
        return names_a_class(node)
    text = node.value if isinstance(node, ScalarNode) else None
    return isinstance(text, str) and text[:1].isupper()


def _complain_of_dashes(node: ListNode, key: Key, problems: Problems) -> None:
    problems.error(
        "wrong-form",
        f"`{shown(key.name)}` has a name and a dash: a list numbers its modules, and a "
        "mapping names them",
        replace(node.place, end_line=node.place.line, end_column=node.place.column + 1)
        if node.place.text.startswith("-")
        else key.place,
        "remove the dashes, so that each line begins with the name of a module",
    )


def _check_attribute_name(key: Key, problems: Problems) -> bool:
    return check_name(key, "a module", problems, MODULE_NAMES)


def _check_child_name(key: Key, problems: Problems) -> bool:
    return check_loose_name(key, "a module", problems, CHILD_NAMES)


def _module(
    key: Key, node: Node, problems: Problems, prefix: str
) -> ModuleDeclaration | Faulty:
    path = prefix + key.name
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return _bare_type(key, node, problems, path)
    if isinstance(node, MappingNode) and names_a_class(node):
        return _full_module(key, node, problems, path)
    what = "this has no `type:`" if isinstance(node, MappingNode) else kind_of(node)
    problems.error(
        "missing-type",
        f"a module is a type or a mapping with `type:`, and {what}"
        if isinstance(node, MappingNode)
        else f"a module is a type or a mapping with `type:`, and this is {what}",
        node.place if isinstance(node, ScalarNode) and node.raw else key.place,
        f"write `{shown(key.name)}: {{type: Conv2d, ...}}`",
    )
    return FAULTY


def _bare_type(
    key: Key, node: ScalarNode, problems: Problems, path: str
) -> ModuleDeclaration | Faulty:
    text = str(node.value)
    if text in CONTAINERS:
        problems.error(
            "missing-key",
            f"a `{text}` needs `modules:`",
            node.place,
            f"write `{shown(key.name)}: {{type: {text}, modules: [...]}}`",
        )
        return FAULTY
    kind = TypeReference(text, node.place)
    return ModuleDeclaration(key, kind, {}, node.place, path=path)


def _full_module(
    key: Key, node: MappingNode, problems: Problems, path: str
) -> ModuleDeclaration | Faulty:
    keys = read_keys(node, COMPOSED_MODULE_KEYS, problems, path)
    kind = _kind(node, keys, problems)
    if kind is FAULTY:
        return FAULTY
    _check_children(node, kind, problems)
    unused = keys[UNUSED]
    arguments = {
        name: Written(node.keys[name], value)
        for name, value in node.items.items()
        if name not in COMPOSED_MODULE_KEYS.names
    }
    return ModuleDeclaration(
        key,
        kind,
        arguments,
        node.place,
        children=keys[CHILDREN],
        when=keys[WHEN],
        unused=unused is not False,
        unused_on=unused if isinstance(unused, Name) else None,
        path=path,
        keys=keys,
    )


def _kind(
    node: MappingNode, keys: KeyValues, problems: Problems
) -> TypeReference | Faulty:
    """What a module is: of a type, or open, and never both."""
    if OPEN.name not in node.items:
        return keys[TYPE]
    if TYPE.name in node.items:
        problems.error(
            "wrong-form",
            "`open:` and `type:` stand beside each other: an open module is of no type",
            node.keys[OPEN.name].place,
            "remove `type:` where the catalog has no such class, and else `open:`",
        )
        return FAULTY
    return keys[OPEN]


def _check_children(node: MappingNode, kind: TypeReference, problems: Problems) -> None:
    """Containers list what they hold, classes of others may, and nothing else does."""
    if kind.open or kind.text in FOREIGN:
        return
    given = node.keys.get(CHILDREN.name)
    if given is not None and kind.text not in CONTAINERS:
        problems.error(
            "unknown-key",
            f"`{shown(kind.text)}` holds no modules of its own",
            given.place,
            "put both in a `Sequential`, as in "
            f"`{{type: Sequential, modules: [{shown(kind.text)}, ...]}}`",
        )
    if given is None and kind.text in CONTAINERS:
        problems.error(
            "missing-key",
            f"a `{kind.text}` needs `modules:`",
            node.keys[TYPE.name].place,
            "list what it holds, in order",
        )


def _read_type(node: Node, context: KeyContext) -> TypeReference | Faulty:
    text = expect_text(node, "a type", context.problems)
    if text is FAULTY:
        return FAULTY
    return TypeReference(text, node.place, context.key.former)


def _read_when(node: Node, context: KeyContext) -> Condition | None:
    if isinstance(node, ScalarNode) and isinstance(node.value, bool):
        return Condition(Constant(node.value), node.place)
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        expression = expect_expression(node, context.problems)
        return None if expression is FAULTY else Condition(expression, node.place)
    context.problems.error(
        "wrong-form",
        f"`when:` is a condition, and this is {kind_of(node)}",
        node.place,
        "write it as `when: $stride != 1`",
    )
    return None


def _read_unused(node: Node, context: KeyContext) -> bool | Name:
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return Name(node.value, node.place)
    return expect_flag(node, "`unused:`", context.problems, "the name of a value")


def _read_children(node: Node, context: KeyContext) -> tuple[ModuleDeclaration, ...]:
    found = read_modules(node, context.problems, f"{context.path}.", loose=True)
    return () if found is FAULTY else good_ones(found)


TYPE: KeyEntry[TypeReference | Faulty] = KeyEntry(
    name="type",
    says="What the module is: a layer of the catalog, a block, a container, `Stage`, "
    "or a `$parameter` that holds a type.",
    example="type: Conv2d",
    schema=TYPE_NAME,
    read=_read_type,
    absent=FAULTY,
)
WHEN: KeyEntry[Condition | None] = KeyEntry(
    name="when",
    says="A condition; where it is false, the module does not exist, and is the "
    "identity in a pipe.",
    example="when: $stride != 1",
    schema={"type": ["boolean", "string"]},
    read=_read_when,
    absent=None,
)
UNUSED: KeyEntry[bool | Name] = KeyEntry(
    name="unused",
    says="The module is declared and never called: `true` where its sizes are given, "
    "or the value of the flow that it would be called with.",
    example="unused: skip3",
    schema={"type": ["boolean", "string"]},
    read=_read_unused,
    absent=False,
)
CHILDREN: KeyEntry[tuple[ModuleDeclaration, ...] | None] = KeyEntry(
    name="modules",
    says="What a container holds, or a class that can only be printed: a list, or a "
    "mapping with names.",
    example="modules: [ReLU, {type: Conv2d, out_channels: 8, kernel_size: 1}]",
    schema={"$ref": "#/$defs/modules"},
    read=_read_children,
    absent=None,
    whole={"$ref": "#/$defs/whole.modules"},
)
AFTER: KeyEntry[Node | None] = KeyEntry(
    name="after",
    says="The module behind which an extending spec puts this one.",
    example="after: conv1",
    schema=TEXT,
    read=as_written,
    absent=None,
)

COMPOSED_MODULE_KEYS = KeyTable("a module", (TYPE, OPEN, WHEN, UNUSED, CHILDREN))
"""Without `after:`, which composing has followed: one that is left is an argument that
no type has."""
MODULE_KEYS = KeyTable("a module", (*COMPOSED_MODULE_KEYS.entries, AFTER))

BLOCK: KeyEntry[Node | None] = KeyEntry(
    name="block",
    says="The type that is repeated; it gets all arguments that are not listed here.",
    example="block: AxialBlock",
    schema=TYPE_NAME,
    read=as_written,
    absent=None,
)
DEPTH: KeyEntry[Node | None] = KeyEntry(
    name="depth",
    says="How often the block is repeated; once without it.",
    example="depth: 3",
    schema=or_expression(AXIS),
    read=as_written,
    absent=None,
)
STRIDE: KeyEntry[Node | None] = KeyEntry(
    name="stride",
    says="The stride of the first block; the others have stride 1.",
    example="stride: 2",
    # It is the block's: what a block of the spec takes there can be anything.
    schema={},
    read=as_written,
    absent=None,
)
DROP_PATH: KeyEntry[Node | None] = KeyEntry(
    name="drop_path",
    says="The `drop_path` of each block in a list, or one number for all of them.",
    example="drop_path: [0.0, 0.1]",
    schema={},
    read=as_written,
    absent=None,
)
STAGE_KEYS = KeyTable(f"a `{STAGE}`", (BLOCK, DEPTH, STRIDE, DROP_PATH))
