"""`training:`: the schedule of the gates, and what `medt-gen train` is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from medt_gen.catalog.training import SETTINGS, Setting, as_named
from medt_gen.messages.diagnostics import Place
from medt_gen.messages.faulty import FAULTY
from medt_gen.spec.expect import expect_integer
from medt_gen.spec.keys import (
    NO_KEYS,
    KeyContext,
    KeyEntry,
    KeyTable,
    KeyValues,
    read_part,
    table_schema,
    whole_schema,
)
from medt_gen.spec.nodes import MappingNode, Node, node_data


def _read_training(node: Node, context: KeyContext) -> KeyValues:
    return _part(node, TRAINING_KEYS, context)


def _read_gates(node: Node, context: KeyContext) -> KeyValues:
    return _part(node, GATES_KEYS, context)


def _part(node: Node, table: KeyTable, context: KeyContext) -> KeyValues:
    """The keys of a part that may be left out: none after a complaint."""
    keys = read_part(node, table, context.problems)
    return NO_KEYS if keys is FAULTY else keys


def _read_frozen_epochs(node: Node, context: KeyContext) -> int | None:
    epochs = expect_integer(node, "`frozen_epochs:`", 0, context.problems)
    return None if epochs is FAULTY else epochs


def _entry(setting: Setting) -> KeyEntry[Any]:
    """The key of `training:` that says a setting."""

    def read(node: Node, context: KeyContext) -> Any:
        data = as_named(setting, node_data(node))
        called = f"`{setting.name}:`"
        parts = list(_wrong_parts(setting, node))
        for part, place in parts or [(data, node.place)]:
            wrong = setting.problem(part, called)
            if wrong is None:
                return data
            message, help = wrong
            context.problems.error("wrong-value", message, place, help)
        return None

    return KeyEntry(
        name=setting.name,
        says=setting.says,
        example=f"{setting.name}: {as_yaml(setting.example)}",
        schema=dict(setting.form.schema),
        read=read,
        absent=None,
    )


def _wrong_parts(setting: Setting, node: Node) -> Iterator[tuple[Any, Place]]:
    """Of a mapping each item that is wrong by itself, at its key."""
    if not isinstance(node, MappingNode):
        return
    for name, item in node.items.items():
        part = {name: node_data(item)}
        if setting.form.fault(part) is not None:
            yield part, node.keys[name].place


def as_yaml(data: Any) -> str:
    """Plain data as YAML in a line."""
    if isinstance(data, dict):
        inner = (f"{name}: {as_yaml(item)}" for name, item in data.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(as_yaml, data)) + "]"
    return "off" if data is False else str(data)


FROZEN_EPOCHS: KeyEntry[int | None] = KeyEntry(
    name="frozen_epochs",
    says="The gates learn from this epoch on, counted from 0; the network gets a "
    "method `set_epoch`.",
    example="frozen_epochs: 10",
    schema={"type": "integer", "minimum": 0},
    read=_read_frozen_epochs,
    absent=None,
)
GATES_KEYS = KeyTable("`gates:`", (FROZEN_EPOCHS,))
GATES: KeyEntry[KeyValues] = KeyEntry(
    name="gates",
    says="How the gates of gated attention learn.",
    example="gates: {frozen_epochs: 10}",
    schema=table_schema(GATES_KEYS),
    read=_read_gates,
    absent=NO_KEYS,
    whole=whole_schema(GATES_KEYS),
)
_SETTING_ENTRIES = {setting.name: _entry(setting) for setting in SETTINGS}
TRAINING_KEYS = KeyTable("`training:`", (GATES, *_SETTING_ENTRIES.values()))
TRAINING: KeyEntry[KeyValues] = KeyEntry(
    name="training",
    says="What changes from epoch to epoch, and what `medt-gen train` is told.",
    example="training: {gates: {frozen_epochs: 10}}",
    schema=table_schema(TRAINING_KEYS),
    read=_read_training,
    absent=NO_KEYS,
    whole=whole_schema(TRAINING_KEYS),
)


def written_settings(keys: KeyValues) -> dict[str, Any]:
    """The settings that a spec's `training:` writes down, by name."""
    values = {name: keys[entry] for name, entry in _SETTING_ENTRIES.items()}
    return {name: value for name, value in values.items() if value is not None}
