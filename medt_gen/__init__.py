"""medt-gen: a compiler from architecture specs to PyTorch models.

    spec = medt_gen.load("medt")        # or the path of a YAML file, or text=...
    model = medt_gen.build(spec)        # an nn.Module
    source = medt_gen.emit(spec)        # Python that needs torch and nothing else

What does the work is imported on first use: `import medt_gen` is cheap, and torch is
imported by `build` alone.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    MedtGenError,
    SpecWarning,
    UnreadableInput,
    headline,
)
from medt_gen.model import Network
from medt_gen.notebook_views import drawn_by
from medt_gen.version import __version__

if TYPE_CHECKING:
    from torch import nn

    from medt_gen.compare.comparison import Comparison
    from medt_gen.explorer.view import Page
    from medt_gen.fitting.fit import Fit
    from medt_gen.loading.spec import Spec

__all__ = [
    "Diagnostic",
    "InvalidInput",
    "MedtGenError",
    "Network",
    "SpecWarning",
    "UnreadableInput",
    "__version__",
    "build",
    "diff",
    "emit",
    "fit",
    "load",
    "parameter_groups",
    "spec_document",
    "view",
]


def load(
    path: str | os.PathLike[str] | None = None,
    *,
    text: str | None = None,
    overrides: Sequence[str] = (),
    allow_outside: bool = False,
    plugins: Sequence[str] = (),
) -> Spec:
    """Load a spec from a file, by the name of a shipped one, or from `text`.

    `overrides` are texts such as "input.size=256", as for `--set`; `allow_outside` lets
    `extends:` leave the project's folder; `plugins` names installed plugins whose
    layers it may use, beside those that a pyproject.toml names. Raises InvalidInput
    with everything that is wrong in the spec, UnreadableInput when there is nothing to
    read; what is only worth a look is a SpecWarning each.
    """
    from medt_gen.loading import load as loading

    if isinstance(overrides, str) or not isinstance(overrides, Sequence):
        raise TypeError('overrides is a list of texts, such as ["input.size=256"]')
    spec = loading.load(
        path,
        text=text,
        overrides=overrides,
        allow_outside=allow_outside,
        plugins=plugins,
    )
    for item in spec.warnings:
        warnings.warn(headline(item), SpecWarning, stacklevel=2)
    return spec


def build(
    spec: Spec | str | os.PathLike[str], *, weights: Literal["best", "last"] = "best"
) -> Network:
    """The network of `spec`, with fresh weights from torch's default generator.

    It is an nn.Module with a method `set_epoch`, to be called before each epoch: gates
    that a schedule keeps closed are closed when it is built, and open by that alone.

    Of the folder of a run it is the trained network, in eval mode, with the `weights`
    of its best or its last epoch. Raises UnreadableInput where that has none.
    """
    if isinstance(spec, (str, os.PathLike)):
        return _trained(spec, weights)
    from medt_gen.runtime import build as builder

    return builder.build(_loaded(spec))


def _trained(path: str | os.PathLike[str], weights: Literal["best", "last"]) -> Network:
    from pathlib import Path

    from medt_gen.files.run_folders import is_run
    from medt_gen.runs.weights import load_run

    if not is_run(Path(path)):
        raise TypeError(
            "this takes a loaded spec, not "
            f"{type(path).__name__}: medt_gen.load(...) first; or the folder of a run, "
            f"which {os.fspath(path)!r} is not"
        )
    return load_run(Path(path), weights).model


def emit(spec: Spec, *, attention: Literal["fast", "definition"] = "fast") -> str:
    """The Python source of the network of `spec`, which needs torch and nothing else.

    Only a layer of a plugin needs the package that brings it.

    With attention="definition", attention is written as the papers define it: the same
    numbers, for people who read, change or teach it. Raises ValueError for other forms.
    """
    from medt_gen.emitter import source

    if attention not in ("fast", "definition"):
        raise ValueError(f'attention is "fast" or "definition", not {attention!r}')
    return source.emit(_loaded(spec), attention=attention)


def _loaded(spec: Spec) -> Spec:
    from medt_gen.loading.spec import Spec

    if isinstance(spec, Spec):
        return spec
    raise TypeError(
        f"this takes a loaded spec, not {type(spec).__name__}: medt_gen.load(...) first"
    )


def diff(
    left: str | os.PathLike[str] | nn.Module,
    right: str | os.PathLike[str] | nn.Module,
    *,
    exact: bool = False,
    plugins: Sequence[str] = (),
) -> Comparison:
    """Compare two of these: printouts, specs, checkpoints, emitted files, models.

    Facts that both sides hold are compared, the others listed. `exact` also counts
    attributes that torch versions print differently; `plugins` are used for both sides.
    Raises InvalidInput or UnreadableInput where a side describes no network.
    """
    from medt_gen.compare import comparison
    from medt_gen.extensions.find import using

    with using(plugins):
        return comparison.diff(left, right, exact=exact)


def fit(
    weights: str | os.PathLike[str],
    target: str | os.PathLike[str] | Spec | nn.Module | None = None,
    *,
    key: str | None = None,
    drop: Sequence[str] = (),
    plugins: Sequence[str] = (),
) -> Fit:
    """Say which keys of some weights stand for which of a network, and what is amiss.

    `weights` is a checkpoint, or a text: a failed load_state_dict, or a list of keys;
    `target` a model, a loaded spec, or a file as for `diff`. `key` names the mapping to
    read in a training checkpoint, `drop` prefixes of keys to leave out. The record says
    what is renamed, missing, unexpected, and of other shapes, each with its reason;
    `.load_into(model)` loads, `.text()` is for people. Raises InvalidInput or
    UnreadableInput where a side can't be read.
    """
    from medt_gen.extensions.find import using
    from medt_gen.fitting import fit as fitting

    with using(plugins):
        return fitting.fit(weights, target, key=key, drop=drop)


def view(
    left: str | os.PathLike[str] | Spec | nn.Module,
    right: str | os.PathLike[str] | Spec | nn.Module | None = None,
    *,
    exact: bool = False,
    plugins: Sequence[str] = (),
) -> Page:
    """A network, or two as one, as a page to look at: its tree, its flow, every size.

    A side is a file as for `diff`, a loaded spec or any model; of a model that medt-gen
    did not build there is the tree alone. `page.write(path)` writes the page as one
    file, and a notebook shows it. `exact` counts attributes that torch versions print
    differently. Raises InvalidInput or UnreadableInput where a side can't be read.
    """
    from medt_gen.explorer import view as viewing
    from medt_gen.extensions.find import using

    with using(plugins):
        return viewing.view(left, right, exact=exact)


def parameter_groups(
    model: nn.Module,
    *,
    weight_decay: float,
    no_decay: Sequence[Literal["norms", "biases", "tables", "gates"]] = (),
) -> list[dict[str, Any]]:
    """The parameters of any model as groups for an optimiser.

    `optim.AdamW(p for p in model.parameters() if p.requires_grad)` leaves out gates
    that open later; these groups have them. `no_decay` names what decay is kept off:
    "norms", "biases", "tables" (of positions), "gates". Raises ValueError for others.
    """
    from medt_gen.runtime import parameter_groups as groups

    return groups.parameter_groups(model, weight_decay=weight_decay, no_decay=no_decay)


def spec_document(model: nn.Module) -> dict[str, Any]:
    """The composed spec that a model was built from, as plain data.

    The arguments that its class was called with stand in its `params:`. Raises
    ValueError for a model that medt-gen did not build.
    """
    from medt_gen.emitter import built

    return built.spec_document(model)


def _spec_html(spec: Spec) -> str:
    from medt_gen.explorer.view import spec_html

    return spec_html(spec)


def _comparison_html(found: Comparison) -> str:
    from medt_gen.explorer.view import comparison_html

    return comparison_html(found)


drawn_by("spec", _spec_html)
drawn_by("comparison", _comparison_html)
