"""The texts in a Jupyter notebook that may hold printouts: outputs and prose."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from medt_gen.messages.diagnostics import Diagnostic


@dataclass(frozen=True)
class Cell:
    """One text of a notebook, and the cell that it is in: `cell [3]`."""

    label: str
    text: str


def notebook_cells(text: str) -> list[Cell] | None:
    """The texts of a notebook in its order; None where the text is none."""
    start = text[:4096].lstrip("\ufeff \t\r\n")
    if not start.startswith("{") or not ('"cells"' in text or '"worksheets"' in text):
        return None
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    cells = _cells(document)
    if cells is None:
        return None
    return [item for place, cell in enumerate(cells, 1) for item in _texts(cell, place)]


def empty_notebook(name: str, cells: Sequence[Cell]) -> Diagnostic:
    """What to say of a notebook in which no printout was found."""
    where = f"its {len(cells)} outputs and texts" if cells else "it: it has no output"
    return Diagnostic(
        "printout-none",
        f"{name} is a notebook, and no printed module tree is in {where}",
        help="run the cell with `print(model)`, and save the notebook with its outputs",
    )


def _cells(document: Any) -> list[Any] | None:
    """The cells of nbformat 4, or of the first worksheet of nbformat 3."""
    if not isinstance(document, dict):
        return None
    sheets = document.get("worksheets")
    if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict):
        document = sheets[0]
    cells = document.get("cells")
    return cells if isinstance(cells, list) else None


def _texts(cell: Any, place: int) -> Iterator[Cell]:
    if not isinstance(cell, dict):
        return
    number = cell.get("execution_count", cell.get("prompt_number"))
    label = (
        f"cell [{number}]" if isinstance(number, int) else f"cell {place} from the top"
    )
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if text := _output(output):
            yield Cell(label, text)
    if cell.get("cell_type") == "markdown" and (text := _joined(cell.get("source"))):
        yield Cell(label, text)


def _output(output: Any) -> str:
    """What was printed, or the plain form of what was shown."""
    if not isinstance(output, dict):
        return ""
    data = output.get("data")
    shown = data.get("text/plain") if isinstance(data, dict) else None
    return _joined(output.get("text")) or _joined(shown)


def _joined(lines: Any) -> str:
    """Notebooks keep a text whole, or as a list of its lines."""
    if isinstance(lines, str):
        return lines
    if isinstance(lines, list) and all(isinstance(line, str) for line in lines):
        return "".join(lines)
    return ""
