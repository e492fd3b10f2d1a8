"""One class: its docstring, constructor and methods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from medt_gen.algebra.python import PythonCall, PythonInfix, literal
from medt_gen.emitter.checks import Refusal
from medt_gen.emitter.code import WIDTH, docstring, flat, laid_out
from medt_gen.emitter.construct import ClassContext, constructor_body
from medt_gen.emitter.forward import Method, flow_methods
from medt_gen.emitter.lines import SourceLine, plain_lines
from medt_gen.emitter.plan import ClassPlan
from medt_gen.emitter.signatures import Signature
from medt_gen.network.records import Group, Leaf, Module, Use
from medt_gen.spec.read_class import SOURCE, TITLE

PARAMETERS = "spec_parameters"
"""The attribute of a network that says with which arguments it was made."""

Refusals = Mapping[str, Sequence[Refusal]]
NOTHING_REFUSED: Refusals = {}

_MOST_NAMED = 6


@dataclass(frozen=True)
class ClassText:
    """A written class, line by line."""

    name: str
    lines: tuple[SourceLine, ...]

    @property
    def text(self) -> str:
        """The class as source."""
        return "\n".join(line.text for line in self.lines) + "\n"


def class_text(
    context: ClassContext,
    frozen_epochs: int | None = None,
    refusals: Refusals = NOTHING_REFUSED,
) -> ClassText:
    """The source of a class, formatted; `refusals` are of its arguments."""
    own, signature = context.own, context.signature
    methods = flow_methods(context)
    lines = plain_lines(
        [
            f"class {own.python_name}(nn.Module):",
            *docstring(*_description(context, methods[0]), indent=1),
            "",
            *_head(own, signature),
            "        super().__init__()",
            *_checks(refusals),
            *_kept_arguments(own, signature),
            *_kept_parameters(signature),
        ]
    )
    lines += constructor_body(context)
    for number, method in enumerate(methods):
        lines += [SourceLine(""), *_method(method, inner=number > 0)]
    gated = gated_layers(own) if own.is_network else []
    if frozen_epochs is not None and gated:
        lines += plain_lines(["", *_schedule(frozen_epochs, gated)])
    if own.python_name != own.printed_name:
        lines += plain_lines(["", *_printed_name(own.printed_name)])
    return ClassText(own.python_name, tuple(lines))


def _description(context: ClassContext, forward: Method) -> tuple[str, ...]:
    """The title, the source and the shapes; not what the file's docstring has."""
    own = context.own
    declaration = own.instances[0].declaration
    title = (declaration.keys[TITLE] or _contents(own)).rstrip(".") + "."
    if own.is_network:
        return (title,)
    network = context.plan.network.instances[0].declaration
    source = ""
    said = declaration.keys[SOURCE]
    if said and said != network.keys[SOURCE]:
        source = f"Source: {said.rstrip('.')}."
    known = bool(forward.after)
    flow = f"From {forward.before} to {forward.after}." if known else _UNKNOWN_FLOW
    return title, f"{source} {flow}".strip()


_UNKNOWN_FLOW = "Its data flow is not known."


def _contents(own: ClassPlan) -> str:
    """What a class without a title is: what it holds, in order of appearance."""
    name = own.instances[0].declaration.name
    counts = Counter(
        item.type for item in own.instances[0].modules if item.body is not None
    )
    held = [f"{count} {kind}" if count > 1 else kind for kind, count in counts.items()]
    if not held:
        return f"{name}: no modules"
    if len(held) > _MOST_NAMED:
        held = [*held[:_MOST_NAMED], f"{len(held) - _MOST_NAMED} further types"]
    return f"{name}: {', '.join(held)}"


def _head(own: ClassPlan, signature: Signature) -> list[str]:
    texts = ["self"]
    for name in signature.order:
        required = name in signature.positional
        if not required and not own.is_network and "*" not in texts:
            texts.append("*")
        default = ""
        if name in signature.defaults:
            default = f" = {literal(signature.defaults[name])}"
        texts.append(f"{name}: {_annotation(own, signature, name)}{default}")
    return laid_out("def ", PythonCall("__init__", tuple(texts)), " -> None:", 1)


def _annotation(own: ClassPlan, signature: Signature, name: str) -> str:
    declared = own.instances[0].declaration.parameters.get(name)
    values: list[object] = list(signature.extra.get(name, ()))
    if declared is not None:
        held = [environment.get(name) for environment in signature.owner.environments]
        values = [*held, signature.defaults.get(name)]
    lengths = {len(value) for value in values if isinstance(value, list | tuple)}
    one_length = len(lengths) == 1
    given = (value for value in values if value is not None)
    texts = sorted({_type(value, counted=one_length) for value in given})
    if {"float", "int"} <= set(texts):
        texts.remove("int")
    if declared is not None and declared.type in _KINDS:
        texts = [text for text in texts if text.startswith("tuple")]
        texts = [_KINDS[declared.type], *texts]
    return " | ".join(texts) or "int"


def _type(value: object, *, counted: bool) -> str:
    """The type of a value as an annotation says it.

    Where all lists are of one length, torch's own types say it: `counted` ones do.
    """
    if not isinstance(value, list | tuple):
        return type(value).__name__
    inner = " | ".join(sorted({_type(item, counted=counted) for item in value}))
    if not inner:
        return "tuple[()]"
    return (
        f"tuple[{', '.join([inner] * len(value))}]"
        if counted
        else f"tuple[{inner}, ...]"
    )


_KINDS = {"int": "int", "float": "float", "bool": "bool", "name": "str"}


def _checks(refusals: Refusals) -> list[str]:
    """What the constructor refuses, since the spec does."""
    lines: list[str] = []
    for name, items in refusals.items():
        conditions = tuple(item.condition for item in items)
        condition = flat(PythonInfix("or", conditions))
        lines.append(f"        if {condition}:")
        wanted = " and ".join(item.wanted for item in items)
        text = f'f"{name}={{{name}}}: wanted is {wanted}"'
        lines += laid_out("raise ", PythonCall("ValueError", (text,)), "", 3)
    return lines


def _kept_arguments(own: ClassPlan, signature: Signature) -> list[str]:
    """A network remembers its arguments: its spec has them as parameters."""
    if not own.is_network or not signature.order:
        return []
    margin, items = " " * 8, [f'"{name}": {name}' for name in signature.order]
    line = f"{margin}self.{PARAMETERS} = {{{', '.join(items)}}}"
    if len(line) <= WIDTH:
        return [line]
    inner = (f"{margin}    {item}," for item in items)
    return [f"{margin}self.{PARAMETERS} = {{", *inner, f"{margin}}}"]


def _kept_parameters(signature: Signature) -> list[str]:
    """What `forward` needs of the constructor's arguments."""
    return [f"        self.{name} = {text}" for text, name in signature.kept.items()]


def _method(method: Method, *, inner: bool) -> list[SourceLine]:
    values = tuple(f"{value}: Tensor" for value in method.values)
    call = PythonCall(method.name, ("self", *values))
    head = laid_out("def ", call, f" -> {method.returns}:", 1)
    if not inner:
        return [*plain_lines(head), *method.lines]
    text = f"One patch, from {method.before} to {method.after}."
    return [*plain_lines([*head, *docstring(text, indent=2)]), *method.lines]


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
