"""What the documentation has from the source: tables of keys, operations and layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.entries import LayerType
from medt_gen.catalog.foreign import FOREIGN
from medt_gen.catalog.initial_values import INITIAL_VALUES
from medt_gen.printouts.versions import CHANGES, Change
from medt_gen.reference.written import in_short, initial_call, operation_call, written
from medt_gen.spec.key_tables import KEY_TABLES
from medt_gen.spec.keys import KeyEntry, KeyTable
from medt_gen.spec.pipes import GRAMMAR

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
    rows = ((f"`{operation_call(item)}`", item.summary) for item in OPERATIONS.values())
    return _table(("operation", "result"), rows)


def initial_value_table() -> str:
    """What `init:` can set a tensor to, with arguments and defaults."""
    rows = ((f"`{initial_call(item)}`", item.says) for item in INITIAL_VALUES.values())
    return _table(("initial value", "what it is"), rows)


def own_layer_table() -> str:
    """The layers that are ours, with the arguments that torch's documentation lacks."""
    own = (layer for layer in LAYERS.values() if layer.own)
    return _table(("type", "what it does", "arguments"), map(_layer_row, own))


def _layer_row(layer: LayerType) -> tuple[str, ...]:
    arguments = "; ".join(map(in_short, layer.arguments))
    return f"`{layer.name}`", layer.says, arguments


def torch_layer_table() -> str:
    """The layers that are torch's, with their arguments and defaults."""
    rows = (_torch_layer_row(x) for x in LAYERS.values() if not x.own)
    return _table(("type", "arguments", "inferred", "what it does"), rows)


def _torch_layer_row(layer: LayerType) -> tuple[str, ...]:
    given = [written(item) for item in layer.arguments if not item.inferred]
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
    return f"`{', '.join(map(written, layer.arguments))}`"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [_cells(heads), "|" + "---|" * len(heads), *map(_cells, rows)]
    return "\n".join(lines) + "\n"


def _cells(texts: Iterable[str]) -> str:
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"


def _writer(table: KeyTable) -> Callable[[], str]:
    return lambda: key_table(table)


PARTS: dict[str, Callable[[], str]] = {
    **{f"keys of {table.where}": _writer(table) for table in KEY_TABLES},
    "the grammar of pipes": pipe_grammar,
    "operations": operation_table,
    "initial values": initial_value_table,
    "layers of ours": own_layer_table,
    "layers of torch": torch_layer_table,
    "what versions of torch print": version_table,
    "classes of other libraries": foreign_table,
}
