"""What the documentation has from the source: tables of keys, operations and layers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable

from medt_gen.algebra.terms import as_data
from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.arguments import Argument
from medt_gen.catalog.entries import LayerType, OperationType
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.catalog.initial_values import INITIAL_VALUES
from medt_gen.printouts.versions import CHANGES, Change
from medt_gen.spec.keys import KeyEntry, KeyTable
from medt_gen.spec.pipes import GRAMMAR
from medt_gen.spec.read_flow import PATCH_STEP_KEYS, PATCHES_KEYS
from medt_gen.spec.read_modules import MODULE_KEYS, STAGE_KEYS
from medt_gen.spec.read_network import (
    GATES_KEYS,
    INPUT_KEYS,
    NETWORK_KEYS,
    TRAINING_KEYS,
)
from medt_gen.spec.read_open import OPEN_KEYS

TABLES = (
    NETWORK_KEYS,
    INPUT_KEYS,
    MODULE_KEYS,
    STAGE_KEYS,
    OPEN_KEYS,
    PATCH_STEP_KEYS,
    PATCHES_KEYS,
    TRAINING_KEYS,
    GATES_KEYS,
)

_PART = re.compile(
    r"(?P<begin><!-- (?P<what>[^\n]+?), written by tools\.refresh -->\n)"
    r".*?(?P<end><!-- end -->\n)",
    re.DOTALL,
)


def with_tables(page: str) -> str:
    """`page` with every part that stands between two comments written anew.

    Raises KeyError for a comment that names no part.
    """
    return _PART.sub(
        lambda found: found["begin"] + PARTS[found["what"]]() + found["end"], page
    )


def key_table(table: KeyTable) -> str:
    """The keys of one place, as a table of Markdown."""
    return _table(("key", "what it says", "such as"), map(_key_row, table.entries))


def _key_row(entry: KeyEntry[object]) -> tuple[str, ...]:
    return f"`{entry.name}`", entry.says, f"`{entry.example}`"


def pipe_grammar() -> str:
    """The grammar of `forward:`, as a block of code."""
    return f"```\n{GRAMMAR}```\n"


def operation_table() -> str:
    """The operations with their arguments and what they make of a value."""
    rows = ((f"`{_call(item)}`", item.summary) for item in OPERATIONS.values())
    return _table(("operation", "result"), rows)


def _call(operation: OperationType) -> str:
    """How an operation is written: its values first, then what else it takes."""
    values = ["value"] if operation.values.takes_values else []
    more = ["..."] if operation.values.most is None else []
    arguments = [_written(item) for item in operation.arguments]
    return f"{operation.name}({', '.join([*values, *more, *arguments])})"


def _written(argument: Argument) -> str:
    if not argument.optional:
        return argument.name
    return f"{argument.name}={_yaml(argument)}"


def _yaml(argument: Argument) -> str:
    """A default as a spec has it."""
    value = as_data(argument.default_value)
    return value if isinstance(value, str) else json.dumps(value)


def initial_value_table() -> str:
    """What `init:` can set a tensor to, with arguments and defaults."""
    rows = (
        (f"`{item.name}({', '.join(map(_written, item.arguments))})`", item.says)
        for item in INITIAL_VALUES.values()
    )
    return _table(("initial value", "what it is"), rows)


def own_layer_table() -> str:
    """The layers that are ours, with the arguments that torch's documentation lacks."""
    own = (layer for layer in LAYERS.values() if layer.own)
    return _table(("type", "what it does", "arguments"), map(_layer_row, own))


def _layer_row(layer: LayerType) -> tuple[str, ...]:
    arguments = "; ".join(map(_described, layer.arguments))
    return f"`{layer.name}`", layer.says, arguments


def _described(argument: Argument) -> str:
    text = f"`{argument.name}`: {argument.kind.words}"
    if argument.inferred:
        return f"{text}, inferred"
    return f"{text} (`{_yaml(argument)}`)" if argument.optional else text


def torch_layer_table() -> str:
    """The layers that are torch's, with their arguments and defaults."""
    rows = (_torch_layer_row(x) for x in LAYERS.values() if not x.own)
    return _table(("type", "arguments", "inferred", "what it does"), rows)


def _torch_layer_row(layer: LayerType) -> tuple[str, ...]:
    given = [_written(item) for item in layer.arguments if not item.inferred]
    inferred = [f"`{item.name}`" for item in layer.arguments if item.inferred]
    arguments = f"`{', '.join(given)}`" if given else ""
    return f"`{layer.name}`", arguments, ", ".join(inferred), layer.says


def version_table() -> str:
    """What versions of torch print differently, and where that was checked."""
    heads = ("class", "before", "since", "printed then", "checked by")
    return _table(heads, map(_change_row, CHANGES))


def _change_row(change: Change) -> tuple[str, ...]:
    first, *more = change.classes
    classes = (
        f"`{first}` and {len(more)} more"
        if len(more) > 2
        else ", ".join(f"`{name}`" for name in change.classes)
    )
    untold = "".join(f" (`{name}` is not told)" for name in change.untold)
    old = f"`{first}({change.old})`{untold}"
    return classes, old, change.since, f"`{first}({change.new})`", change.checked


def foreign_table() -> str:
    """The classes of other libraries, those together that take the same."""
    forms: dict[tuple[str, str], list[str]] = {}
    for layer in FOREIGN.values():
        assert layer.foreign is not None
        forms.setdefault((layer.foreign, _foreign_form(layer)), []).append(layer.name)
    rows = (
        (", ".join(f"`{name}`" for name in names), library, form)
        for (library, form), names in forms.items()
    )
    return _table(("type", "of", "takes"), rows)


def _foreign_form(layer: LayerType) -> str:
    if layer.keeps_text:
        return "the text that it `prints`; it holds no tensors of its own"
    if layer.like:
        return f"what `{layer.like}` takes, its sizes included"
    return f"`{', '.join(map(_written, layer.arguments))}`"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_cells(heads), "|" + "---|" * len(heads), *map(_cells, rows)]
    return "\n".join(lines) + "\n"


def _cells(texts: Iterable[str]) -> str:
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"


def _writer(table: KeyTable) -> Callable[[], str]:
    return lambda: key_table(table)


PARTS: dict[str, Callable[[], str]] = {
    **{f"keys of {table.where}": _writer(table) for table in TABLES},
    "the grammar of pipes": pipe_grammar,
    "operations": operation_table,
    "initial values": initial_value_table,
    "layers of ours": own_layer_table,
    "layers of torch": torch_layer_table,
    "what versions of torch print": version_table,
    "classes of other libraries": foreign_table,
}
