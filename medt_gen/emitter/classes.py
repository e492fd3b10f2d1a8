"""One class: its docstring, constructor and methods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from medt_gen.algebra.python import PythonCall, literal
from medt_gen.emitter.code import docstring, laid_out
from medt_gen.emitter.construct import ClassWriter, constructed
from medt_gen.emitter.forward import FlowWriter, Method
from medt_gen.emitter.plan import ClassPlan, Constructed, Plan, is_network
from medt_gen.network.records import Group, Leaf, Module, Use
from medt_gen.spec.declarations import ClassDeclaration
from medt_gen.spec.read_class import SOURCE, TITLE


def class_text(plan: Plan, own: ClassPlan, frozen_epochs: int | None = None) -> str:
    """The source of a class, formatted."""
    writer = ClassWriter(plan, own)
    body = writer.body()
    methods = FlowWriter(writer).write()
    own.constructor = constructed(own, writer.owner)
    declaration = own.instances[0].declaration
    lines = [f"class {own.python_name}(nn.Module):"]
    lines += docstring(*_description(declaration, methods, plan, own), indent=1)
    lines += [
        "",
        *_signature(own, own.constructor),
        "        super().__init__()",
        *body,
    ]
    for method in methods:
        lines += ["", *_method(method, is_forward=method is methods[0])]
    gated = gated_layers(own) if is_network(own, plan) else []
    if frozen_epochs is not None and gated:
        lines += ["", *_schedule(frozen_epochs, gated)]
    if own.python_name != own.printed_name:
        lines += ["", *_printed_name(own.printed_name)]
    return "\n".join(lines) + "\n"


def _description(
    declaration: ClassDeclaration, methods: list[Method], plan: Plan, own: ClassPlan
) -> tuple[str, ...]:
    """The title, the source and the shapes; not what the file's docstring has."""
    title = declaration.keys[TITLE] or f"The `{declaration.name}` module"
    title = title.rstrip(".") + "."
    if is_network(own, plan):
        return (title,)
    network = plan.classes[-1].instances[0].declaration
    source = ""
    said = declaration.keys[SOURCE]
    if said and said != network.keys[SOURCE]:
        source = f"Source: {said.rstrip('.')}."
    before, after = methods[0].shapes
    shapes = f"From {before} to {after}." if after else "Its data flow is not known."
    return title, f"{source} {shapes}".strip()


def _signature(own: ClassPlan, takes: Constructed) -> list[str]:
    texts = ["self"]
    for name in takes.order:
        if name not in takes.positional and "*" not in texts:
            texts.append("*")
        kind = _annotation(own, takes, name)
        default = ""
        if name in takes.defaults:
            default = f" = {literal(takes.defaults[name])}"
        texts.append(f"{name}: {kind}{default}")
    return laid_out("def ", PythonCall("__init__", tuple(texts)), " -> None:", 1)


def _annotation(own: ClassPlan, takes: Constructed, name: str) -> str:
    declared = own.instances[0].declaration.parameters.get(name)
    if declared is not None:
        return _KINDS.get(declared.type, "int")
    values = [v for v in takes.extra.get(name, [0]) if v is not None]
    return type(values[0]).__name__


_KINDS = {"int": "int", "float": "float", "bool": "bool", "name": "str"}


def _method(method: Method, is_forward: bool) -> list[str]:
    before, after = method.shapes
    head = f"    def {method.name}(self, {method.value}: Tensor) -> Tensor:"
    if is_forward:
        return [head, *method.lines]
    text = f"One patch, from {before} to {after}."
    return [head, *docstring(text, indent=2), *method.lines]


def _schedule(epochs: int, gated: list[str]) -> list[str]:
    text = (
        f"Before epoch `epoch`, counted from 0: the gates learn from epoch {epochs} on."
    )
    return [
        "    def set_epoch(self, epoch: int) -> None:",
        *docstring(text, indent=2),
        "        for module in self.modules():",
        f"            if isinstance(module, {' | '.join(gated)}):",
        f"                module.open_gates(epoch >= {epochs})",
    ]


def _printed_name(name: str) -> list[str]:
    return [
        "    def _get_name(self) -> str:",
        f"        return {literal(name)}",
    ]


def gated_layers(own: ClassPlan) -> list[str]:
    """The classes of the layers inside that have gates to open."""
    found = (name for item in own.instances for name in _gated(item.modules))
    return sorted(set(found))


def _gated(modules: Iterable[Module]) -> Iterator[str]:
    for module in modules:
        body = module.body
        if isinstance(body, Leaf) and body.layer.opens_gates:
            yield body.layer.constructor
        elif isinstance(body, Use):
            yield from _gated(body.instance.modules)
        elif isinstance(body, Group):
            yield from _gated(body.children)
