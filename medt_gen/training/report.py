"""What a person looks at when a run has ended: curves, and images with their masks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from medt_gen.files.durable import write_durably
from medt_gen.images.records import CaseFacts
from medt_gen.predicting.pictures import case_picture
from medt_gen.predicting.report import (
    PAGE_STYLE,
    number_text,
    png,
    png_address,
)
from medt_gen.runs.folder import CURVES, OVERLAYS, REPORT
from medt_gen.runs.weights import load_run
from medt_gen.scores.summary import ImageScores
from medt_gen.training.curves import curves_png
from medt_gen.training.outcome import Outcome, Row

_MOST_PICTURES = 4


def write_curves(folder: Path, rows: Sequence[Row]) -> None:
    """Write the picture of the curves."""
    write_durably(folder / CURVES, curves_png(rows))


def write_report(
    outcome: Outcome, facts: Sequence[CaseFacts], scores: Sequence[ImageScores]
) -> None:
    """Write curves, the best and the worst validation images, and a page with both.

    `scores` are those of the best weights, image by image.
    """
    folder = outcome.folder
    write_curves(folder, outcome.rows)
    pictures = _pictures(folder, facts, scores)
    (folder / OVERLAYS).mkdir(exist_ok=True)
    for old in (folder / OVERLAYS).glob("*.png"):
        old.unlink()
    for name, picture in pictures.items():
        safe = re.sub(r"[^\w.-]+", "_", name)
        write_durably(folder / OVERLAYS / f"{safe}.png", png(picture))
    write_durably(folder / REPORT, _page(outcome, pictures).encode())


def _pictures(
    folder: Path, facts: Sequence[CaseFacts], scores: Sequence[ImageScores]
) -> dict[str, np.ndarray]:
    scored = [item for item in scores if item.mean("dice") is not None]
    order = sorted(scored, key=lambda item: item.mean("dice") or 0.0)
    worst = order[: min(_MOST_PICTURES, (len(order) + 1) // 2)]
    best = [x for x in reversed(order) if x not in worst][:_MOST_PICTURES]
    by_name = {item.case.name: item.case for item in facts}
    trained = load_run(folder, "best")
    return {
        f"{kind} {place}, {item.name}, Dice {item.mean('dice'):.4f}": case_picture(
            trained, by_name[item.name]
        )
        for kind, items in (("worst", worst), ("best", best))
        for place, item in enumerate(items, 1)
    }


def _page(outcome: Outcome, pictures: dict[str, np.ndarray]) -> str:
    best = outcome.best
    assert best is not None
    lines = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<title>{escape(outcome.folder.name)}</title><style>{PAGE_STYLE}</style>",
        f"<h1>{escape(outcome.folder.name)}</h1>",
        f"<p>{len(outcome.rows)} epochs; the best is epoch {best.epoch + 1}.</p>",
        "<table><tr><th>class</th><th>Dice</th><th>IoU</th></tr>",
    ]
    for name, scores in best.classes.items():
        cells = "".join(f"<td>{number_text(scores[x])}</td>" for x in ("dice", "iou"))
        lines.append(f"<tr><td>{escape(name)}</td>{cells}</tr>")
    lines.append("</table><h2>Curves</h2>")
    curves = (outcome.folder / CURVES).read_bytes()
    lines.append(f'<img alt="loss, scores, learning rate" src="{png_address(curves)}">')
    lines.append("<h2>Validation images: image, truth, prediction</h2>")
    for name, picture in pictures.items():
        address = png_address(png(picture))
        lines.append(f'<figure><img alt="{escape(name, quote=True)}" src="{address}">')
        lines.append(f"<figcaption>{escape(name)}</figcaption></figure>")
    return "\n".join(lines) + "\n"
