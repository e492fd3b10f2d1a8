"""A spec -> the source of its network, importing the layers or holding them."""

from __future__ import annotations

import ast
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from medt_gen.algebra.terms import Plain
from medt_gen.catalog.layers import with_layers
from medt_gen.emitter.arguments import network_arguments
from medt_gen.emitter.classes import NOTHING_REFUSED, ClassText, Refusals, class_text
from medt_gen.emitter.code import docstring, safe_text
from medt_gen.emitter.construct import AttentionForm, ClassContext
from medt_gen.emitter.inline import (
    Definition,
    Import,
    import_lines,
    layer_texts,
    names_in,
    needed,
)
from medt_gen.emitter.line_map import ModuleLines, module_lines
from medt_gen.emitter.packages import imported_layers, needed_packages
from medt_gen.emitter.plan import Plan, plan_classes
from medt_gen.emitter.signatures import find_signatures
from medt_gen.emitter.stamp import spec_hash, stamped
from medt_gen.emitter.unmade import refuse_unmade
from medt_gen.loading.run_sizes import RunSizes
from medt_gen.loading.spec import Spec
from medt_gen.messages.wording import either, shown
from medt_gen.network.records import Flow, Network
from medt_gen.spec.read_class import SOURCE
from medt_gen.version import __version__

_TORCH = {
    "torch": Import("torch", "", "torch"),
    "Tensor": Import("torch", "Tensor", "Tensor"),
    "nn": Import("torch", "nn", "nn"),
    "F": Import("torch.nn", "functional", "F"),
    "partial": Import("functools", "partial", "partial"),
    "OrderedDict": Import("collections", "OrderedDict", "OrderedDict"),
}


@dataclass(frozen=True)
class Emitted:
    """The source of a network, and where in it each module is made and called.

    `lines` has the paths of `named_modules` but for those inside the layers.
    """

    source: str
    lines: dict[str, ModuleLines]


def emit(
    spec: Spec, *, standalone: bool = True, attention: AttentionForm = "fast"
) -> str:
    """The Python source of the network of `spec`.

    A standalone file needs torch and nothing else, but for the packages of plugins;
    otherwise the layers are imported from medt_gen. The rest of the text is the same.
    Raises InvalidInput where modules of it can only be printed.
    """
    written = _written(spec, attention)
    return _stamped(spec, _source(spec, written, standalone=standalone).text)


def emitted(spec: Spec) -> Emitted:
    """The source as `emit` gives it, with its map from modules to lines."""
    written = _written(spec, "fast")
    source = _source(spec, written, standalone=True)
    lines = module_lines(source.starts, written.plan, written.classes)
    return Emitted(_stamped(spec, source.text), lines)


def _stamped(spec: Spec, source: str) -> str:
    needs = needed_packages(spec.network)
    return stamped(source, spec.document, spec.plugins, needs)


@dataclass(frozen=True)
class _Written:
    """The classes of a network, used ones before their users."""

    plan: Plan
    classes: list[ClassText]
    attention: AttentionForm


def _written(spec: Spec, attention: AttentionForm) -> _Written:
    refuse_unmade(spec.network)
    plan = plan_classes(spec.network)
    with with_layers(spec.layers):
        arguments = network_arguments(spec, _class_texts)
    classes = written_classes(
        spec.network,
        plan,
        arguments.defaults,
        arguments.refusals,
        attention,
        spec.run_sizes,
    )
    return _Written(plan, classes, attention)


@dataclass(frozen=True)
class _Source:
    """A text, and the line in which each class of the network starts, by its name."""

    text: str
    starts: Mapping[str, int]


def _source(spec: Spec, written: _Written, *, standalone: bool) -> _Source:
    """The file without its stamp: network first, then blocks, then layers."""
    network, *blocks = _in_order_of_use(written.classes)
    code = "\n".join(item.text for item in (network, *blocks))
    names = names_in(ast.parse(code))
    definitions = needed(names)
    if standalone:
        names += [name for item in definitions for name in item.names]
    imports = [item for name, item in _known_imports().items() if name in names]
    imports += [
        Import(layer.module or "", name, name)
        for name, layer in imported_layers(spec.network).items()
    ]
    if not standalone:
        direct = [item for item in definitions if item.name in names]
        imports += [Import(item.module, item.name, item.name) for item in direct]
    text = _template().render(
        header="\n".join(_header(spec, written.attention)),
        imports=import_lines(imports),
        network=_place_of(network),
        blocks=[_place_of(item) for item in blocks],
        layers=_layer_texts(definitions, written.attention) if standalone else [],
        version=__version__,
    )
    return _filled(text, written.classes)


def _place_of(item: ClassText) -> str:
    """A line that stands for a class; no line of Python is like it."""
    return f"\0{item.name}"


def _filled(text: str, classes: list[ClassText]) -> _Source:
    """The text with the classes in their places, where they start written down."""
    by_place = {_place_of(item): item for item in classes}
    lines: list[str] = []
    starts: dict[str, int] = {}
    for line in text.split("\n"):
        item = by_place.get(line)
        if item is None:
            lines.append(line)
        else:
            starts[item.name] = len(lines) + 1
            lines += item.text.rstrip("\n").split("\n")
    return _Source("\n".join(lines), starts)


def _layer_texts(definitions: list[Definition], attention: AttentionForm) -> list[str]:
    """The layers; who asks for their definition reads their docstrings to the end."""
    if attention == "definition":
        return [item.whole for item in definitions]
    return [item.text for item in definitions]


def _in_order_of_use(classes: list[ClassText]) -> list[ClassText]:
    """The network, then each class behind all that use it, the first used one first."""
    uses = {item.name: _used_classes(item, classes) for item in classes}
    waiting = Counter(name for names in uses.values() for name in names)
    by_name = {item.name: item for item in classes}
    ready, ordered = [classes[-1].name], []
    while ready:
        name = ready.pop(0)
        ordered.append(by_name[name])
        for used in uses[name]:
            waiting[used] -= 1
            if not waiting[used]:
                ready.append(used)
    return ordered


def _used_classes(own: ClassText, classes: list[ClassText]) -> list[str]:
    """The classes that a class names, in order of appearance."""
    names = names_in(ast.parse(own.text))
    known = {item.name for item in classes} - {own.name}
    return [name for name in names if name in known]


def _class_texts(network: Network, arguments: Mapping[str, Plain]) -> list[str]:
    """The classes of a network whose own takes these arguments."""
    return [
        item.text for item in written_classes(network, plan_classes(network), arguments)
    ]


def written_classes(
    network: Network,
    plan: Plan,
    arguments: Mapping[str, Plain],
    refusals: Refusals = NOTHING_REFUSED,
    attention: AttentionForm = "fast",
    sizes: RunSizes | None = None,
) -> list[ClassText]:
    """All classes of a network, used ones before their users."""
    signatures = find_signatures(plan, arguments)
    *blocks, root = (
        ClassContext(plan, own, signatures, attention) for own in plan.classes
    )
    root = replace(root, sizes=sizes)
    return [
        *(class_text(block) for block in blocks),
        class_text(root, network.frozen_epochs, refusals),
    ]


def _known_imports() -> dict[str, Import]:
    return {**layer_texts().imports, **_TORCH}


def _header(spec: Spec, attention: AttentionForm) -> list[str]:
    declaration = spec.network.root.declaration
    root = spec.network.root
    said = declaration.keys[SOURCE]
    source = f"Source: {said.rstrip('.')}." if said else ""
    shapes = "Its modules alone: the data flow is not known."
    if root.flow is not None:
        what = {0: "features", 3: "volumes"}.get(len(root.input.size), "images")
        usual = spec.usual.root
        assert usual.flow is not None
        shapes = f"From {what} {usual.input} to {_results(usual.flow)}."
        if usual is not root:
            shapes += f" It takes images up to {root.input}: the shapes below."
    needs = needed_packages(spec.network)
    digest = spec_hash(spec.document)
    *lines, end = docstring(
        spec.title.rstrip(".") + ".",
        f"{source} {shapes}".strip(),
        *([f"Beside torch it needs the package {needs}."] if needs else []),
        f"Written by medt-gen {__version__} from the spec {digest}, with the command",
        indent=0,
    )
    # On a line of its own, however long, so that it can be copied.
    return [*lines, command(spec, attention), end]


def _results(flow: Flow) -> str:
    """The shape of the result, or of each of several."""
    if flow.outputs is None:
        return str(flow.result)
    items = flow.outputs.items
    if not flow.outputs.keyed:
        return either([str(item.shape) for item in items], "and")
    return either([f"'{shown(x.key)}' {x.shape}" for x in items], "and")


def command(spec: Spec, attention: AttentionForm) -> str:
    """The command that writes this file again."""
    parts = ["medt-gen", "emit", spec.label]
    for option in spec.overrides:
        parts += ["--set", option]
    if attention != "fast":
        parts += ["--attention", attention]
    return safe_text(shlex.join(parts))


@cache
def _template() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("medt_gen.emitter", "."),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
    )
    return environment.get_template("module.py.jinja")
