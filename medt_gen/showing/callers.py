"""What a flow calls each module on first: the value or the step before it."""

from __future__ import annotations

from collections.abc import Iterator

from medt_gen.network.records import Flow, Group, Instance, Module
from medt_gen.paths.keys import join
from medt_gen.spec.pipes import Name, Pipe


def callers(instance: Instance) -> dict[str, str]:
    """By module path, what stands before it where it is called first."""
    found: dict[str, str] = {}
    if instance.flow is not None:
        for path, before in _flow(instance.flow):
            found.setdefault(path, before)
    for module in instance.modules:
        if module.declaration.unused_on is not None:
            for path, before in _inside(module, module.declaration.unused_on.text):
                found.setdefault(path, before)
    return found


def _flow(flow: Flow) -> Iterator[tuple[str, str]]:
    for step in flow.steps:
        if step.inner is not None:
            yield from _flow(step.inner)
        elif isinstance(step.body, Pipe):
            before = step.body.value.text
            for item, module in zip(step.body.steps, step.modules, strict=True):
                if not isinstance(item, Name):
                    before = f"{item.name}()"
                    continue
                if module is not None and module.body is not None:
                    yield from _inside(module, before)
                before = item.text


def _inside(module: Module, before: str) -> Iterator[tuple[str, str]]:
    """A module and what it holds, the parts of a container one after the other."""
    path = module.declaration.label
    yield path, before
    yield from _parts(module, path, before)


def _parts(module: Module, path: str, before: str) -> Iterator[tuple[str, str]]:
    if not isinstance(module.body, Group):
        return
    for child in module.body.children:
        if child.body is None:
            continue
        inner = join(path, child.name)
        yield inner, before
        yield from _parts(child, inner, before)
        before = inner
