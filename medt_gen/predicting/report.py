"""Scores as a table, as CSV, as JSON and as a page."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from medt_gen.messages.wording import counted
from medt_gen.predicting.evaluate import Evaluation, rows

_TITLES = {
    "dice": "Dice",
    "iou": "IoU",
    "precision": "precision",
    "recall": "recall",
    "hd95": "HD95",
    "surface": "surface",
}
PAGE_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;"
    "padding:0 1rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "th,td{padding:.25rem .8rem;text-align:right;border-bottom:1px solid #ddd}"
    "th:first-child,td:first-child{text-align:left}td{white-space:nowrap}"
    "img{min-width:24rem;max-width:100%;image-rendering:pixelated}"
    "figure{margin:1rem 0}"
)


def print_table(evaluations: Sequence[Evaluation]) -> None:
    """Write the scores for a person: each class, the mean, and what is not counted."""
    console = Console()
    for item in evaluations:
        console.print(_table(item))
        for line in notes(item):
            console.print(line, highlight=False, markup=False)
    if len(evaluations) > 1:
        console.print(_over_runs(evaluations))


def _table(item: Evaluation) -> Table:
    title = f"{item.run}: {counted(len(item.images), 'image')} of {item.part}"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("class")
    for metric in item.metrics:
        table.add_column(_title(metric, item.unit), justify="right")
    for number, name in enumerate(item.class_names):
        found = [item.summary(number, metric).mean for metric in item.metrics]
        table.add_row(name, *map(number_text, found))
    means = [number_text(item.mean(metric)) for metric in item.metrics]
    table.add_row("mean", *means)
    table.caption = "The mean is without the background."
    table.caption_justify = "left"
    return table


def _title(metric: str, unit: str) -> str:
    distance = metric in ("hd95", "surface")
    return f"{_TITLES[metric]} ({unit})" if distance else _TITLES[metric]


def _cell(item: Evaluation, number: int, metric: str) -> str:
    found = item.summary(number, metric)
    spread = "" if found.deviation is None else f" ± {found.deviation:.3f}"
    return f"{number_text(found.mean)}{spread}"


def number_text(value: float | None) -> str:
    """A score as tables show it; a dash where it is not defined."""
    return "-" if value is None else f"{value:.4f}"


def notes(item: Evaluation) -> list[str]:
    """Intervals of the mean Dice, and what is not counted, in sentences."""
    found = []
    for number, name in enumerate(item.class_names):
        if number == 0:
            continue
        dice = item.summary(number, "dice")
        if dice.low is not None and dice.high is not None:
            found.append(
                f"{name}: Dice {_cell(item, number, 'dice')} (standard deviation); its "
                f"mean is between {dice.low:.4f} and {dice.high:.4f} with 95%, by "
                "bootstrap over groups"
            )
        if dice.left_out:
            images = counted(dice.left_out, "image")
            found.append(f"{name}: {images} without it in both masks, not counted")
        if "hd95" in item.metrics:
            lone = item.summary(number, "hd95").left_out - dice.left_out
            if lone > 0:
                images = counted(lone, "image")
                found.append(f"{name}: no distance in {images} with one empty mask")
    return found


def _over_runs(evaluations: Sequence[Evaluation]) -> Table:
    title = f"mean over {len(evaluations)} runs, without background"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    first = evaluations[0]
    for metric in first.metrics:
        table.add_column(_title(metric, first.unit), justify="right")
    table.add_row(*(_spread(evaluations, metric) for metric in first.metrics))
    return table


def _spread(evaluations: Sequence[Evaluation], metric: str) -> str:
    known = [x for x in (item.mean(metric) for item in evaluations) if x is not None]
    if not known:
        return "-"
    deviation = np.std(known, ddof=1) if len(known) > 1 else 0.0
    return f"{np.mean(known):.4f} ± {deviation:.4f}"


def csv_text(evaluations: Sequence[Evaluation]) -> str:
    """A row for each run, image and class."""
    text = io.StringIO()
    table = [row for item in evaluations for row in rows(item)]
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    for row in table:
        writer.writerow({key: "" if x is None else x for key, x in row.items()})
    return text.getvalue()


def as_json(evaluations: Sequence[Evaluation]) -> str:
    """Everything as JSON: summaries and every image."""
    return json.dumps([_record(item) for item in evaluations], indent=2) + "\n"


def _record(item: Evaluation) -> dict[str, Any]:
    classes = {
        name: {metric: asdict(item.summary(n, metric)) for metric in item.metrics}
        for n, name in enumerate(item.class_names)
    }
    return {
        "run": item.run,
        "part": item.part,
        "unit": item.unit,
        "mean": {metric: item.mean(metric) for metric in item.metrics},
        "classes": classes,
        "images": list(rows(item)),
    }


def html_text(
    evaluations: Sequence[Evaluation], pictures: Mapping[str, np.ndarray]
) -> str:
    """A page with the tables and the worst images: image, truth, prediction."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Scores</title>",
        f"<style>{PAGE_STYLE}</style><h1>Scores</h1>",
    ]
    for item in evaluations:
        parts.append(_html_table(item))
        parts += [f"<p>{escape(line)}</p>" for line in notes(item)]
    if pictures:
        parts.append("<h2>The worst images: image, truth, prediction</h2>")
    for name, picture in pictures.items():
        address = png_address(png(picture))
        parts.append(
            f'<figure><img alt="{escape(name, quote=True)}" src="{address}">'
            f"<figcaption>{escape(name)}</figcaption></figure>"
        )
    return "\n".join(parts) + "\n"


def _html_table(item: Evaluation) -> str:
    heads = "".join(f"<th>{_title(m, item.unit)}</th>" for m in item.metrics)
    lines = [f"<h2>{escape(item.run)}, {len(item.images)} images of {item.part}</h2>"]
    lines.append(f"<table><tr><th>class</th>{heads}</tr>")
    for number, name in enumerate(item.class_names):
        cells = "".join(f"<td>{_cell(item, number, m)}</td>" for m in item.metrics)
        lines.append(f"<tr><td>{escape(name)}</td>{cells}</tr>")
    means = "".join(f"<td>{number_text(item.mean(m))}</td>" for m in item.metrics)
    lines.append(f"<tr><td>mean without background</td>{means}</tr></table>")
    return "\n".join(lines)


def png(picture: np.ndarray) -> bytes:
    """A picture as the bytes of a PNG file."""
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(picture).save(data, format="PNG")
    return data.getvalue()


def png_address(data: bytes) -> str:
    """A PNG file as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(data).decode()
