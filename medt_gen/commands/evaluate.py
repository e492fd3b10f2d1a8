"""`medt-gen evaluate`: the scores of trained networks on a folder of images."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from medt_gen.commands.predict import add_weights_options, trained_network
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput

if TYPE_CHECKING:
    import numpy as np

    from medt_gen.images.records import Case
    from medt_gen.predicting.evaluate import Evaluation
    from medt_gen.runs.weights import Trained

_MOST_SHOWN = 8


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "runs",
        metavar="RUN",
        nargs="+",
        help="folders of runs, such as those of all folds or seeds",
    )
    parser.add_argument(
        "--data", metavar="DIR", required=True, help="images and masks, as for train"
    )
    parser.add_argument(
        "--part",
        choices=("train", "val", "test", "all"),
        help="which of them (those that the run kept for the test; else val; else all)",
    )
    parser.add_argument(
        "--group",
        metavar="REGEX",
        help="which images belong together, for intervals (as the run was trained)",
    )
    parser.add_argument(
        "--metrics",
        choices=("standard", "reference"),
        default="standard",
        help="reference: as the code of arXiv:2102.10662 scores, which flatters",
    )
    parser.add_argument(
        "--flips", action="store_true", help="take the mean over all mirrored images"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--csv", metavar="FILE", help="write every image's scores")
    parser.add_argument(
        "--html", metavar="FILE", help="write a page with the worst images"
    )
    add_weights_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Score, print, and write what was asked for."""
    networks = [trained_network(arguments, name) for name in arguments.runs]
    from medt_gen.files.writing import write_text
    from medt_gen.predicting import report
    from medt_gen.predicting.evaluate import chosen_cases, evaluate

    evaluations: list[Evaluation] = []
    pictures: dict[str, np.ndarray] = {}
    for name, trained in zip(arguments.runs, networks, strict=True):
        group = arguments.group or _group_of(Path(name))
        part, cases = chosen_cases(
            Path(name), Path(arguments.data), arguments.part, group
        )
        found = evaluate(
            trained,
            cases,
            part,
            arguments.metrics,
            flips=arguments.flips,
            device=arguments.device,
        )
        evaluations.append(found)
        if arguments.html is not None:
            pictures |= _worst(trained, cases, found)
    _check_alike(evaluations)
    if arguments.csv is not None:
        write_text(Path(arguments.csv), report.csv_text(evaluations))
    if arguments.html is not None:
        write_text(Path(arguments.html), report.html_text(evaluations, pictures))
    if arguments.json:
        print(report.as_json(evaluations), end="")
    else:
        report.print_table(evaluations)
    return 0


def _group_of(run: Path) -> str | None:
    """The pattern of groups that a run was trained with."""
    from medt_gen.files.run_folders import is_run
    from medt_gen.runs.folder import read_record

    if not is_run(run):
        return None
    found: str | None = read_record(run).options["data"]["group"]
    return found


def _check_alike(evaluations: list[Evaluation]) -> None:
    if len({item.class_names for item in evaluations}) > 1:
        text = "these runs have other classes, so there is no mean over them"
        raise InvalidInput(Diagnostic("run", text))


def _worst(
    trained: Trained, cases: list[Case], found: Evaluation
) -> dict[str, np.ndarray]:
    """The worst images with their masks, by what they are called."""
    from medt_gen.predicting.pictures import case_picture

    by_name = {case.name: case for case in cases}
    return {
        f"{found.run}: {item.name}, Dice {item.mean('dice'):.4f}": case_picture(
            trained, by_name[item.name]
        )
        for item in found.worst(_MOST_SHOWN)
    }
