"""`medt-gen train`: from a spec and a folder of images to the folder of a run."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medt_gen.catalog.training import SETTINGS, Setting
from medt_gen.commands.bars import reading_bar
from medt_gen.commands.data_options import (
    add_data_options,
    data_record,
    material_options,
)
from medt_gen.commands.extra import need_training_libraries
from medt_gen.commands.options import add_spec_options, load_spec, texts
from medt_gen.commands.shown import show, show_warnings
from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput
from medt_gen.messages.wording import counted

if TYPE_CHECKING:
    from medt_gen.loading.spec import Spec
    from medt_gen.training.material import Material
    from medt_gen.training.outcome import Outcome
    from medt_gen.training.recipe import Recipe


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_spec_options(parser)
    parser.add_argument(
        "--out", metavar="RUN", help="the folder of the run, which is made and filled"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the run in that folder"
    )
    parser.add_argument(
        "--check", action="store_true", help="read and check the images, and stop"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="decides splits, first weights, order and augmentation (0)",
    )
    parser.add_argument(
        "--preset",
        choices=("reference",),
        help="all that the original training of arXiv:2102.10662 does",
    )
    add_data_options(parser)
    _add_settings(parser)
    _add_means(parser)


def _add_settings(parser: argparse.ArgumentParser) -> None:
    own = parser.add_argument_group(
        "training", "Each is a key of `training:` in the spec, too; the option wins."
    )
    for setting in SETTINGS:
        if setting.name == "augment":
            own.add_argument(
                setting.option,
                action="append",
                metavar=setting.form.metavar,
                help=f"{_help(setting)}; may be repeated, and none is none",
            )
        else:
            own.add_argument(
                setting.option, metavar=setting.form.metavar, help=_help(setting)
            )


def _help(setting: Setting) -> str:
    from medt_gen.spec.read_training import as_yaml

    default = "off" if setting.default is None else as_yaml(setting.default)
    says = setting.says.rstrip(".")
    text = f"{says[0].lower()}{says[1:]} ({default})"
    return text.replace("%", "%%")


def _add_means(parser: argparse.ArgumentParser) -> None:
    own = parser.add_argument_group("means", "They change no result.")
    own.add_argument(
        "--workers", type=int, default=0, metavar="N", help="processes that load images"
    )
    own.add_argument(
        "--save-every",
        type=int,
        default=0,
        metavar="N",
        help="also write the state every N steps of an epoch",
    )
    own.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="(auto)"
    )
    own.add_argument(
        "--sync-norm",
        action="store_true",
        help="batch norms take the statistics of all processes",
    )
    own.add_argument(
        "--progress",
        choices=("auto", "plain", "json", "none"),
        default="auto",
        help="bars, lines, a line of JSON for each step, or nothing",
    )

    own.add_argument(
        "--tensorboard",
        action="store_true",
        help="also write the curves for TensorBoard (medt-gen[tensorboard])",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check the images, train, and say what came out."""
    _check_options(arguments)
    spec = _spec(arguments)
    first = os.environ.get("RANK", "0") == "0"
    if first:
        show_warnings(spec)
    from medt_gen.training.trainable import check_trainable

    check_trainable(spec)
    if not Path(arguments.data).exists():
        text = f"there is no folder {arguments.data}"
        raise UnreadableInput(Diagnostic("data", text))
    need_training_libraries(tensorboard=arguments.tensorboard)
    from medt_gen.training.material import gather
    from medt_gen.training.processes import leave
    from medt_gen.training.recipe import make_recipe
    from medt_gen.training.train import RunOptions, train

    reference = arguments.preset == "reference"
    recipe = make_recipe(spec, _given(arguments), arguments.preset)
    options = material_options(arguments, fit=recipe.fit, reference=reference)
    with reading_bar() as each:
        material = gather(spec, options, each)
    if first:
        show(material.warnings)
    if arguments.check:
        print(_checked(material))
        return 0
    outcome = train(
        spec,
        material,
        recipe,
        RunOptions(
            out=Path(arguments.out),
            seed=arguments.seed,
            resume=arguments.resume,
            workers=arguments.workers,
            save_every=arguments.save_every,
            device=arguments.device,
            sync_norm=arguments.sync_norm,
            preset=arguments.preset,
            progress=arguments.progress,
            tensorboard=arguments.tensorboard,
            data=data_record(options),
        ),
    )
    return leave(_told(outcome, recipe, arguments.progress if first else "none"))


def _spec(arguments: argparse.Namespace) -> Spec:
    """The spec; the preset says when the gates open that it keeps closed."""
    from medt_gen.spec.read_training import FROZEN_EPOCHS, GATES, TRAINING
    from medt_gen.training.preset import REFERENCE_FROZEN_EPOCHS

    spec = load_spec(arguments, arguments.spec)
    scheduled = spec.declared.root.keys[TRAINING][GATES][FROZEN_EPOCHS] is not None
    if arguments.preset != "reference" or not scheduled:
        return spec
    change = f"training.gates.frozen_epochs={REFERENCE_FROZEN_EPOCHS}"
    arguments.overrides = [*arguments.overrides, change]
    return load_spec(arguments, arguments.spec)


def _check_options(arguments: argparse.Namespace) -> None:
    if arguments.out is None and not arguments.check:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                "--out is missing: the folder that the run fills",
                help="add --out RUN, or --check to read the images alone",
            )
        )
    for name in ("workers", "save_every", "seed"):
        if getattr(arguments, name) < 0:
            option = "--" + name.replace("_", "-")
            text = f"{option} is a number from 0 on"
            raise UnreadableInput(Diagnostic("usage", text))


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that stand in the command line."""
    from medt_gen.training.recipe import read_augment, read_option

    found: dict[str, Any] = {}
    for setting in SETTINGS:
        text = getattr(arguments, setting.name)
        if text is None:
            continue
        if setting.name == "augment":
            found[setting.name] = read_augment(texts(text))
        else:
            found[setting.name] = read_option(setting.name, text)
    return found


def _checked(material: Material) -> str:
    """What `--check` found, where nothing is amiss."""
    prepared = material.preparation
    parts = [f"{len(facts)} {name}" for name, facts in material.splits.items()]
    sizes = {item.size for facts in material.splits.values() for item in facts}
    shown = sorted("x".join(map(str, size)) for size in sizes)
    size = shown[0] if len(shown) == 1 else f"{shown[0]} to {shown[-1]}"
    names = ", ".join(prepared.class_names)
    return (
        f"{material.layout}: {', '.join(parts)}\n"
        f"{counted(prepared.channels, 'channel')}, {size}, {prepared.normalization}, "
        f"fit {prepared.fit}\n"
        f"masks are {prepared.mask_rule}: {names}"
    )


def _told(outcome: Outcome, recipe: Recipe, style: str) -> int:
    """How the run ended, in a line; the exit code."""
    best = outcome.best
    if style in ("auto", "plain"):
        if best is not None:
            print(
                f"best {recipe.best_by} {best.shown:.4f}, in epoch {best.epoch + 1}; "
                f"weights, curves and images are in {outcome.folder}"
            )
        if outcome.why == "interrupted":
            print("stopped as asked; --resume goes on")
    return 130 if outcome.why == "interrupted" else 0
