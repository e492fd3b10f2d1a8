"""Nodes -> declarations: the form of a spec is judged here, its meaning later."""

from __future__ import annotations

from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.spec.declarations import (
    INPUT,
    ClassDeclaration,
    Modules,
    ParameterDeclaration,
    Parameters,
    Steps,
)
from medt_gen.spec.expect import (
    check_identifier,
    check_name,
    expect_list,
    expect_mapping,
    expect_text,
    start_of,
)
from medt_gen.spec.fragments import NAME, PARAMETER_NAME, TEXT
from medt_gen.spec.identifiers import PARAMETER_NAMES
from medt_gen.spec.keys import (
    KeyContext,
    KeyEntry,
    KeyTable,
    Needed,
    as_written,
    check_needed,
    read_keys,
    read_text,
)
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode
from medt_gen.spec.pipes import Name
from medt_gen.spec.read_flow import read_forward
from medt_gen.spec.read_init import INIT
from medt_gen.spec.read_modules import read_modules

LANGUAGE = 1
"""The version of the language that this release reads."""

PARAMETER_TYPES = ("int", "float", "bool", "type")


def declare_class(
    node: MappingNode,
    name: str,
    table: KeyTable,
    problems: Problems,
    *,
    shipped: bool = False,
) -> ClassDeclaration:
    """A network or a block from its mapping; `name` is what `class:` defaults to."""
    check_needed(node, table, start_of(node), problems)
    modules = node.items.get(MODULES.name)
    names = frozenset(modules.items if isinstance(modules, MappingNode) else ())
    keys = read_keys(node, table, problems, modules=names)
    return ClassDeclaration(
        name=keys[CLASS] or name,
        place=start_of(node),
        declared_parameters=keys[PARAMS],
        declared_modules=keys[MODULES],
        construct_first=keys[CONSTRUCT_FIRST],
        construct_again=keys[CONSTRUCT_AGAIN],
        forward=keys[FORWARD],
        inputs=keys[INPUTS],
        keys=keys,
        shipped=shipped,
        block=name,
        node=node,
    )


def _read_printed_class(node: Node, context: KeyContext) -> str | None:
    """Only printed: the emitter finds a free name for the class itself."""
    text = read_text(node, context)
    if text is FAULTY:
        return None
    valid = check_identifier(text, node.place, "a class", context.problems)
    return text if valid else None


def _read_optional_text(node: Node, context: KeyContext) -> str:
    text = read_text(node, context)
    return "" if text is FAULTY else text


def _read_names(node: Node, context: KeyContext) -> tuple[Name, ...]:
    items = expect_list(node, f"`{context.key.name}:`", context.problems)
    if items is FAULTY:
        return ()
    names = [_read_name(item, context.problems) for item in items.items]
    return tuple(name for name in names if name is not FAULTY)


def _read_inputs(node: Node, context: KeyContext) -> tuple[str, ...]:
    names = _read_names(node, context)
    good = [
        name.text
        for name in names
        if check_identifier(name.text, name.place, "an input", context.problems)
    ]
    if len(good) < len(names):
        return INPUTS.absent
    twice = [name for name in names if good.count(name.text) > 1]
    if twice or not good:
        place = twice[-1].place if twice else node.place
        text = f"`{twice[-1].text}` is named twice" if twice else "no input is named"
        context.problems.error(
            "wrong-value", text, place, "name each input once: `inputs: [x, skip]`"
        )
        return INPUTS.absent
    return tuple(good)


def _read_name(node: Node, problems: Problems) -> Name | Faulty:
    text = expect_text(node, "a module's name", problems)
    return FAULTY if text is FAULTY else Name(text, node.place)


def _read_parameters(node: Node, context: KeyContext) -> Parameters:
    mapping = expect_mapping(node, "`params:`", context.problems)
    if mapping is FAULTY:
        return {}
    found: dict[str, ParameterDeclaration | Faulty] = {}
    for name, value in mapping.items.items():
        key = mapping.keys[name]
        good = check_name(key, "a parameter", context.problems, PARAMETER_NAMES)
        found[name] = _parameter(key, value) if good else FAULTY
    return found


def _parameter(key: Key, value: Node) -> ParameterDeclaration:
    if isinstance(value, ScalarNode) and value.value in PARAMETER_TYPES:
        return ParameterDeclaration(key, None, str(value.value))
    if isinstance(value, ScalarNode):
        kinds = {bool: "bool", int: "int", float: "float", str: "name"}
        return ParameterDeclaration(key, value, kinds.get(type(value.value), "any"))
    held = "type" if isinstance(value, MappingNode) else "list"
    return ParameterDeclaration(key, value, held)


def _read_modules(node: Node, context: KeyContext) -> Modules | Faulty:
    loose = FORWARD.name not in context.mapping.items
    return read_modules(node, context.problems, loose=loose)


VERSION: KeyEntry[Node | None] = KeyEntry(
    name="medt-gen",
    says=f"The version of the language: {LANGUAGE}.",
    example=f"medt-gen: {LANGUAGE}",
    schema={"const": LANGUAGE},
    read=as_written,
    absent=None,
)
EXTENDS: KeyEntry[Node | None] = KeyEntry(
    name="extends",
    says="What this one changes: the name of a shipped spec or block, or the relative "
    "path of a file.",
    example="extends: medt",
    schema=TEXT,
    read=as_written,
    absent=None,
    brings_others=True,
)
CLASS: KeyEntry[str | None] = KeyEntry(
    name="class",
    says="The printed class; without it the name of the file, or of the block.",
    example="class: TinyNet",
    schema={**TEXT, **NAME},
    read=_read_printed_class,
    absent=None,
)
TITLE: KeyEntry[str] = KeyEntry(
    name="title",
    says="What it is, for people: it heads tables and the emitted docstring.",
    example="title: A small example",
    schema=TEXT,
    read=_read_optional_text,
    absent="",
)
SOURCE: KeyEntry[str] = KeyEntry(
    name="source",
    says="The paper or page that it follows, for the emitted docstring.",
    example="source: https://arxiv.org/abs/2102.10662",
    schema=TEXT,
    read=_read_optional_text,
    absent="",
)
PARAMS: KeyEntry[Parameters] = KeyEntry(
    name="params",
    says="Parameters with their defaults; `int`, `float`, `bool` or `type` in place of "
    "a default make a block's caller give the value.",
    example="params: {classes: 2, block: AxialBlock}",
    schema={
        "type": "object",
        "propertyNames": PARAMETER_NAME,
        "additionalProperties": {"$ref": "#/$defs/parameter"},
    },
    read=_read_parameters,
    absent={},
    whole={
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/whole.parameter"},
    },
)
MODULES: KeyEntry[Modules | Faulty] = KeyEntry(
    name="modules",
    says="The modules, by their printed names and in printed order.",
    example="modules: {relu: ReLU}",
    schema={"$ref": "#/$defs/modules"},
    read=_read_modules,
    absent=FAULTY,
    needed=Needed(
        "`modules:` is missing",
        "add `modules:`, with one line for each attribute that `print` shows",
    ),
    whole={"$ref": "#/$defs/whole.modules"},
)
CONSTRUCT_AGAIN: KeyEntry[tuple[Name, ...]] = KeyEntry(
    name="construct_again",
    says="Modules that are built a second time after all others, and so draw their "
    "weights anew, as code does that assigns them twice.",
    example="construct_again: [head]",
    schema={"type": "array", "items": TEXT},
    read=_read_names,
    absent=(),
)
CONSTRUCT_FIRST: KeyEntry[tuple[Name, ...]] = KeyEntry(
    name="construct_first",
    says="Modules that are built before their siblings, and so draw their weights "
    "first.",
    example="construct_first: [head]",
    schema={"type": "array", "items": TEXT},
    read=_read_names,
    absent=(),
)
FORWARD: KeyEntry[Steps | None] = KeyEntry(
    name="forward",
    says="The flow: named pipes, from the input `x` to the result `out`.",
    example="forward: {out: x | relu}",
    schema={"$ref": "#/$defs/forward"},
    read=read_forward,
    absent=None,
    whole={"$ref": "#/$defs/whole.forward"},
)
INPUTS: KeyEntry[tuple[str, ...]] = KeyEntry(
    name="inputs",
    says="What the inputs of a block are called in its `forward:`; without it there is "
    "one, `x`.",
    example="inputs: [x, skip]",
    schema={"type": "array", "items": {**TEXT, **NAME}, "minItems": 1},
    read=_read_inputs,
    absent=(INPUT,),
)
_CLASS_KEYS = (
    VERSION,
    EXTENDS,
    CLASS,
    TITLE,
    SOURCE,
    PARAMS,
    MODULES,
    CONSTRUCT_FIRST,
    CONSTRUCT_AGAIN,
    INIT,
    FORWARD,
)
CLASS_KEYS = KeyTable("a class", _CLASS_KEYS)
"""What a network and a block may have."""
BLOCK_KEYS = KeyTable(
    "a block",
    (*_CLASS_KEYS[:-1], INPUTS, FORWARD),
)
