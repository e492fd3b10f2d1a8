"""A key of the language is one entry: its reader, its schema and what it says.

What may stand where is a table of entries. From it come the check of unknown and of
missing keys, the values that a declaration is put together from, the JSON Schema with
the sentences that editors show, and the reference in docs/language.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NoReturn, TypeVar

from medt_gen.messages.diagnostics import InvalidInput, Note, Place
from medt_gen.messages.faulty import FAULTY, Faulty
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import did_you_mean, either, nearest, shown
from medt_gen.spec.expect import expect_mapping, expect_text
from medt_gen.spec.fragments import NOT_NULL, REMOVED, Schema, or_null
from medt_gen.spec.nodes import Key, MappingNode, Node, ScalarNode

Value = TypeVar("Value")
Made = TypeVar("Made", covariant=True)


@dataclass(frozen=True)
class KeyContext:
    """Where a key stands: in which mapping, and in the module of which path.

    `modules` are the names of the modules that a flow there may call.
    """

    key: Key
    mapping: MappingNode
    problems: Problems
    path: str = ""
    modules: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Needed:
    """What is said where a key is missing.

    `example` is a line that has it, together with others that may be missing.
    """

    message: str
    help: str | None = None
    example: str | None = None


@dataclass(frozen=True, eq=False)
class KeyEntry(Generic[Made]):
    """All that there is to know of the form of one key.

    `says` is a sentence for hover and docs, `example` a line of YAML with the key.
    `read` makes the value of the node, and complains where it can't; `absent` is the
    value where the key is not written. `needed` is what is said of one that must be;
    with one that `brings_others`, these may stand elsewhere.

    `schema` judges the key wherever it stands. A spec that extends another may leave
    out parts of it, or take it away by null; `whole` is what holds besides where none
    is extended.
    """

    name: str
    says: str
    example: str
    schema: Schema
    read: Callable[[Node, KeyContext], Made]
    absent: Made
    needed: Needed | None = None
    brings_others: bool = False
    whole: Schema = field(default_factory=lambda: NOT_NULL, repr=False)


@dataclass(frozen=True, eq=False)
class KeyTable:
    """The keys that may stand in one place; `where` is what messages call it."""

    where: str
    entries: tuple[KeyEntry[Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The keys, in the order of the reference."""
        return tuple(entry.name for entry in self.entries)

    def extended(self, where: str, *entries: KeyEntry[Any]) -> KeyTable:
        """This table for another place, with keys that are more, or read otherwise."""
        by_name = {entry.name: entry for entry in (*self.entries, *entries)}
        return KeyTable(where, tuple(by_name.values()))


@dataclass(frozen=True)
class KeyValues:
    """What the keys of a mapping say: `values[TITLE]` is what TITLE's reader made."""

    by_name: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, entry: KeyEntry[Value]) -> Value:
        value: Value = self.by_name.get(entry.name, entry.absent)
        return value


NO_KEYS = KeyValues()


def check_keys(mapping: MappingNode, table: KeyTable, problems: Problems) -> None:
    """Complain of every key that is not known here.

    Raises InvalidInput where lines stand beside the key that they belong under: then
    nothing else can be judged.
    """
    for parent, strays in _fallen_out(mapping, table):
        _complain_of_indentation(parent, strays, problems)
    known = table.names
    for name, key in mapping.keys.items():
        if name not in known:
            problems.error(
                "unknown-key",
                f"{table.where} has no key `{shown(name)}`",
                key.place,
                _key_help(name, known),
            )


def _key_help(name: str, known: Collection[str]) -> str | None:
    same = _SAME_KEY.get(name.casefold())
    if same not in known and name.casefold() in KEYS_ELSEWHERE:
        return KEYS_ELSEWHERE[name.casefold()]
    meant = meant_keys(name, known)
    if meant:
        return f"did you mean {either([f'`{item}`' for item in meant])}?"
    return did_you_mean(name, known)


def _fallen_out(
    mapping: MappingNode, table: KeyTable
) -> Iterator[tuple[Key, list[Key]]]:
    """Known keys without a value, each with the unknown ones that follow it."""
    parent: Key | None = None
    strays: list[Key] = []
    for name, item in mapping.items.items():
        if name not in table.names and parent is not None:
            strays.append(mapping.keys[name])
            continue
        if parent is not None and strays:
            yield parent, strays
        empty = isinstance(item, ScalarNode) and item.raw == ""
        parent = mapping.keys[name] if empty and name in table.names else None
        strays = []
    if parent is not None and strays:
        yield parent, strays


def _complain_of_indentation(
    parent: Key, strays: list[Key], problems: Problems
) -> NoReturn:
    names = [f"`{shown(key.name)}`" for key in strays[:4]]
    if len(strays) > len(names):
        names.append("more")
    one = len(strays) == 1
    stands = "stands" if one else "stand"
    belongs = "belongs" if one else "belong"
    problems.error(
        "unknown-key",
        f"{either(names, 'and')} {stands} beside `{parent.name}:`, and {belongs} under "
        "it",
        strays[0].place,
        f"indent {'it' if one else 'these lines'} by 2 spaces",
        Note(f"`{parent.name}:` has nothing under it", parent.place),
    )
    raise InvalidInput(*problems.in_order())


KEYS_ELSEWHERE: Mapping[str, str] = dict.fromkeys(
    ("loss", "losses", "optimizer", "optim", "lr", "epochs", "scheduler", "batch_size"),
    "how a network is trained stands under `training:`, as in `training: {lr: 0.001}`",
)
"""What people look for in a spec and is not there."""

_SAME_KEY: Mapping[str, str] = {
    **dict.fromkeys(("layers", "network", "backbone", "model", "nodes"), "modules"),
    **dict.fromkeys(("flow", "graph", "call", "connections"), "forward"),
    **dict.fromkeys(("args", "hyperparameters", "variables", "config"), "params"),
    **dict.fromkeys(("name", "classname"), "class"),
    **dict.fromkeys(("base", "parent", "from", "inherit", "inherits"), "extends"),
    **dict.fromkeys(("description", "doc"), "title"),
    **dict.fromkeys(("shape", "input_shape", "inputs", "image"), "input"),
    **dict.fromkeys(("img_size", "image_size", "resolution"), "size"),
    **dict.fromkeys(("in_channels", "in_chans"), "channels"),
    "version": "medt-gen",
    **dict.fromkeys(("learning_rate", "base_lr"), "lr"),
    **dict.fromkeys(("optim", "optimiser"), "optimizer"),
    **dict.fromkeys(("scheduler", "lr_schedule", "lr_scheduler"), "schedule"),
    **dict.fromkeys(("losses", "criterion"), "loss"),
    **dict.fromkeys(("augmentation", "augmentations", "transforms"), "augment"),
    **dict.fromkeys(("warmup", "warm_up"), "warmup_epochs"),
    **dict.fromkeys(("early_stopping", "early_stop"), "patience"),
    **dict.fromkeys(("amp", "mixed_precision"), "precision"),
    **dict.fromkeys(("num_epochs", "max_epochs"), "epochs"),
    **dict.fromkeys(("batch", "batchsize"), "batch_size"),
    **dict.fromkeys(("clip", "grad_clip", "gradient_clipping"), "clip_norm"),
}


def meant_keys(name: str, known: Collection[str]) -> list[str]:
    """The known keys that an unknown one likely stands for, the likeliest first."""
    same = _SAME_KEY.get(name.casefold())
    if same is not None and same in known:
        return [same]
    return nearest(name, known)


def check_needed(
    mapping: MappingNode, table: KeyTable, place: Place, problems: Problems
) -> bool:
    """Whether no key is missing; of several that one line mends, one is named."""
    missing = {
        entry.name: entry.needed
        for entry in table.entries
        if entry.needed is not None and entry.name not in mapping.items
    }
    # An unknown key near a missing one has been complained of, and told its name.
    unknown = (key for key in mapping.items if key not in table.names)
    misspelled = {name for key in unknown for name in meant_keys(key, table.names)[:1]}
    if any(entry.brings_others and entry.name in misspelled for entry in table.entries):
        return False
    by_fix: dict[str | None, list[str]] = {}
    for name, needed in missing.items():
        if name not in misspelled:
            by_fix.setdefault(needed.example or needed.help, []).append(name)
    for names in by_fix.values():
        needed = missing[names[0]]
        fix = needed.help
        if needed.example is not None:
            added = either([f"`{name}:`" for name in names], "and")
            fix = f"add {added}, as in `{needed.example}`"
        problems.error("missing-key", needed.message, place, fix)
    return not missing


def read_keys(
    mapping: MappingNode,
    table: KeyTable,
    problems: Problems,
    path: str = "",
    modules: frozenset[str] = frozenset(),
) -> KeyValues:
    """The values of the keys of `table` that are written."""
    return KeyValues(
        {
            entry.name: entry.read(
                mapping.items[entry.name],
                KeyContext(mapping.keys[entry.name], mapping, problems, path, modules),
            )
            for entry in table.entries
            if entry.name in mapping.items
        }
    )


def read_part(
    node: Node,
    table: KeyTable,
    problems: Problems,
    modules: frozenset[str] = frozenset(),
) -> KeyValues | Faulty:
    """The keys of a mapping inside a spec."""
    names = either([f"`{name}`" for name in table.names], "and")
    keys = "keys are" if len(table.names) > 1 else "key is"
    mapping = expect_mapping(node, table.where, problems, f"its {keys} {names}")
    if mapping is FAULTY:
        return FAULTY
    check_keys(mapping, table, problems)
    if not check_needed(mapping, table, mapping.place, problems):
        return FAULTY
    return read_keys(mapping, table, problems, modules=modules)


def as_written(node: Node, context: KeyContext) -> Node:
    """The node itself: a later stage, which knows more, makes a value of it."""
    return node


def read_text(node: Node, context: KeyContext) -> str | Faulty:
    """A string."""
    return expect_text(node, f"`{context.key.name}:`", context.problems)


def table_schema(table: KeyTable) -> Schema:
    """The schema of a mapping with keys of a table: of any of them, as in a variant."""
    return {
        "type": "object",
        "properties": properties(table),
        "additionalProperties": REMOVED,
    }


def properties(table: KeyTable) -> Schema:
    """The schema of each key, with the sentence that an editor shows."""
    return {
        entry.name: described(entry, or_null(entry.schema)) for entry in table.entries
    }


def whole_schema(table: KeyTable) -> Schema:
    """What holds besides where no parent has the rest: nothing is missing, or null."""
    nested = {
        entry.name: described(entry, entry.whole)
        for entry in table.entries
        if entry.whole is not NOT_NULL
    }
    needed = [entry.name for entry in table.entries if entry.needed is not None]
    return {
        "type": "object",
        "required": needed,
        "properties": nested,
        "additionalProperties": NOT_NULL,
    }


def described(entry: KeyEntry[Any], schema: Schema) -> Schema:
    """`schema` with what the key says."""
    return {**schema, "description": entry.says}
