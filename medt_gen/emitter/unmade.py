"""What no source can be written of: modules that are known by what they print."""

from __future__ import annotations

from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.wording import counted, first_of, shown
from medt_gen.network.records import Network
from medt_gen.network.unmade import Unmade, unmade_modules

_MOST_PATHS = 3


def refuse_unmade(network: Network) -> None:
    """Raise InvalidInput with all classes that can only be printed, if any."""
    found: dict[tuple[str, str | None], list[Unmade]] = {}
    for item in unmade_modules(network):
        found.setdefault((item.type, item.library), []).append(item)
    if not found:
        return
    first = next(iter(found.values()))[0]
    modules = counted(sum(map(len, found.values())), "module")
    raise InvalidInput(
        Diagnostic(
            "open-module",
            f"`{shown(network.name)}` can't be built: {modules} of it can be printed "
            f"and compared, and not be made: {'; '.join(map(_told, found.values()))}",
            first.place,
            "put layers of the catalog, or blocks, in their place",
        )
    )


def _told(items: list[Unmade]) -> str:
    """One class with its count and its first paths."""
    whose = "open" if items[0].open else f"of {items[0].library}"
    paths = first_of([item.path for item in items], _MOST_PATHS)
    name = f"`{shown(items[0].type)}`" if items[0].type else "a row without a class"
    return f"{len(items)} x {name}, {whose} ({paths})"
