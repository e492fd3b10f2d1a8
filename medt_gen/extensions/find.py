"""Plugins by their names: what is installed, what each brings, and whether it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from medt_gen.catalog.containers import CONTAINERS, PARAMETER, STAGE
from medt_gen.catalog.entries import LayerType, PluginOrigin
from medt_gen.catalog.layers import (
    PRINTED_LAYERS,
    plugin_layers,
    plugin_names,
    with_layers,
)
from medt_gen.extensions.guard import guarded
from medt_gen.extensions.project import project_plugins
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import did_you_mean, either, shown
from medt_gen.spec.identifiers import CLASS_NAMES, IDENTIFIER
from medt_gen.spec.shipped import block_names

GROUP = "medt_gen.layers"
"""The group of entry points that plugins are found in."""

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_WRITE_ONE = "docs/plugins.md says what a plugin gives"


def installed() -> dict[str, list[metadata.EntryPoint]]:
    """The plugins that installed packages offer, by name; nothing of them is run."""
    found: dict[str, list[metadata.EntryPoint]] = {}
    for item in metadata.entry_points(group=GROUP):
        found.setdefault(item.name, []).append(item)
    return found


def plugin_catalog(names: Iterable[str]) -> dict[str, LayerType]:
    """The layers of these plugins, by name.

    Raises UnreadableInput for a plugin that is not there, that fails, or whose layers
    have names that something else has, be it another plugin that is in use.
    """
    found: dict[str, LayerType] = {}
    used = plugin_layers()
    named = list(dict.fromkeys(names))
    # Looking through all that is installed takes as long as reading a small spec.
    offers = installed() if named else {}
    for name in named:
        for layer in _layers(name, offers):
            other = found.get(layer.name) or used.get(layer.name)
            if other is not None and other.plugin != layer.plugin:
                assert other.plugin is not None
                reason = f"`{layer.name}` is a layer of {other.plugin.words}, too"
                raise _refused(name, reason)
            found[layer.name] = layer
    return found


@contextmanager
def using(names: Iterable[str], *folders: Path) -> Iterator[None]:
    """Know the layers of these plugins, and of those that projects name.

    `folders` are where a pyproject.toml may name some. Raises as `plugin_catalog` does,
    and InvalidInput for a pyproject.toml that is wrong.
    """
    with with_layers(plugin_catalog([*names, *project_plugins(*folders)])):
        yield


def unused() -> list[str]:
    """The plugins that are installed, and not in use right here."""
    used = plugin_names(plugin_layers())
    return [name for name in installed() if name not in used]


def _layers(
    name: str, offers: Mapping[str, Sequence[metadata.EntryPoint]]
) -> list[LayerType]:
    if name not in offers:
        known = list(offers)
        help = did_you_mean(name, known) if known else None
        raise UnreadableInput(
            Diagnostic(
                "plugin",
                f"there is no plugin `{shown(name)}`",
                help=help or "no package that is installed offers any",
            )
        )
    if len(offers[name]) > 1:
        packages = sorted(_package(item) for item in offers[name])
        offered = f"{either(packages, 'and')} offer a plugin of this name"
        raise _refused(name, offered, "remove one of the two packages")
    (entry,) = offers[name]
    version = entry.dist.version if entry.dist else "?"
    origin = PluginOrigin(name, _package(entry), version)
    return [guarded(layer, origin) for layer in _records(entry, origin)]


def _package(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.value


def _records(entry: metadata.EntryPoint, origin: PluginOrigin) -> list[LayerType]:
    """What a plugin gives, each of it judged."""
    try:
        given = entry.load()
        listed = list(given() if callable(given) else given)
    except (Exception, SystemExit) as error:
        reason = f"it can't be loaded: {type(error).__name__}: {error}"
        help = f"tell those who make {origin.package}"
        raise _refused(origin.name, reason, help) from error
    for item in listed:
        if not isinstance(item, LayerType):
            what = type(item).__name__
            raise _refused(origin.name, f"it gives a {what}, and should give LayerType")
    names = [item.name for item in listed]
    for item in listed:
        problem = _problem(item, names)
        if problem is not None:
            raise _refused(origin.name, problem)
    return listed


def _problem(layer: LayerType, names: Sequence[str]) -> str | None:
    """Why a layer can't be one of a plugin."""
    if not isinstance(layer.name, str) or not IDENTIFIER.fullmatch(layer.name):
        return f"`{shown(str(layer.name))}` is no name for a class"
    if names.count(layer.name) > 1:
        return f"it has two layers called `{layer.name}`"
    if layer.module is None or not _MODULE.fullmatch(layer.module):
        return f"`{layer.name}` does not say which `module` has its class"
    if layer.own or layer.fast or layer.apart:
        return f"`{layer.name}` has traits that only layers of medt-gen can have"
    if layer.statistics:
        # In patches it is run on one patch after the other, as it is.
        return f"`{layer.name}` says `statistics`, which only norms of torch can"
    if layer.name in block_names():
        return f"`{layer.name}` is a block that ships"
    if layer.name in CLASS_NAMES:
        return f"`{layer.name}` is a name that emitted Python uses"
    if layer.name in _catalog():
        return f"`{layer.name}` is a layer of the catalog"
    return None


def _catalog() -> frozenset[str]:
    """The names that ship, whatever plugins are in use."""
    own = (name for name, layer in PRINTED_LAYERS.items() if layer.plugin is None)
    return frozenset({*own, *CONTAINERS, STAGE, PARAMETER})


def _refused(name: str, reason: str, help: str = _WRITE_ONE) -> UnreadableInput:
    text = f"the plugin `{shown(name)}` can't be used: {shown(reason, 400)}"
    return UnreadableInput(Diagnostic("plugin", text, help=help))
