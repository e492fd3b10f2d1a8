"""The curves of a run as a picture: loss, scores, learning rate, gates."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from medt_gen.training.outcome import Row

_WIDTH, _HEIGHT = 8.0, 2.4


def curves_png(rows: Sequence[Row]) -> bytes:
    """A panel for each, one below the other; the epochs are counted from 1."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    gates = _gates_by_layer(rows)
    panels = 4 if gates else 3
    figure = Figure(figsize=(_WIDTH, _HEIGHT * panels), layout="constrained")
    FigureCanvasAgg(figure)
    axes: Any = figure.subplots(panels, sharex=True)
    epochs = [row.epoch + 1 for row in rows]
    axes[0].plot(epochs, [row.loss for row in rows], label="training")
    axes[0].plot(epochs, [row.val_loss for row in rows], label="validation")
    axes[0].set_ylabel("loss")
    for name in list(rows[0].classes)[1:]:
        scores = [row.classes[name]["dice"] for row in rows]
        axes[1].plot(
            epochs, [float("nan") if x is None else x for x in scores], label=name
        )
    axes[1].set_ylabel("Dice, validation")
    axes[1].set_ylim(0, 1)
    axes[2].plot(epochs, [row.lr for row in rows], color="black")
    axes[2].set_ylabel("learning rate")
    if gates:
        for layer, values in gates.items():
            axes[3].plot(epochs, values, label=layer, linewidth=1)
        axes[3].set_ylabel("gates, mean of a layer")
    for panel in axes:
        panel.grid(alpha=0.3)
        if 1 < len(panel.get_legend_handles_labels()[1]) <= 12:
            panel.legend(fontsize="small", ncols=2)
    axes[-1].set_xlabel("epoch")
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=110)
    return data.getvalue()


def _gates_by_layer(rows: Sequence[Row]) -> dict[str, list[float]]:
    """The mean of all gates in a part at the top of the network, epoch by epoch."""
    layers: dict[str, list[str]] = defaultdict(list)
    for name in rows[0].gates:
        layers[name.split(".")[0]].append(name)
    return {
        layer: [sum(row.gates[name] for name in names) / len(names) for row in rows]
        for layer, names in layers.items()
    }
