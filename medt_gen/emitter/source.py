"""A spec -> the source of its network, importing the layers or holding them."""

from __future__ import annotations

import ast
import shlex
from functools import cache
from typing import Any

from medt_gen.emitter.classes import class_text
from medt_gen.emitter.code import docstring, safe_text
from medt_gen.emitter.inline import (
    Import,
    import_lines,
    layer_library,
    names_in,
    needed,
)
from medt_gen.emitter.plan import plan_classes
from medt_gen.emitter.stamp import spec_hash, stamped
from medt_gen.loading.spec import Spec
from medt_gen.spec.read_class import SOURCE
from medt_gen.version import __version__

_TORCH = {
    "torch": Import("torch", "", "torch"),
    "Tensor": Import("torch", "Tensor", "Tensor"),
    "nn": Import("torch", "nn", "nn"),
    "F": Import("torch.nn", "functional", "F"),
    "OrderedDict": Import("collections", "OrderedDict", "OrderedDict"),
}


def emit(spec: Spec, *, standalone: bool = True) -> str:
    """The Python source of the network of `spec`.

    A standalone file needs torch and nothing else; otherwise the layers are imported
    from medt_gen. The rest of the text is the same.
    """
    plan = plan_classes(spec.network)
    classes = [
        class_text(plan, own, spec.network.frozen_epochs) for own in plan.classes
    ]
    names = names_in(ast.parse("\n".join(classes)))
    definitions = needed(names)
    if standalone:
        names = names.union(*(item.names for item in definitions))
    imports = [item for name, item in _known_imports().items() if name in names]
    if not standalone:
        direct = [item for item in definitions if item.name in names]
        imports += [Import(item.module, item.name, item.name) for item in direct]
    source = _template().render(
        header="\n".join(_header(spec)),
        imports=import_lines(imports),
        layers=[item.text for item in definitions] if standalone else [],
        classes=[text.rstrip("\n") for text in classes],
    )
    return stamped(source, spec.document)


def _known_imports() -> dict[str, Import]:
    return {**layer_library().imports, **_TORCH}


def _header(spec: Spec) -> list[str]:
    declaration = spec.network.root.declaration
    before, after = spec.network.root.input, spec.network.root.output
    said = declaration.keys[SOURCE]
    source = f"Source: {said.rstrip('.')}." if said else ""
    shapes = f"From images {before} to {after}."
    if after is None:
        shapes = "Its modules alone: the data flow is not known."
    digest = spec_hash(spec.document)
    *lines, end = docstring(
        spec.title.rstrip(".") + ".",
        f"{source} {shapes}".strip(),
        f"Written by medt-gen {__version__} from the spec {digest}, with the command",
        indent=0,
    )
    # On a line of its own, however long, so that it can be copied.
    return [*lines, command(spec), end]


def command(spec: Spec) -> str:
    """The command that writes this file again."""
    parts = ["medt-gen", "emit", spec.label]
    for option in spec.overrides:
        parts += ["--set", option]
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
