"""How long it takes to look at MedT, here and with what people use today, in one run.

    python -m venv build/viewers-env
    build/viewers-env/bin/pip install torch==2.13.0 torchinfo torchview torchvista .
    build/viewers-env/bin/python tools/bench_viewers.py

Each row: the time as a multiple of ours, the size of what is written, and how many rows
or boxes one sees at first. torchinfo and the others need the built model and run it;
building it is not counted. Ours starts from the spec's text.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

import medt_gen
from medt_gen.drawing.drawing import Drawing
from medt_gen.drawing.graphs import network_graphs

SPEC = "medt"
INPUT = (1, 3, 128, 128)


@dataclass(frozen=True)
class Look:
    """What one tool came to: seconds, bytes of what it wrote, and rows at first."""

    name: str
    seconds: float
    size: int
    rows: int


def measured(name: str, work: Callable[[], tuple[int, int]], repeat: int) -> Look:
    """The shortest of some runs."""
    best, size, rows = float("inf"), 0, 0
    for _ in range(repeat):
        start = time.perf_counter()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                size, rows = work()
        except Exception as error:
            print(f"{name} fails on this network: {error.__cause__ or error}"[:300])
            return Look(name, float("nan"), 0, 0)
        best = min(best, time.perf_counter() - start)
    return Look(name, best, size, rows)


def ours() -> tuple[int, int]:
    """The page: its bytes, and the boxes that one sees at first."""
    page = medt_gen.view(SPEC)
    drawing = page.exploration.drawing
    assert drawing is not None
    return len(page.text.encode()), len(drawing.graphs.root.boxes)


def ours_figure() -> tuple[int, int]:
    """The figure alone."""
    from medt_gen.figures.network import network_figure
    from medt_gen.figures.svg import svg_text

    network = medt_gen.load(SPEC).usual
    graphs = network_graphs(network)
    assert graphs is not None
    text = svg_text(network_figure(network, Drawing(graphs)))
    return len(text.encode()), len(graphs.root.boxes)


def as_defined() -> nn.Module:
    """The network as its paper defines it: plain operations, which tracers follow."""
    spec = medt_gen.load(SPEC)
    names: dict[str, type[nn.Module]] = {"__name__": "defined"}  # type: ignore[dict-item]
    exec(medt_gen.emit(spec, attention="definition"), names)
    return names[spec.network.name]().eval()


def with_torchinfo(model: nn.Module) -> tuple[int, int]:
    """A table on the terminal."""
    import torchinfo

    text = str(torchinfo.summary(model, INPUT, verbose=0))
    return len(text.encode()), text.count("\n")


def with_torchview(model: nn.Module) -> tuple[int, int]:
    """A graph for graphviz, which is not run here: its own time comes on top."""
    import torchview

    source = torchview.draw_graph(model, input_size=INPUT, depth=2).visual_graph.source
    return len(source.encode()), source.count("[label=<")


def with_torchvista(model: nn.Module) -> tuple[int, int]:
    """A page; its rows are the nodes that the trace has."""
    from torchvista import trace_model

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        trace_model(
            model, torch.zeros(INPUT), export_format="html", export_path=str(path)
        )
        text = path.read_text(encoding="utf-8")
    return len(text.encode()), text.count('"node_type"')


def main() -> None:
    """Measure all of them, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeat", type=int, default=3)
    repeat: int = parser.parse_args().repeat
    model = as_defined()
    looks = [
        measured("medt-gen view", ours, repeat),
        measured("medt-gen draw (svg)", ours_figure, repeat),
        measured("torchinfo", lambda: with_torchinfo(model), repeat),
        measured("torchview, depth 2", lambda: with_torchview(model), 1),
        measured("torchvista", lambda: with_torchvista(model), 1),
    ]
    base = looks[0].seconds
    print(f"{'':22}{'time':>9}{'bytes':>13}{'rows':>9}")
    for look in looks:
        times = f"{look.seconds / base:.2f}x"
        print(f"{look.name:22}{times:>9}{look.size:>13,}{look.rows:>9,}")


if __name__ == "__main__":
    main()
