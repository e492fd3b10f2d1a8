"""The first result of a network, which is what predicts, whatever form they have."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from medt_gen.predicting.windows import Logits


def first_logits(model: nn.Module) -> Logits:
    """The network as a function to its first result."""

    def logits(images: Tensor) -> Tensor:
        output = model(images)
        if isinstance(output, Tensor):
            return output
        values = list(output.values()) if isinstance(output, Mapping) else list(output)
        first: Tensor = values[0]
        return first

    return logits
