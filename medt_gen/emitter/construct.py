"""`__init__`: the statements that make the modules of a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from medt_gen.algebra.python import (
    PythonCall,
    PythonCode,
    PythonKeyword,
    PythonRepeated,
    literal,
)
from medt_gen.catalog.containers import SEQUENTIAL
from medt_gen.emitter.code import laid_out
from medt_gen.emitter.initial import initial_code, own_lines
from medt_gen.emitter.lines import SourceLine, making, plain_lines
from medt_gen.emitter.plan import ClassPlan, Plan
from medt_gen.emitter.signatures import PATCHES, Signature, Signatures
from medt_gen.emitter.values import condition_text
from medt_gen.emitter.variants import (
    Variant,
    in_order_of_construction,
    is_optional,
    variant_of,
)
from medt_gen.loading.run_sizes import RunSizes
from medt_gen.network.records import Group, Leaf, Module
from medt_gen.spec.declarations import ModuleDeclaration
from medt_gen.spec.identifiers import name_problem

AttentionForm = Literal["fast", "definition"]
"""Whether attention is written in its fast form, or as the papers define it."""

_LEAST_REPEATED = 3


@dataclass(frozen=True)
class ClassContext:
    """A class that is being written, with the answers that writing it reads.

    `sizes` are those that a network takes; of a block nothing is checked.
    """

    plan: Plan
    own: ClassPlan
    signatures: Signatures
    attention: AttentionForm
    sizes: RunSizes | None = None

    @property
    def signature(self) -> Signature:
        """The signature of the class itself."""
        return self.signatures[self.own.python_name]


def constructor_body(context: ClassContext) -> list[SourceLine]:
    """The statements of `__init__`, in the order of construction."""
    own = context.own
    declaration = own.instances[0].declaration
    first = {name.text for name in declaration.construct_first}
    order = in_order_of_construction(own)
    lines = [
        line
        for module in order
        if module.name in first
        for line in _made(context, module, f"{module.name} = ")
    ]
    for module in declaration.modules:
        if not variant_of(own, module).present:
            continue
        if module.name in first:
            lines.append(SourceLine(f"        self.{module.name} = {module.name}"))
        else:
            lines += _made(context, module, f"self.{module.name} = ")
    return [*lines, *_made_again(context), *plain_lines(initial_calls(context))]


def _made_again(context: ClassContext) -> list[SourceLine]:
    """Modules that are assigned twice: what they draw is drawn twice."""
    lines: list[SourceLine] = []
    for name in context.own.instances[0].declaration.construct_again:
        module = context.own.instances[0].declaration.module(name.text)
        assert isinstance(module, ModuleDeclaration)
        variant = variant_of(context.own, module)
        if not variant.present:
            continue
        code, target = module_code(context, variant), f"self.{module.name}"
        texts = laid_out(f"{target} = ", code, "", 2)
        if is_optional(context.own, module):
            inner = laid_out(f"{target} = ", code, "", 3)
            texts = [f"        if {target} is not None:", *inner]
        lines += plain_lines(
            ["        # once more: its weights are drawn again", *texts]
        )
    return lines


def initial_calls(context: ClassContext) -> list[str]:
    """The passes of `init:`, one call each."""
    texts = context.signature.texts
    codes = [
        initial_code(context.own, number, texts)
        for number in range(len(context.own.instances[0].initial))
    ]
    return [line for code in codes for line in laid_out("", code, "", 2)]


def _made(
    context: ClassContext, module: ModuleDeclaration, target: str
) -> list[SourceLine]:
    variant = variant_of(context.own, module)
    if variant.own:
        lines = own_lines(variant, context.signature.texts, target.removesuffix(" = "))
        return making(module.name, lines)
    code = module_code(context, variant)
    if name_problem(module.name) is not None:
        call = PythonCall("self.add_module", (literal(module.name), code))
        return making(module.name, laid_out("", call, "", 2))
    if not is_optional(context.own, module) or module.when is None:
        return making(module.name, laid_out(target, code, "", 2))
    name = target.removesuffix(" = ")
    condition = condition_text(module.when.expression, context.signature.owner)
    head = [
        f"        {name}: {_annotation(variant.modules[0])} | None = None",
        f"        if {condition}:",
    ]
    return making(module.name, [*head, *laid_out(target, code, "", 3)])


def _annotation(module: Module) -> str:
    if isinstance(module.body, Leaf):
        return module.body.layer.annotation
    return "nn.Sequential" if isinstance(module.body, Group) else "nn.Module"


def module_code(context: ClassContext, variant: Variant) -> PythonCode:
    """The call that makes a module."""
    if variant.leaves:
        return _leaf(context, variant)
    if variant.uses:
        return _use(context, variant)
    children = [
        _Child(module.name, module_code(context, child))
        for module, child in zip(_children(variant), variant.children, strict=True)
    ]
    body = variant.modules[0].body
    return _container(body.kind if isinstance(body, Group) else SEQUENTIAL, children)


def _children(variant: Variant) -> tuple[Module, ...]:
    body = variant.modules[0].body
    return body.children if isinstance(body, Group) else ()


def _leaf(context: ClassContext, variant: Variant) -> PythonCode:
    leaf, texts = variant.leaves[0], context.signature.texts
    arguments: list[PythonCode] = []
    for name in leaf.arguments:
        text = texts[variant.path, name]
        positional = leaf.layer.argument(name).positional
        arguments.append(text if positional else PythonKeyword(name, text))
    layer = leaf.layer
    if leaf.volume and layer.volume_flag is not None:
        arguments.append(PythonKeyword(layer.volume_flag, "True"))
    defined_only = any(layer.defined_only(item.values) for item in variant.leaves)
    fast = layer.fast if context.attention == "fast" and not defined_only else None
    alone = PythonCall(fast or layer.constructor, tuple(arguments))
    if layer.apart is None or all(item.patches == 1 for item in variant.leaves):
        return alone
    count = str(leaf.patches) if context.own.is_network else PATCHES
    if layer.own:
        return PythonCall(layer.apart, (alone, count))
    return PythonCall(layer.apart, (*arguments, PythonKeyword(PATCHES, count)))


def _use(context: ClassContext, variant: Variant) -> PythonCode:
    target = context.plan.of(variant.uses[0].instance)
    needs = context.signatures[target.python_name]
    arguments: list[PythonCode] = []
    for name in needs.order:
        text = context.signature.texts[variant.path, name]
        if name in needs.defaults and text == literal(needs.defaults[name]):
            continue
        positional = name in needs.positional
        arguments.append(text if positional else PythonKeyword(name, text))
    return PythonCall(target.python_name, tuple(arguments))


@dataclass(frozen=True)
class _Child:
    """A module in a container."""

    name: str
    code: PythonCode


def _container(kind: str, children: list[_Child]) -> PythonCode:
    numbered = all(child.name == str(place) for place, child in enumerate(children))
    listed = tuple(_folded([child.code for child in children]))
    if kind == "ModuleList":
        return PythonCall("nn.ModuleList", (PythonCall("", listed),) if listed else ())
    if kind == SEQUENTIAL and numbered:
        return PythonCall("nn.Sequential", listed)
    if not children:
        return PythonCall(f"nn.{kind}", ())
    return PythonCall(f"nn.{kind}", (PythonCall("OrderedDict", _named(children)),))


def _named(children: list[_Child]) -> tuple[PythonCode, ...]:
    """The arguments of an OrderedDict: keywords, or pairs where a name is none."""
    if all(name_problem(child.name) is None for child in children):
        return tuple(PythonKeyword(child.name, child.code) for child in children)
    pairs = (PythonCall("", (literal(child.name), child.code)) for child in children)
    return (PythonCall("", tuple(pairs)),)


def _folded(children: list[PythonCode]) -> list[PythonCode]:
    """Three or more equal children in a row as one repetition."""
    folded: list[PythonCode] = []
    position = 0
    while position < len(children):
        end = position
        while end < len(children) and children[end] == children[position]:
            end += 1
        run = end - position
        if run >= _LEAST_REPEATED:
            folded.append(PythonRepeated(children[position], run))
        else:
            folded += children[position:end]
        position = end
    return folded
