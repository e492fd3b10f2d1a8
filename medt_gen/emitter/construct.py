"""`__init__`: the statements that make the modules of a class."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from medt_gen.algebra.expressions import Expression, Parameter, parameters, python_text
from medt_gen.algebra.python import (
    PythonCall,
    PythonCode,
    PythonKeyword,
    PythonRepeated,
    literal,
)
from medt_gen.algebra.terms import AXES, Plain, Term
from medt_gen.emitter.code import laid_out
from medt_gen.emitter.plan import ClassPlan, Constructed, Plan, is_network
from medt_gen.emitter.values import Constructor, chosen, instance_values
from medt_gen.network.records import Group, Leaf, Module, Use
from medt_gen.spec.declarations import ModuleDeclaration
from medt_gen.spec.identifiers import name_problem

_LEADING = ("in_channels",)


@dataclass(frozen=True)
class Variant:
    """A module as each of the instances `present` has it."""

    path: str
    modules: list[Module]
    present: list[int]

    def label(self, argument: str) -> str:
        """What a parameter of the class is called that holds this argument."""
        text = re.sub(r"\W", "_", f"{self.path}_{argument}", flags=re.ASCII)
        return f"_{text}" if text[0].isdigit() else text


class ClassWriter:
    """Writes the constructor of one class, and knows what it takes."""

    def __init__(self, plan: Plan, own: ClassPlan) -> None:
        self.plan = plan
        self.own = own
        self.owner = Constructor(own.instances, is_network(own, plan))

    def variant(self, declaration: ModuleDeclaration) -> Variant:
        """The module of `declaration` in the instances where it exists."""
        modules, present = [], []
        for index, instance in enumerate(self.own.instances):
            module = instance.module(declaration.name)
            if module.body is not None:
                modules.append(module)
                present.append(index)
        return Variant(declaration.name, modules, present)

    def optional(self, declaration: ModuleDeclaration) -> bool:
        """Whether some instances have the module and others do not."""
        return 0 < len(self.variant(declaration).present) < len(self.own.instances)

    def exists(self, declaration: ModuleDeclaration) -> bool:
        """Whether any instance has the module."""
        return bool(self.variant(declaration).present)

    def body(self) -> list[str]:
        """The statements of `__init__`, in the order of construction."""
        declaration = self.own.instances[0].declaration
        first = {name.text for name in declaration.construct_first}
        lines: list[str] = []
        for module in declaration.modules:
            if module.name in first and self.exists(module):
                lines += self._made(module, f"{module.name} = ")
        for module in declaration.modules:
            if not self.exists(module):
                continue
            if module.name in first:
                lines.append(f"        self.{module.name} = {module.name}")
            else:
                lines += self._made(module, f"self.{module.name} = ")
        return lines

    def _made(self, module: ModuleDeclaration, target: str) -> list[str]:
        variant = self.variant(module)
        code = self.code(variant)
        if name_problem(module.name) is not None:
            return laid_out(
                "", PythonCall("self.add_module", (literal(module.name), code)), "", 2
            )
        if not self.optional(module) or module.when is None:
            return laid_out(target, code, "", 2)
        kind = _python_type(variant.modules[0])
        name = target.removesuffix(" = ")
        condition = self._condition(module.when.expression)
        return [
            f"        {name}: {kind} | None = None",
            f"        if {condition}:",
            *laid_out(target, code, "", 3),
        ]

    def _condition(self, when: Expression) -> str:
        self.owner.used |= parameters(when)
        return python_text(when)

    def code(self, variant: Variant) -> PythonCode:
        """The call that makes a module."""
        bodies = [module.body for module in variant.modules]
        if isinstance(bodies[0], Leaf):
            leaves = [body for body in bodies if isinstance(body, Leaf)]
            return self._leaf(variant, leaves)
        if isinstance(bodies[0], Use):
            uses = [body for body in bodies if isinstance(body, Use)]
            return self._use(variant, uses)
        return self._group(variant)

    def _leaf(self, variant: Variant, leaves: list[Leaf]) -> PythonCode:
        layer = leaves[0].layer
        arguments: list[PythonCode] = []
        for name in leaves[0].arguments:
            slot = [leaf.arguments[name] for leaf in leaves]
            text = chosen(slot, variant.present, self.owner, variant.label(name))
            positional = layer.argument(name).positional
            arguments.append(text if positional else PythonKeyword(name, text))
        return self._call(leaves, arguments)

    def _call(self, leaves: list[Leaf], arguments: list[PythonCode]) -> PythonCode:
        leaf = leaves[0]
        name = leaf.layer.constructor
        if leaf.layer.apart is not None and any(leaf.patches > 1 for leaf in leaves):
            name = leaf.layer.apart
            arguments.append(PythonKeyword("patches", self._patches(leaf)))
        if leaf.volume and leaf.layer.volume_flag is not None:
            arguments.append(PythonKeyword(leaf.layer.volume_flag, "True"))
        return PythonCall(name, tuple(arguments))

    def _patches(self, leaf: Leaf) -> str:
        """How many patches a batch holds: a number in the network, else a parameter."""
        if self.owner.is_network:
            return str(leaf.patches)
        self.owner.used.add("patches")
        return "patches"

    def _use(self, variant: Variant, uses: list[Use]) -> PythonCode:
        target = self.plan.by_instance[id(uses[0].instance)]
        needs = target.constructor
        assert needs is not None, "used classes are written before their users"
        arguments: list[PythonCode] = []
        for name in needs.order:
            slot = [_passed(needs, target, use, name) for use in uses]
            text = chosen(slot, variant.present, self.owner, variant.label(name))
            if name in needs.defaults and text == literal(needs.defaults[name]):
                continue
            positional = name in needs.positional
            arguments.append(text if positional else PythonKeyword(name, text))
        return PythonCall(target.python_name, tuple(arguments))

    def _group(self, variant: Variant) -> PythonCode:
        groups = [m.body for m in variant.modules if isinstance(m.body, Group)]
        children: list[tuple[str, PythonCode]] = []
        for position, child in enumerate(groups[0].children):
            modules = [group.children[position] for group in groups]
            inner = Variant(f"{variant.path}.{child.name}", modules, variant.present)
            children.append((child.name, self.code(inner)))
        return _container(groups[0].kind, children)


def _container(kind: str, children: list[tuple[str, PythonCode]]) -> PythonCode:
    numbered = all(name == str(place) for place, (name, _) in enumerate(children))
    listed = tuple(_folded([code for _, code in children]))
    if kind == "ModuleList":
        return PythonCall("nn.ModuleList", (PythonCall("", listed),) if listed else ())
    if kind == "Sequential" and numbered:
        return PythonCall("nn.Sequential", listed)
    if not children:
        return PythonCall(f"nn.{kind}", ())
    if all(_is_keyword(name) for name, _ in children):
        named = tuple(PythonKeyword(name, code) for name, code in children)
        return PythonCall(f"nn.{kind}", (PythonCall("OrderedDict", named),))
    pairs = tuple(PythonCall("", (literal(name), code)) for name, code in children)
    return PythonCall(
        f"nn.{kind}", (PythonCall("OrderedDict", (PythonCall("", pairs),)),)
    )


def _is_keyword(name: str) -> bool:
    return name_problem(name) is None


def _folded(children: list[PythonCode]) -> list[PythonCode]:
    """Three or more equal children in a row as one repetition."""
    folded: list[PythonCode] = []
    position = 0
    while position < len(children):
        end = position
        while end < len(children) and children[end] == children[position]:
            end += 1
        run = end - position
        folded += (
            [PythonRepeated(children[position], run)]
            if run > 2
            else children[position:end]
        )
        position = end
    return folded


def _python_type(module: Module) -> str:
    if isinstance(module.body, Leaf):
        return module.body.layer.annotation
    return "nn.Sequential" if isinstance(module.body, Group) else "nn.Module"


def constructed(own: ClassPlan, owner: Constructor) -> Constructed:
    """The constructor of a class, once its body is written."""
    declared = own.instances[0].declaration.parameters
    defaults: dict[str, Plain] = {}
    for name, parameter in declared.items():
        node = parameter.default
        if node is not None and name in owner.used:
            defaults[name] = getattr(node, "value", None)
    if "patches" in owner.used:
        defaults["patches"] = 1
    required = [n for n in declared if n in owner.used and n not in defaults]
    positional = [n for n in _LEADING if n in owner.used] + required
    named = [n for n in AXES if n in owner.used] + list(owner.extra)
    return Constructed(
        (*positional, *named, *defaults),
        frozenset(positional),
        defaults,
        dict(owner.extra),
    )


def _passed(needs: Constructed, target: ClassPlan, use: Use, name: str) -> Any:
    """What a use passes for a parameter: a term over the enclosing class's."""
    if name in use.arguments:
        return use.arguments[name]
    if name in needs.extra:
        position = next(
            i for i, item in enumerate(target.instances) if item is use.instance
        )
        return Term(needs.extra[name][position])
    if name == "patches":
        return Term(use.instance.patches, Parameter("patches"))
    if name in use.sizes:
        return use.sizes[name]
    return Term(instance_values(use.instance)[name])
