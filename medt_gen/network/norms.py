"""Which modules normalise by statistics of the batch, themselves or inside."""

from __future__ import annotations

from medt_gen.network.records import Group, Leaf, Module, Use


def normalises(module: Module) -> bool:
    """Whether a module holds batch normalisation."""
    body = module.body
    if body is None:
        return False
    if isinstance(body, Group):
        return any(normalises(child) for child in body.children)
    if isinstance(body, Use):
        return any(normalises(child) for child in body.instance.modules)
    return isinstance(body, Leaf) and body.layer.normalises(body.values)
