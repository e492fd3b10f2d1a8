"""A run from its beginning, or from where it was interrupted, to its end."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from medt_gen.files.durable import sweep, write_durably
from medt_gen.files.run_folders import RECORD, SPEC, is_run
from medt_gen.files.writing import unwritable
from medt_gen.images.preparation import Preparation
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, UnreadableInput
from medt_gen.messages.wording import first_of, shown
from medt_gen.network.summary import flow_outputs
from medt_gen.runs.folder import (
    LOG,
    SPLIT,
    RunRecord,
    read_record,
    record_text,
)
from medt_gen.runtime.build import build
from medt_gen.showing.text import written_out
from medt_gen.training.loop import Loop
from medt_gen.training.material import Material
from medt_gen.training.outcome import Outcome
from medt_gen.training.preset import REFERENCE_FROZEN_EPOCHS, Preset
from medt_gen.training.processes import finish, from_first, start
from medt_gen.training.progress import ProgressStyle, progress_of
from medt_gen.training.recipe import Recipe
from medt_gen.training.step import output_weights

_LIBRARIES = ("medt-gen", "torch", "monai", "lightning", "numpy")


@dataclass(frozen=True)
class RunOptions:
    """What is no setting of the recipe: where, and with which means.

    `save_every` steps a state is written within an epoch, too; 0 is at its end alone.
    """

    out: Path
    seed: int = 0
    resume: bool = False
    workers: int = 0
    save_every: int = 0
    device: str = "auto"
    sync_norm: bool = False
    preset: Preset | None = None
    progress: ProgressStyle = "auto"
    tensorboard: bool = False
    data: dict[str, Any] = field(default_factory=dict)


def train(
    spec: Spec, material: Material, recipe: Recipe, options: RunOptions
) -> Outcome:
    """Train, and fill the folder of the run.

    Raises UnreadableInput where the folder can't be used, or a resumed run differs;
    InvalidInput where training can't go on.
    """
    well = False
    try:
        outcome = _trained(spec, material, recipe, options)
        well = True
    finally:
        finish(well=well)
    return outcome


def _trained(
    spec: Spec, material: Material, recipe: Recipe, options: RunOptions
) -> Outcome:
    fabric = start(recipe.precision, options.device)
    flow = spec.usual.root.flow
    assert flow is not None
    outputs = {name: shape[1:] for name, shape in flow_outputs(flow).items()}
    # All that can be wrong is found before the folder is made.
    check_batch(recipe, fabric.world_size)
    check_class_weights(recipe, material.preparation)
    output_weights(recipe, tuple(outputs))
    record = _record(spec, material, recipe, options, fabric)
    first = fabric.global_rank == 0
    problem = from_first(
        _prepare_folder(spec, material, record, options) if first else None
    )
    if problem is not None:
        raise UnreadableInput(problem)
    torch.manual_seed(options.seed)
    model = build(spec)
    open_all_at = REFERENCE_FROZEN_EPOCHS if options.preset == "reference" else None
    loop = Loop(
        fabric=fabric,
        model=model,
        spec_text=written_out(spec),
        outputs=outputs,
        material=material,
        recipe=recipe,
        folder=options.out,
        seed=options.seed,
        workers=options.workers,
        save_every=options.save_every,
        sync_norm=options.sync_norm,
        open_all_at=open_all_at,
        tensorboard=options.tensorboard,
        progress=progress_of(options.progress, first=first),
    )
    if first:
        for text in _changed(record, options):
            loop.progress.say(text)
    return loop.run()


def check_batch(recipe: Recipe, world: int) -> None:
    """A step has an image for every process."""
    if recipe.batch_size < world:
        text = f"{world} processes share batches of {recipe.batch_size}"
        help = f"use --batch-size {world} or more: it counts all processes' images"
        raise UnreadableInput(Diagnostic("usage", text, help=help))


def check_class_weights(recipe: Recipe, preparation: Preparation) -> None:
    """There is a weight for each class."""
    given = recipe.class_weights
    if given is not None and len(given) != preparation.classes:
        names = ", ".join(preparation.class_names)
        text = f"`class_weights` has {len(given)} numbers, and the classes are {names}"
        raise InvalidInput(Diagnostic("training", text))


def _record(
    spec: Spec, material: Material, recipe: Recipe, options: RunOptions, fabric: Any
) -> RunRecord:
    decided = {
        **recipe.record(),
        "seed": options.seed,
        "sync_norm": options.sync_norm,
        "preset": options.preset,
        "set": list(spec.overrides),
        "data": options.data,
    }
    started = {
        "versions": {name: _version(name) for name in _LIBRARIES},
        "python": platform.python_version(),
        "device": str(fabric.device.type),
        "processes": fabric.world_size,
        "threads": torch.get_num_threads(),
    }
    plain = json.loads(json.dumps(decided))
    return RunRecord(options.out, material.preparation, plain, started)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _prepare_folder(
    spec: Spec, material: Material, record: RunRecord, options: RunOptions
) -> Diagnostic | None:
    """Make the folder of a new run, or compare the one of a resumed run."""
    try:
        if is_run(options.out):
            _check_resumed(spec, material, record, options)
        else:
            _new_folder(spec, material, record, options)
    except UnreadableInput as error:
        return error.diagnostics[0]
    return None


def _new_folder(
    spec: Spec, material: Material, record: RunRecord, options: RunOptions
) -> None:
    out = options.out
    if options.resume:
        text = f"there is nothing to resume in {shown(str(out), 500)}"
        help = "leave --resume out to begin a run"
        raise UnreadableInput(Diagnostic("run", text, help=help))
    try:
        out.mkdir(parents=True, exist_ok=True)
        there = [x for x in out.iterdir() if x.name not in (SPEC, SPLIT, LOG)]
    except OSError as error:
        raise unwritable(out, error) from None
    if [x for x in there if not x.name.startswith(".")]:
        text = f"{shown(str(out), 500)} holds other files: {shown(there[0].name)}"
        help = "name an empty folder, or one that is not there yet, with --out"
        raise UnreadableInput(Diagnostic("run", text, help=help))
    sweep(out)
    write_durably(out / SPEC, written_out(spec).encode())
    write_durably(out / SPLIT, _split_text(material).encode())
    # The record comes last: a folder without it is no run yet.
    write_durably(out / RECORD, record_text(record).encode())


def _split_text(material: Material) -> str:
    return json.dumps(material.listed(), indent=1) + "\n"


def _check_resumed(
    spec: Spec, material: Material, record: RunRecord, options: RunOptions
) -> None:
    out = options.out
    if not options.resume:
        text = f"{shown(str(out), 500)} holds a run already"
        help = "go on with it by --resume, or name another folder with --out"
        raise UnreadableInput(Diagnostic("run", text, help=help))
    sweep(out)
    old = read_record(out)
    differing = [*_differing_options(old, record)]
    if (out / SPEC).read_text(encoding="utf-8") != written_out(spec):
        differing.insert(0, "the spec")
    if (out / SPLIT).read_text(encoding="utf-8") != _split_text(material):
        differing.append(_differing_data(out / SPLIT, material))
    if differing:
        text = (
            f"this is not how the run in {shown(str(out), 500)} was begun: "
            f"{'; '.join(differing)}"
        )
        help = "resume it as it was, or begin another run with another --out"
        raise UnreadableInput(Diagnostic("run", text, help=help))


def _differing_options(old: RunRecord, new: RunRecord) -> list[str]:
    def text(value: Any) -> str:
        return "off" if value is None else shown(str(value))

    found = [
        f"`{name}` was {text(old.options.get(name))}, and is {text(value)}"
        for name, value in new.options.items()
        if old.options.get(name) != value and name not in ("set",)
    ]
    if not found and old.preparation != new.preparation:
        found = ["images are prepared in another way"]
    return found


def _differing_data(path: Path, material: Material) -> str:
    before = json.loads(path.read_text(encoding="utf-8"))
    now = material.listed()

    def by_name(listed: dict[str, list[dict[str, Any]]]) -> dict[tuple[str, str], str]:
        return {(s, x["name"]): x["sha256"] for s, rows in listed.items() for x in rows}

    old, new = by_name(before), by_name(now)
    odd = sorted({key[1] for key in {*old, *new} if old.get(key) != new.get(key)})
    return f"other images: {first_of(odd or ['their groups'], 5, '`')}"


def _changed(record: RunRecord, options: RunOptions) -> Sequence[str]:
    """What may make numbers differ in the last bits: a run was begun elsewhere."""
    if not options.resume:
        return []
    before = read_record(options.out).started
    return [
        f"resumed with other {name}: {before.get(name)} before, {value} now; numbers "
        "may differ in their last bits"
        for name, value in record.started.items()
        if before.get(name) != value
    ]
