"""Plugins: entry points of installed packages that add layers to the catalog.

One is used where a user names it: by an option, or in a `pyproject.toml` beside the
spec or in the working folder. A spec can't ask for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from medt_gen.catalog import SHIPPED, Catalog, Plugin
from medt_gen.loading.plugin_layers import layers_of, taken_twice
from medt_gen.loading.pyproject import Named, plugins_in
from medt_gen.messages.diagnostics import Diagnostic, Place, UnreadableInput
from medt_gen.messages.wording import did_you_mean, either, shown

GROUP = "medt_gen.layers"
"""The group of entry points in which a package offers a plugin."""

NAME_IT = '`--plugin {0}`, or `plugins=["{0}"]` in Python'
"""How a plugin is named, in help."""


def catalog_with(names: Sequence[str], *folders: Path) -> Catalog:
    """What ships, with the plugins that are named, and those of folders' projects.

    Raises UnreadableInput for a plugin that is not installed, or can't be used, and
    InvalidInput for a broken `pyproject.toml`. The modules of the records are imported,
    those of the classes are not.
    """
    named = [Named(name) for name in names]
    for folder in dict.fromkeys(_resolved(item) for item in folders):
        named += plugins_in(folder)
    # The first place that names one is told; the order is that of the names.
    wanted = {item.name: item for item in reversed(named)}
    if not wanted:
        return SHIPPED
    offers = _offers()
    order = dict.fromkeys(item.name for item in named)
    plugins = tuple(_plugin(wanted[name], offers) for name in order)
    taken_twice(plugins)
    return Catalog(plugins)


def _resolved(folder: Path) -> Path:
    """A folder as it is written, but for the one that has several names."""
    return Path() if folder.absolute() == Path.cwd() else folder


def installed_plugins() -> list[str]:
    """The names of all plugins that are installed; nothing of them is imported."""
    return sorted({item.name for item in _offers()})


def with_plugins_named(
    found: Iterable[Diagnostic], catalog: Catalog
) -> list[Diagnostic]:
    """The same; an unknown type may be one of a plugin that is not named."""
    from dataclasses import replace

    items = list(found)
    unknown = [item for item in items if item.code == "unknown-type"]
    used = {plugin.name for plugin in catalog.plugins}
    others = [x for x in installed_plugins() if x not in used] if unknown else []
    if not others:
        return items
    listed = either([f"`{shown(name)}`" for name in others], "and")
    hint = f"plugins that are installed and not named: {listed} (see `--plugin`)"
    return [
        replace(item, help=f"{item.help}; {hint}" if item.help else hint)
        if item.code == "unknown-type"
        else item
        for item in items
    ]


def _offers() -> list[metadata.EntryPoint]:
    return list(metadata.entry_points(group=GROUP))


def _plugin(named: Named, offers: Sequence[metadata.EntryPoint]) -> Plugin:
    found = [item for item in offers if item.name == named.name]
    if not found:
        raise _unknown(named, sorted({item.name for item in offers}))
    packages = sorted({_package(item) for item in found})
    if len(packages) > 1:
        raise UnreadableInput(
            Diagnostic(
                "plugin",
                f"several packages offer a plugin `{shown(named.name)}`: "
                f"{either([' '.join(item) for item in packages], 'and')}",
                named.place,
                "uninstall all but one",
            )
        )
    (package, version) = packages[0]
    plugin = Plugin(named.name, package, version, (), named.place)
    layers = layers_of(plugin, found[0].load)
    return Plugin(named.name, package, version, layers, named.place)


def _unknown(named: Named, installed: Sequence[str]) -> UnreadableInput:
    help = did_you_mean(named.name, installed) or (
        "install the package that offers it as an entry point of the group "
        f"`{GROUP}`; docs/plugins.md says how to write one"
    )
    message = f"no plugin called `{shown(named.name)}` is installed"
    return UnreadableInput(Diagnostic("plugin", message, named.place, help))


def _package(item: metadata.EntryPoint) -> tuple[str, str]:
    """The name and version of the distribution that an entry point is of."""
    found = item.dist
    if found is None:
        return "an unknown package", ""
    return shown(str(found.metadata["Name"])), shown(str(found.version))


def place_words(place: Place | None) -> str:
    """Where a plugin is named, for people; empty for an option."""
    return "" if place is None else f", named in {shown(place.source.name, 200)}"
