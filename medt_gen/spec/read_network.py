"""A composed spec -> its declaration: version, input, training and the class."""

from __future__ import annotations

from dataclasses import replace

from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import shown
from medt_gen.spec.declarations import InputDeclaration, InputSize, NetworkDeclaration
from medt_gen.spec.expect import (
    check_identifier,
    expect_integer,
    in_words,
    joined_numbers,
    start_of,
)
from medt_gen.spec.fragments import AXIS, BLOCK_NAME
from medt_gen.spec.identifiers import CLASS_NAMES
from medt_gen.spec.keys import (
    KeyContext,
    KeyEntry,
    KeyTable,
    Needed,
    as_written,
    check_keys,
    read_part,
    read_text,
    table_schema,
    whole_schema,
)
from medt_gen.spec.nodes import ListNode, MappingNode, Node, ScalarNode
from medt_gen.spec.read_class import (
    CLASS,
    CLASS_KEYS,
    FORWARD,
    LANGUAGE,
    MODULES,
    VERSION,
    declare_class,
)
from medt_gen.spec.read_flow import read_network_forward
from medt_gen.spec.read_training import TRAINING


def declare_network(
    node: MappingNode, name: str, problems: Problems
) -> NetworkDeclaration:
    """Read the form of a composed spec; `name` is the class when it names none."""
    check_keys(node, NETWORK_KEYS, problems)
    root = declare_class(node, name, NETWORK_KEYS, problems)
    modules = node.keys.get(MODULES.name)
    place = modules.place if modules else start_of(node)
    return NetworkDeclaration(root, root.keys[INPUT], place)


def _read_version(node: Node, context: KeyContext) -> Node:
    if not isinstance(node, ScalarNode) or node.value is not LANGUAGE:
        context.problems.error(
            "wrong-value",
            f"`medt-gen:` must be {LANGUAGE}, and {in_words(node)}",
            node.place,
            f"it is the version of the language: write `medt-gen: {LANGUAGE}`",
        )
    return node


def _read_class(node: Node, context: KeyContext) -> str | None:
    """The name of the emitted class itself, which stands beside the layers."""
    text = read_text(node, context)
    if text is FAULTY:
        return None
    if text.startswith("_"):
        context.problems.error(
            "bad-name",
            f"a class can't be called `{shown(text)}`: the layers keep such names",
            node.place,
            "choose a name that starts with a letter",
        )
        return None
    problems = context.problems
    known = check_identifier(text, node.place, "a class", problems, CLASS_NAMES)
    return text if known else None


def _read_input(node: Node, context: KeyContext) -> InputDeclaration | Faulty:
    vector = isinstance(node, MappingNode) and FEATURES.name in node.items
    table = VECTOR_KEYS if vector else INPUT_KEYS
    keys = read_part(node, table, context.problems)
    if keys is FAULTY:
        return FAULTY
    features = keys[FEATURES]
    if vector:
        no_axes = InputSize((), node.place)
        return FAULTY if features is FAULTY else InputDeclaration(features, no_axes)
    channels, size, largest = keys[CHANNELS], keys[SIZE], keys[LARGEST]
    if channels is FAULTY or size is FAULTY or largest is FAULTY:
        return FAULTY
    if largest is not None and not _is_larger(largest, size, context.problems):
        return FAULTY
    return InputDeclaration(channels, size, largest)


def _is_larger(largest: InputSize, size: InputSize, problems: Problems) -> bool:
    """Whether `largest:` has the axes of `size:`, each at least as long."""
    axes = "x".join(map(str, size.axes))
    if len(largest.axes) != len(size.axes):
        counts = len(largest.axes), len(size.axes)
        text = "`largest:` has {} axes, and `size:` has {}".format(*counts)
        problems.error("wrong-value", text, largest.place, "give both as many axes")
        return False
    if any(most < axis for most, axis in zip(largest.axes, size.axes, strict=True)):
        problems.error(
            "wrong-value",
            f"`largest:` is smaller than `size:`, which is {axes}",
            largest.place,
            "make it as large as the largest image, or leave it out",
        )
        return False
    return True


def _read_count(node: Node, context: KeyContext) -> int | Faulty:
    return expect_integer(node, f"`{context.key.name}:`", 1, context.problems)


def _read_size(node: Node, context: KeyContext) -> InputSize | Faulty:
    """N is [N, N]; a list has two axes for images and three for volumes."""
    name = context.key.name
    items = node.items if isinstance(node, ListNode) else (node, node)
    joined = joined_numbers(node, (2, 3))
    if joined or len(items) not in (2, 3):
        alone = items[0] if len(items) == 1 else None
        written = f"[{', '.join(joined or ('128', '256'))}]"
        if isinstance(alone, ScalarNode):
            written = str(alone.value)
        context.problems.error(
            "wrong-value",
            f"`{name}:` must be N, [H, W] or [D, H, W], and {in_words(node)}",
            node.place,
            f"write `{name}: {shown(written)}`",
        )
        return FAULTY
    numbers = [expect_integer(x, f"`{name}:`", 1, context.problems) for x in items]
    known = tuple(number for number in numbers if number is not FAULTY)
    return InputSize(known, node.place) if len(known) == len(items) else FAULTY


def _needed(name: str) -> Needed:
    # Two examples: the backticks between them are part of the sentence around.
    example = "input: {channels: 3, size: 128}`, or of a vector `input: {features: 12}"
    return Needed(f"`input:` needs `{name}:`", example=example)


CHANNELS: KeyEntry[int | Faulty] = KeyEntry(
    name="channels",
    says="How many channels the input has.",
    example="channels: 3",
    schema=AXIS,
    read=_read_count,
    absent=FAULTY,
    needed=_needed("channels"),
)
SIZE: KeyEntry[InputSize | Faulty] = KeyEntry(
    name="size",
    says="The size of each axis: N (for N x N), `[H, W]` or `[D, H, W]`.",
    example="size: [128, 256]",
    schema={
        "anyOf": [AXIS, {"type": "array", "items": AXIS, "minItems": 2, "maxItems": 3}]
    },
    read=_read_size,
    absent=FAULTY,
    needed=_needed("size"),
)
LARGEST: KeyEntry[InputSize | Faulty | None] = KeyEntry(
    name="largest",
    says="The largest size that will be met at run time: attention is made for it, and "
    "serves every smaller one.",
    example="largest: 256",
    schema={
        "anyOf": [AXIS, {"type": "array", "items": AXIS, "minItems": 2, "maxItems": 3}]
    },
    read=_read_size,
    absent=None,
)
FEATURES: KeyEntry[int | Faulty] = KeyEntry(
    name="features",
    says="How many features an input without axes of space has, in place of both.",
    example="features: 12",
    schema=AXIS,
    read=_read_count,
    absent=FAULTY,
)
INPUT_KEYS = KeyTable("`input:`", (CHANNELS, SIZE, LARGEST, FEATURES))
VECTOR_KEYS = KeyTable("`input:` with `features:`", (FEATURES,))

INPUT: KeyEntry[InputDeclaration | Faulty] = KeyEntry(
    name="input",
    says="What goes in: the channels, and the size of each axis.",
    example="input: {channels: 3, size: 64}",
    schema=table_schema(INPUT_KEYS),
    read=_read_input,
    absent=FAULTY,
    needed=Needed("`input:` is missing", "add `input: {channels: 3, size: 128}`"),
    whole={
        "if": {"required": [FEATURES.name]},
        "then": {"maxProperties": 1},
        "else": whole_schema(INPUT_KEYS),
    },
)
BLOCKS: KeyEntry[Node | None] = KeyEntry(
    name="blocks",
    says="The blocks of this spec by name, each in place or as the path of a file.",
    example="blocks: {Squeezed: ./squeezed.yaml}",
    schema={
        "type": "object",
        "propertyNames": BLOCK_NAME,
        "additionalProperties": {"$ref": "#/$defs/form.block"},
    },
    read=as_written,
    absent=None,
    whole={
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/whole.block"},
    },
)
_NETWORK_VERSION = replace(
    VERSION,
    read=_read_version,
    needed=Needed(
        f"`medt-gen: {LANGUAGE}` is missing: the version of the language",
        f"add `medt-gen: {LANGUAGE}` as the first line",
    ),
)
_NETWORK_CLASS = replace(CLASS, read=_read_class)
_NETWORK_FORWARD = replace(
    FORWARD,
    read=read_network_forward,
    schema={"$ref": "#/$defs/network.forward"},
    whole={"$ref": "#/$defs/whole.network.forward"},
)
NETWORK_KEYS = CLASS_KEYS.extended(
    "a spec",
    _NETWORK_VERSION,
    _NETWORK_CLASS,
    _NETWORK_FORWARD,
    INPUT,
    BLOCKS,
    TRAINING,
)
