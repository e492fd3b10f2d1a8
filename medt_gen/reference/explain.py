"""What a name stands for, at length: arguments, defaults, shapes and an example.

The sentences are the catalog's own: those of the tables in the docs and of editors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from textwrap import fill, wrap

from medt_gen.algebra.terms import axis_names
from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.arguments import Argument
from medt_gen.catalog.containers import PARAMETER, STAGE
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.catalog.initial_values import INITIAL_VALUES
from medt_gen.loading.load import load
from medt_gen.messages.explanations import as_text, explanations
from medt_gen.reference.examples import (
    Example,
    block_example,
    layer_example,
    operation_example,
)
from medt_gen.reference.topics import Topic, TopicKind
from medt_gen.reference.written import initial_call, operation_call
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.key_tables import KEY_TABLES
from medt_gen.spec.keys import KeyEntry
from medt_gen.spec.nodes import node_data
from medt_gen.spec.read_class import SOURCE, TITLE
from medt_gen.spec.read_flow import PATCHES
from medt_gen.spec.read_modules import STAGE_KEYS
from medt_gen.spec.schema_types import argument_schema, block_arguments
from medt_gen.spec.shipped import block_path, shipped_source
from medt_gen.spec.yaml_text import inline


@dataclass(frozen=True)
class Section:
    """Lines under a head, each as it is; without a head they are one paragraph."""

    head: str
    lines: tuple[str, ...]


def explained(topic: Topic) -> tuple[Section, ...]:
    """All there is to say of a topic, the sentence that says what it is first."""
    return tuple(_EXPLAIN[topic.kind](topic))


def as_paragraphs(sections: tuple[Section, ...]) -> str:
    """For a terminal."""
    return "\n\n".join(map(_paragraph, sections))


_WIDTH = 88


def _paragraph(section: Section) -> str:
    if not section.head:
        return "\n\n".join(map(_filled, "\n".join(section.lines).split("\n\n")))
    lines = (line for text in section.lines for line in _indented(text))
    return "\n".join([f"{section.head}:", *lines])


def _filled(text: str) -> str:
    """A long sentence broken into lines; examples as they are."""
    return text if "\n" in text or text.startswith(" ") else fill(text, _WIDTH)


def _indented(text: str) -> list[str]:
    """A line under a head; a sentence goes on in the next one, code does not."""
    if not text.startswith("`"):
        return [f"    {text}".rstrip()]
    return wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="      ")


def _what(topic: Topic, kind: str) -> Section:
    return Section("", (f"{topic.name} ({kind}): {topic.says}",))


def _arguments(arguments: tuple[Argument, ...]) -> Iterator[Section]:
    if arguments:
        lines = (argument_schema(item)["description"] for item in arguments)
        yield Section("arguments", tuple(lines))


def _example(example: Example, *before: str) -> Section:
    shapes = (f"# {example.shapes}",) if example.shapes else ()
    return Section("example", (*before, example.text, *shapes))


# --- the catalog ----------------------------------------------------------------------


def _layer(topic: Topic) -> Iterator[Section]:
    layer = LAYERS[topic.name]
    whose = "medt-gen" if layer.own else "torch"
    if layer.plugin is not None:
        whose = layer.plugin.words
    yield _what(topic, f"layer of {whose}")
    if layer.ranks is not None:
        yield Section("takes", tuple(_inputs(layer)))
    yield from _arguments(layer.arguments)
    example = layer_example(layer)
    yield _example(example)
    if example.after is None:
        reason = "No flow can call it: it is printed, built and compared."
        yield Section("", (reason,))


def _inputs(layer: LayerType) -> Iterator[str]:
    for rank in sorted(layer.ranks or ()):
        axes = "".join(f", {name[0].upper()}" for name in axis_names(rank))
        yield f"[N, C{axes}]"


def _container(topic: Topic) -> Iterator[Section]:
    yield _what(topic, "container")
    if topic.name == STAGE:
        yield Section(
            "keys", tuple(f"`{x.name}`: {x.says}" for x in STAGE_KEYS.entries)
        )
    yield Section("example", (_CONTAINER_EXAMPLES[topic.name],))


_CONTAINER_EXAMPLES: Mapping[str, str] = {
    "Sequential": "m: {type: Sequential, modules: [{type: Conv2d, out_channels: 16, "
    "kernel_size: 1}, ReLU]}",
    "ModuleList": "m: {type: ModuleList, modules: [ReLU, GELU]}  # x | m.0 | m.1",
    "ModuleDict": "m: {type: ModuleDict, modules: {main: ReLU}}  # x | m.main",
    PARAMETER: "g: {type: Parameter, shape: [16], init: ones()}  # x | scale(g)",
    STAGE: "m: {type: Stage, block: AxialBlock, planes: 16, depth: 2, stride: 2}",
}


def _operation(topic: Topic) -> Iterator[Section]:
    operation = OPERATIONS[topic.name]
    yield _what(topic, "operation of a pipe")
    yield Section("written", (operation_call(operation),))
    yield from _arguments(operation.arguments)
    yield _example(operation_example(operation))


def _initial_value(topic: Topic) -> Iterator[Section]:
    value = INITIAL_VALUES[topic.name]
    yield _what(topic, "initial value")
    yield Section("written", (initial_call(value),))
    yield from _arguments(value.arguments)
    given = ", ".join(f"{item.name}=0.5" for item in value.arguments if item.required)
    call = f"{value.name}({given})"
    yield Section("example", (f"init: {{Conv2d.weight: {call}}}",))


def _printed_class(topic: Topic) -> Iterator[Section]:
    layer = FOREIGN[topic.name]
    yield _what(topic, f"class of {layer.foreign}")
    yield from _arguments(layer.arguments)


# --- the language ---------------------------------------------------------------------


def _key(topic: Topic) -> Iterator[Section]:
    tables = {table.where: table for table in KEY_TABLES}
    entry: KeyEntry[object] = next(
        item for item in tables[topic.where].entries if item.name == topic.name
    )
    yield Section("", (f"{entry.name} (key of {topic.where}): {entry.says}",))
    inner = tables.get(f"`{entry.name}:`")
    if inner is not None:
        yield Section("keys", tuple(f"`{x.name}`: {x.says}" for x in inner.entries))
    yield Section("example", (entry.example, *_MORE.get(entry.name, ())))


_MORE: Mapping[str, tuple[str, ...]] = {
    PATCHES.name: (
        "forward: {out: patch | relu()}",
        "# x [N, 3, 64, 64] -> 16 patches [N, 3, 16, 16] -> [N, 3, 64, 64]",
    )
}
"""What goes with a key in an example, and the shapes that come of it."""


# --- what ships -----------------------------------------------------------------------


def _block(topic: Topic) -> Iterator[Section]:
    block = shipped_block(topic.name)
    yield _what(topic, "block that ships")
    if block.keys[SOURCE]:
        yield Section("source", (block.keys[SOURCE],))
    described = block_arguments(topic.name).values()
    yield Section("arguments", tuple(item["description"] for item in described))
    needed = {
        name: 16 for name, item in block.parameters.items() if item.default is None
    }
    yield _example(block_example(topic.name, needed))
    path = block_path(topic.name)
    assert path is not None
    lines = shipped_source(path).text.rstrip("\n").split("\n")
    yield Section("its text", tuple(lines))


def _spec(topic: Topic) -> Iterator[Section]:
    spec = load(topic.name)
    declaration = spec.network.root.declaration
    yield _what(topic, "spec that ships" if topic.kind == "spec" else "variant")
    facts = [declaration.keys[TITLE], declaration.keys[SOURCE]]
    if any(facts):
        yield Section("title and source", tuple(fact for fact in facts if fact))
    given = (
        f"{name}: {inline(node_data(item.default))}"
        for name, item in declaration.parameters.items()
        if item.default is not None
    )
    yield Section("parameters, as in --set params.NAME=VALUE", tuple(given))
    yield Section(
        "commands",
        (
            f"medt-gen build {topic.name}",
            f"medt-gen new mine.yaml --from {topic.name}",
        ),
    )


def _code(topic: Topic) -> Iterator[Section]:
    found = {str(name): item for name, item in explanations().items()}
    yield Section("", (as_text(found[topic.name]),))


_EXPLAIN: Mapping[TopicKind, Callable[[Topic], Iterator[Section]]] = {
    "spec": _spec,
    "variant": _spec,
    "block": _block,
    "layer": _layer,
    "container": _container,
    "operation": _operation,
    "initial value": _initial_value,
    "key": _key,
    "printed class": _printed_class,
    "code": _code,
}
