"""What a notebook shows: a table that needs no script, and over it the page.

Where scripts and frames are taken away, as on GitHub and nbviewer, the table is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from medt_gen.explorer.page import page_text
from medt_gen.explorer.records import Exploration, TreeRow
from medt_gen.explorer.rows import row_paths
from medt_gen.messages.wording import counted, shown

_MOST_BYTES = 20_000
_MOST_TEXT = 120
_HEIGHT = 640
_SIGNS = {"": "", "added": "+", "removed": "-", "changed": "~"}


def notebook_html(exploration: Exploration) -> str:
    """The table, with the page in a frame over it."""
    frame = (
        f'<iframe sandbox="allow-scripts" title="{escape(exploration.title)}" '
        f'style="position:absolute;inset:0;width:100%;height:100%;border:0;'
        f'background:white" srcdoc="{escape(page_text(exploration))}"></iframe>'
    )
    return (
        f'<div style="position:relative;min-height:{_HEIGHT}px;overflow:hidden">'
        f"{static_table(exploration)}{frame}</div>"
    )


def static_table(exploration: Exploration) -> str:
    """The first levels of the tree as a table, under 20 kB."""
    rows = list(_table_rows(exploration))
    head, tail = list(_head(exploration)), "</tbody></table>"
    used = sum(len(line.encode()) for line in (*head, tail)) + 200
    kept = []
    for row in rows:
        used += len(row.encode())
        if used > _MOST_BYTES:
            break
        kept.append(row)
    left = len(exploration.rows) - len(kept)
    told = f"<tr><td>... {counted(left, 'more row')}</td></tr>" if left else ""
    return "".join((*head, *kept, told, tail))


def _head(exploration: Exploration) -> Iterator[str]:
    totals = ", ".join(f"{name} {value}" for name, value in exploration.totals.items())
    yield f"<p><b>{_text(exploration.title)}</b> {_text(totals)}</p>"
    if exploration.changes:
        lines = "".join(f"<li>{_text(line)}</li>" for line in exploration.changes[:20])
        yield f"<ul>{lines}</ul>"
    columns = ["module", "class"]
    columns += ["output", "parameters", "multiply-adds"] if exploration.costs else []
    cells = "".join(f"<th>{column}</th>" for column in columns)
    yield f"<table><thead><tr>{cells}</tr></thead><tbody>"


def _table_rows(exploration: Exploration) -> Iterator[str]:
    """The top levels first: what differs, or the modules of the network itself."""
    paths = row_paths(exploration.rows)
    costs = exploration.costs or (None,) * len(exploration.rows)
    for path, row, cost in zip(paths, exploration.rows, costs, strict=True):
        if row.depth > 1 and not row.state:
            continue
        cells = [_SIGNS[row.state] + " " + path, _class(row)]
        if cost is not None:
            cells += [cost.output, f"{cost.parameters:,}", f"{cost.multiply_adds:,}"]
        line = "".join(f"<td>{_text(cell.strip())}</td>" for cell in cells)
        yield f"<tr>{line}</tr>"


def _class(row: TreeRow) -> str:
    many = f"{row.count} x " if row.count > 1 else ""
    before = f"{row.before} -> " if row.before else ""
    return f"{before}{many}{row.type}({row.text})" if row.type else row.text


def _text(text: str) -> str:
    return escape(shown(text, most=_MOST_TEXT))
