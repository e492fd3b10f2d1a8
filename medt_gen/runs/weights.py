"""Weights that carry their spec, and what is done to an image before they see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medt_gen.files.durable import write_durably
from medt_gen.images.preparation import OddPreparation, Preparation, preparation_of
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import first_of, shown
from medt_gen.runs.folder import WhichWeights, read_record, weights_file
from medt_gen.version import __version__

if TYPE_CHECKING:
    from torch import Tensor, nn

    from medt_gen.model import Network

_FORMAT = "medt-gen"


@dataclass(frozen=True)
class Trained:
    """A network with trained weights, in eval mode, and how images get into it."""

    name: str
    spec: Spec
    model: Network
    preparation: Preparation
    facts: Mapping[str, Any]


def write_weights(
    path: Path,
    state: Mapping[str, Tensor],
    spec_text: str,
    preparation: Preparation,
    facts: Mapping[str, Any],
) -> None:
    """Write a safetensors file, whose metadata has all that predicting needs.

    Raises UnreadableInput where it can't be written.
    """
    from safetensors.torch import save

    whole = {
        "version": __version__,
        "spec": spec_text,
        "preparation": preparation.record(),
        "facts": dict(facts),
    }
    # One entry: several would be written in another order each time.
    metadata = {_FORMAT: json.dumps(whole)}
    # Tensors that share memory would be refused; each is written for itself.
    tensors = {
        name: item.detach().cpu().contiguous().clone() for name, item in state.items()
    }
    write_durably(path, save(tensors, metadata))


def load_run(folder: Path, which: WhichWeights) -> Trained:
    """The network of a run, with its best or its last weights."""
    read_record(folder)
    path = weights_file(folder, which)
    if not path.is_file():
        text = f"{shown(str(folder), 500)} has no {path.name} yet"
        help = "they are written at the end of the first epoch"
        raise UnreadableInput(Diagnostic("run", text, help=help))
    return replace(load_weights(path), name=str(folder))


def load_trained(
    path: Path,
    which: WhichWeights = "best",
    spec: Spec | None = None,
    preparation: Preparation | None = None,
) -> Trained:
    """The network of a run's folder, or of one file of weights."""
    if path.is_dir() or not path.exists():
        return load_run(path, which)
    return load_weights(path, spec, preparation)


def load_weights(
    path: Path, spec: Spec | None = None, preparation: Preparation | None = None
) -> Trained:
    """The network in a file of weights; what its metadata lacks has to be given.

    Raises UnreadableInput where it is not given, or the file is another.
    """
    from medt_gen.runtime.build import build
    from medt_gen.weights.read import load_tensors, read_weights

    stored = read_weights(str(path))
    metadata = _metadata(path)
    if spec is None and "spec" in metadata:
        spec = load(text=metadata["spec"])
    if preparation is None and "preparation" in metadata:
        preparation = _preparation(path, metadata["preparation"])
    if spec is None or preparation is None:
        raise UnreadableInput(
            Diagnostic(
                "run",
                f"{shown(str(path), 500)} does not say "
                + (
                    "what its network is" if spec is None else "how images are prepared"
                ),
                help="name the folder of the run; or give --spec SPEC and "
                "--prepared-as RUN, whose images were prepared alike",
            )
        )
    model = build(spec)
    _fill(model, load_tensors(stored), path)
    model.eval()
    facts = metadata.get("facts", {})
    return Trained(str(path), spec, model, preparation, facts)


def _fill(model: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    own = {name: tuple(item.shape) for name, item in model.state_dict().items()}
    given = {name: tuple(item.shape) for name, item in tensors.items()}
    odd = sorted(name for name in {*own, *given} if own.get(name) != given.get(name))
    if odd:
        raise UnreadableInput(
            Diagnostic(
                "run",
                f"{shown(str(path), 500)} are not weights of this network: "
                f"{first_of(odd, 3, '`')} differ",
                help=f"`medt-gen fit {path} SPEC` says how",
            )
        )
    model.load_state_dict(dict(tensors))


def _metadata(path: Path) -> dict[str, Any]:
    """What a safetensors file says of itself; nothing for other files."""
    with path.open("rb") as file:
        start = file.read(9)
        length = int.from_bytes(start[:8], "little")
        if start[8:] != b"{" or length > 1 << 28:
            return {}
        try:
            header = json.loads(b"{" + file.read(length - 1))
            found = json.loads(header["__metadata__"][_FORMAT])
        except (ValueError, KeyError, TypeError):
            return {}
    return found if isinstance(found, dict) else {}


def _preparation(path: Path, record: Any) -> Preparation:
    try:
        return preparation_of(record)
    except (ValueError, TypeError, OddPreparation) as error:
        reason = f"can't read {shown(str(path), 500)}: {shown(str(error), 200)}"
        raise UnreadableInput(Diagnostic("run", reason)) from None
