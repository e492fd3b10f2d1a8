"""Axial attention with gated relative positions."""

from typing import Any

import torch
from torch import Tensor, nn

from medt_gen.layers.axial_attention import AxialAttention


class AxialAttention_dynamic(AxialAttention):
    """AxialAttention with gates on its terms (arXiv:2102.10662, eq. 2).

    gates = (0.1, 0.1, 0.1, 1.0): initial f_qr, f_kr, f_sve, f_sv; trainable_gates =
    False: whether they learn from the start (else `open_gates`); gate_range = None:
    what they are clamped to.
    """

    def __init__(self, *args: int, **axial: Any) -> None:
        gates = axial.pop("gates", (0.1, 0.1, 0.1, 1.0))
        learn = axial.pop("trainable_gates", False)
        self.gate_range = axial.pop("gate_range", None) or (-torch.inf, torch.inf)
        super().__init__(*args, **axial)
        f = [nn.Parameter(torch.tensor(float(value)), learn) for value in gates]
        self.f_qr, self.f_kr, self.f_sve, self.f_sv = f
        self.relative = self._parameters.pop("relative")  # gates come first when saved

    def open_gates(self, opened: bool = True) -> None:
        """Let the gates learn, or stop them."""
        for gate in (self.f_qr, self.f_kr, self.f_sve, self.f_sv):
            gate.requires_grad_(opened)

    def tables(self) -> list[Tensor]:
        gates = torch.stack((self.f_qr, self.f_kr, self.f_sve)).clamp(*self.gate_range)
        return [f * r for f, r in zip(gates, super().tables(), strict=True)]

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return super().attend(q, k, self.f_sv.clamp(*self.gate_range) * v)
