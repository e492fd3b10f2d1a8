"""`medt-gen predict`: masks for images, from a trained network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.extra import need_training_libraries
from medt_gen.commands.shown import show
from medt_gen.messages.wording import counted

if TYPE_CHECKING:
    from medt_gen.runs.weights import Trained


def add_weights_options(parser: argparse.ArgumentParser) -> None:
    """Which weights of a run, and what weights without metadata have to be told."""
    parser.add_argument(
        "--weights",
        choices=("best", "last"),
        default="best",
        help="of a run, those of its best or its last epoch (best)",
    )
    parser.add_argument(
        "--spec",
        metavar="SPEC",
        help="the network, of a file of weights that does not say it",
    )
    parser.add_argument(
        "--prepared-as",
        metavar="RUN",
        help="images are prepared as in this run, of weights that do not say it",
    )
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu", help="(cpu)"
    )


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "run", metavar="RUN", help="the folder of a run, or a file of its weights"
    )
    parser.add_argument(
        "images", metavar="IMAGE", nargs="+", help="images, or folders of them"
    )
    parser.add_argument(
        "--out", metavar="DIR", required=True, help="the folder that masks go to"
    )
    parser.add_argument(
        "--flips",
        action="store_true",
        help="take the mean over all mirrored images: slower, often a little better",
    )
    parser.add_argument(
        "--overlays", action="store_true", help="also write masks over their images"
    )
    parser.add_argument(
        "--probabilities",
        action="store_true",
        help="also write the probability of each class, as .npz",
    )
    parser.add_argument(
        "--force", action="store_true", help="replace files that are there"
    )
    add_weights_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the masks; 1 where an image could not be used."""
    trained = trained_network(arguments, arguments.run)
    from medt_gen.predicting.predict import PredictOptions, find_images, predict

    options = PredictOptions(
        out=Path(arguments.out),
        flips=arguments.flips,
        overlays=arguments.overlays,
        probabilities=arguments.probabilities,
        force=arguments.force,
        device=arguments.device,
    )
    paths = [Path(name) for name in arguments.images]
    images = find_images(paths, trained.preparation.channels)
    done, bad = 0, []
    for item in predict(trained, images, options):
        if item.problem is not None:
            bad.append(item.problem)
        else:
            done += 1
    print(f"{counted(done, 'mask')} in {arguments.out}")
    show(bad)
    return 1 if bad else 0


def trained_network(arguments: argparse.Namespace, run: str) -> Trained:
    """The network that the options name; the libraries are there afterwards."""
    from medt_gen.runs.folder import read_record

    path = Path(run)
    if path.is_dir() or not path.exists():
        read_record(path)
    need_training_libraries()
    from medt_gen.loading.load import load
    from medt_gen.runs.weights import load_trained

    spec = None if arguments.spec is None else load(arguments.spec)
    prepared = None
    if arguments.prepared_as is not None:
        prepared = read_record(Path(arguments.prepared_as)).preparation
    return load_trained(path, arguments.weights, spec, prepared)
