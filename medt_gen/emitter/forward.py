"""`forward`: the statements that run the modules of a class."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medt_gen.algebra.python import (
    PythonCall,
    PythonCode,
    PythonKeyword,
    literal,
)
from medt_gen.algebra.terms import as_data
from medt_gen.catalog import OPERATIONS
from medt_gen.catalog.entries import Operand
from medt_gen.emitter.code import WIDTH, flat, laid_out
from medt_gen.emitter.construct import ClassContext
from medt_gen.emitter.flow_slots import FlowVariant, class_flow, step_key
from medt_gen.emitter.lines import SourceLine, calling, plain_lines
from medt_gen.emitter.local_names import variable
from medt_gen.emitter.outputs import result_code, result_type
from medt_gen.emitter.plan import is_word
from medt_gen.emitter.statements import Piece, Statement, packed
from medt_gen.emitter.values import Owner, shape_text
from medt_gen.emitter.variants import is_optional, variant_of
from medt_gen.messages.wording import either
from medt_gen.network.norms import normalises
from medt_gen.network.records import (
    Flow,
    FlowStep,
    Group,
    Leaf,
    Module,
    OwnParameter,
)
from medt_gen.spec.declarations import ModuleDeclaration, PatchStep
from medt_gen.spec.identifiers import MODULE_ATTRIBUTES
from medt_gen.spec.pipes import Name, OperationCall, Pipe, named_values

_INDENT = "        "


@dataclass(frozen=True)
class Method:
    """A method: its name, its inputs, the shapes of inputs and result, its lines."""

    name: str
    values: tuple[str, ...]
    before: str
    after: str
    lines: tuple[SourceLine, ...]
    returns: str = "Tensor"


def flow_methods(context: ClassContext) -> list[Method]:
    """The methods of a class: `forward`, then one for every patch step."""
    flow = class_flow(context.own)
    if flow is None:
        return [_unknown_flow(context)]
    return [_method(context, item) for item in _flows(flow)]


def _unknown_flow(context: ClassContext) -> Method:
    name = context.own.printed_name
    text = literal(f"{name} has no data flow: its spec has no `forward:`")
    call = PythonCall("NotImplementedError", (text,))
    lines = plain_lines(laid_out("raise ", call, "", 2))
    values = context.own.instances[0].declaration.inputs
    return Method("forward", tuple(map(variable, values)), "", "", tuple(lines))


def _flows(flow: FlowVariant) -> Iterator[FlowVariant]:
    yield flow
    for steps in flow.steps:
        if isinstance(steps[0].body, PatchStep):
            yield from _flows(flow.inner(steps))


def _method(context: ClassContext, flow: FlowVariant) -> Method:
    owner = context.signature.owner
    lines = [] if flow.path else input_check(context, flow)
    ranks = {name: len(shapes[0].size) for name, shapes in flow.inputs.items()}
    shown, assigned = "", set[str]()
    for steps in flow.steps:
        writing = _Step(context, flow, steps, dict(ranks))
        for statement in writing.statements():
            shape = "" if statement.shape == shown else statement.shape
            first = statement.target not in assigned
            lines += _statement_lines(statement, shape, first=first)
            shown = statement.shape
            assigned.add(statement.target)
        ranks[steps[0].name] = len(steps[0].shapes[-1].size)
    outputs = flow.flows[0].outputs
    code = result_code(outputs)
    lines += plain_lines(laid_out("return ", code, "", 2))
    return Method(
        _method_name(context, flow),
        tuple(variable(name) for name in flow.inputs),
        either([shape_text(shapes, owner) for shapes in flow.inputs.values()], "and"),
        after_text(flow, owner),
        tuple(lines),
        result_type(outputs),
    )


def input_check(context: ClassContext, flow: FlowVariant) -> list[SourceLine]:
    """The first statement of a network: what it refuses, before anything else does."""
    if context.sizes is None:
        return []
    sizes = context.sizes
    shape = context.own.instances[0].input
    arguments: list[PythonCode] = [
        variable(next(iter(flow.inputs))),
        literal(context.own.printed_name),
        str(shape.channels.number),
    ]
    bounds: dict[str, tuple[int | None, ...]] = {}
    if shape.size:
        bounds["multiples"] = sizes.multiples
    if sizes.least != sizes.multiples:
        bounds["least"] = sizes.least
    if any(end is not None for end in sizes.largest):
        bounds["largest"] = sizes.largest
    arguments += [PythonKeyword(key, literal(x)) for key, x in bounds.items()]
    call = PythonCall("check_input", tuple(arguments))
    return plain_lines(laid_out("", call, "", 2))


def after_text(flow: FlowVariant, owner: Owner) -> str:
    """The shape of the result, or of each of several."""
    outputs = flow.flows[0].outputs
    if outputs is None:
        return shape_text(flow.outputs, owner)
    shapes = [shape_text([item.shape], owner) for item in outputs.items]
    if outputs.keyed:
        keys = (literal(item.key) for item in outputs.items)
        shapes = [f"{key}: {shape}" for key, shape in zip(keys, shapes, strict=True)]
    return either(shapes, "and")


def _statement_lines(
    statement: Statement, shape: str, *, first: bool
) -> list[SourceLine]:
    """A statement with its shape behind its last line, or above where it is too long.

    The first assignment to `out` says its type: a module's call has none.
    """
    typed = first and statement.target == "out"
    target = "out: Tensor = " if typed else f"{statement.target} = "
    lines = laid_out(target, statement.code, "", 2)
    return calling(statement.calls, _commented(lines, shape))


def _commented(lines: list[str], shape: str) -> list[str]:
    if not shape:
        return lines
    comment = f"# {shape}"
    if len(lines[-1]) + 2 + len(comment) <= WIDTH:
        return [*lines[:-1], f"{lines[-1]}  {comment}"]
    if len(_INDENT) + len(comment) <= WIDTH:
        return [_INDENT + comment, *lines]
    return lines


def _method_name(context: ClassContext, flow: FlowVariant) -> str:
    """`forward`, or a free name after the values that lead to the patches."""
    if not flow.path:
        return "forward"
    declaration = context.own.instances[0].declaration
    taken = {module.name for module in declaration.modules} | MODULE_ATTRIBUTES
    name = f"{'_'.join(flow.path)}_branch"
    while name in taken:
        name += "_"
    return name


@dataclass(frozen=True)
class _Step:
    """A value of a flow that is being written; `ranks` are those of the ones so far."""

    context: ClassContext
    flow: FlowVariant
    steps: tuple[FlowStep, ...]
    ranks: dict[str, int]

    @property
    def target(self) -> str:
        """The variable of the value."""
        return variable(self.steps[0].name)

    def statements(self) -> list[Statement]:
        """The statements that compute the value."""
        body = self.steps[0].body
        if isinstance(body, PatchStep):
            return [self._over_patches(body)]
        start = variable(body.value.text)
        pieces = self._pieces(body)
        return packed(self.target, start, self._shape(0), pieces, WIDTH - len(_INDENT))

    def _shape(self, position: int) -> str:
        """The shape behind so many steps of the pipe."""
        shapes = [step.shapes[position] for step in self.steps]
        return shape_text(shapes, self.context.signature.owner)

    def _pieces(self, pipe: Pipe) -> Iterator[Piece]:
        for position, item in enumerate(pipe.steps):
            if isinstance(item, OperationCall):
                yield self._operation(item, position)
            elif (piece := self._module(item, position)) is not None:
                yield piece

    def _module(self, item: Name, position: int) -> Piece | None:
        """The call of a module; None where it exists in no instance."""
        own, name = self.context.own, item.text.split(".")[0]
        declaration = own.instances[0].declaration.module(name)
        assert isinstance(declaration, ModuleDeclaration)
        variant = variant_of(own, declaration)
        if not variant.present:
            return None
        shape = self._shape(position + 1)
        module = module_text(variant.modules[0], item.text)
        others = tuple(variable(other.text) for other in item.others)
        if is_optional(own, declaration):

            def where_it_exists(code: PythonCode) -> PythonCode:
                call = flat(PythonCall(module, (code, *others)))
                return f"{flat(code)} if self.{name} is None else {call}"

            return Piece(where_it_exists, shape, alone=True, calls=name)

        def called(code: PythonCode) -> PythonCode:
            return PythonCall(module, (code, *others))

        weighty = _is_weighty(own.instances[0].module(item.text))
        return Piece(called, shape, weighty=weighty, calls=name)

    def _operation(self, call: OperationCall, position: int) -> Piece:
        operation = OPERATIONS[call.name]
        names = [item.name for item in named_values(call) if item.name is not None]
        key = step_key(self.flow, self.steps[0].name, position)
        texts = self.context.signature.texts
        arguments = self.steps[0].arguments[position]
        given = {
            name: literal(as_data(value)) if is_word(call, name) else texts[key, name]
            for name, value in arguments.items()
        }
        listed = frozenset(
            name for name, value in arguments.items() if isinstance(value, tuple)
        )
        rank = len(self.steps[0].shapes[position].size)
        others = tuple(self._other(name, rank) for name in names)
        ranks = tuple(self.ranks.get(name, rank) for name in names)

        def applied(code: PythonCode) -> PythonCode:
            return operation.code(Operand(code, others, given, rank, ranks, listed))

        return Piece(applied, self._shape(position + 1))

    def _other(self, name: str, rank: int) -> str:
        """A value by its variable, or a tensor of the class, with its axes in place."""
        own = self.context.own.instances[0]
        if name in self.ranks:
            return variable(name)
        body = own.module(name).body
        assert isinstance(body, OwnParameter)
        axes = ", None" * rank
        by_channel = len(body.shape) == 1 and body.numbers != (1,) and axes
        return f"self.{name}[:{axes}]" if by_channel else f"self.{name}"

    def _over_patches(self, body: PatchStep) -> Statement:
        inner = self.flow.inner(self.steps)
        name = _method_name(self.context, inner)
        grid = literal(tuple(self.steps[0].grid))
        arguments: list[PythonCode] = [
            f"self.{name}",
            variable(str(body.of.value)),
            grid,
        ]
        norms = [] if body.batch_statistics else self._normalising(inner.flows[0])
        if norms:
            # Named, they keep the patches apart; without them the batch is one.
            own = self.context.own.instances[0]
            modules = tuple(
                module_text(own.module(name.split(".")[0]), name) for name in norms
            )
            arguments.append(PythonCall("", modules))
        code = PythonCall("over_patches", tuple(arguments))
        return Statement(self.target, code, self._shape(-1))

    def _normalising(self, flow: Flow) -> list[str]:
        """The modules of a branch that normalise by statistics of the batch."""
        instance = self.context.own.instances[0]
        called = dict.fromkeys(_called(flow))
        return [name for name in called if normalises(instance.module(name))]


def module_text(module: Module, path: str) -> str:
    """A module as `forward` names it, inside of `module` where the path goes on."""
    text = f"self.{module.name}"
    for key in path.split(".")[1:]:
        group = module.body
        assert isinstance(group, Group)
        text += _child_text(group, key)
        module = module.child(key)
    return text


def _child_text(group: Group, key: str) -> str:
    """What follows the text of a container: its child."""
    if group.kind == "ModuleDict":
        return f"[{literal(key)}]"
    if group.kind == "ModuleList" or key.isdecimal():
        return f"[{key}]"
    # A name in a Sequential: as an attribute it could be a tensor, for type checkers.
    return f".get_submodule({literal(key)})"


def _is_weighty(module: Module) -> bool:
    body = module.body
    return body.layer.weighty if isinstance(body, Leaf) else True


def _called(flow: Flow) -> Iterator[str]:
    for step in flow.steps:
        if isinstance(step.body, Pipe):
            yield from (item.text for item in step.body.steps if isinstance(item, Name))
        elif step.inner is not None:
            yield from _called(step.inner)
