"""Whether two resolutions of one module ask for the same weights."""

from __future__ import annotations

from collections.abc import Hashable

from medt_gen.algebra.terms import as_data
from medt_gen.network.records import Group, Instance, Leaf, Module, OwnParameter


class Weights:
    """Gives modules that ask for equal weights the same number.

    Each instance of a block is looked at once, however often blocks nest it.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._instances: dict[Instance, int] = {}

    def number(self, module: Module) -> int:
        """The number of what `module` holds."""
        body = module.body
        if body is None:
            return self._number("nothing")
        if isinstance(body, Leaf):
            given = sorted(
                (name, repr(as_data(x))) for name, x in body.arguments.items()
            )
            return self._number((body.layer.name, *given))
        if isinstance(body, OwnParameter):
            return self._number(("Parameter", *body.numbers))
        if isinstance(body, Group):
            parts = tuple(self.number(child) for child in body.children)
            text = body.printed.text if body.printed else ""
            return self._number((*text, *parts) if text else parts)
        return self._instance(body.instance)

    def _instance(self, instance: Instance) -> int:
        if instance not in self._instances:
            parts = tuple(self.number(module) for module in instance.modules)
            self._instances[instance] = self._number(parts)
        return self._instances[instance]

    def _number(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))
