"""Axial attention with gated relative positions."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from medt_gen.layers.axial_attention import AxialAttention


class AxialAttention_dynamic(AxialAttention):
    """AxialAttention with gates on its terms (arXiv:2102.10662, eq. 2).

    gates: initial f_qr, f_kr, f_sve, f_sv; trainable_gates: whether they learn from the
    start (else `open_gates`); gate_range: what they are clamped to in use.
    """

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        gates: tuple[float, float, float, float] = (0.1, 0.1, 0.1, 1.0),
        trainable_gates: bool = False,
        gate_range: tuple[float, float] | None = None,
        **axial: Any,
    ) -> None:
        super().__init__(channels, heads, **axial)
        self.gate_range = gate_range or (-torch.inf, torch.inf)
        relative = self.relative
        del self.relative  # in the state_dict the gates come first
        self.f_qr, self.f_kr, self.f_sve, self.f_sv = (
            nn.Parameter(torch.tensor(float(value)), trainable_gates) for value in gates
        )
        self.relative = relative

    def open_gates(self, opened: bool = True) -> None:
        """Let the gates learn, or stop them."""
        for gate in (self.f_qr, self.f_kr, self.f_sve, self.f_sv):
            gate.requires_grad_(opened)

    def gates(self) -> Tensor:
        gates = torch.stack((self.f_qr, self.f_kr)).clamp(*self.gate_range)
        return F.pad(gates, (1, 0), value=1.0)  # qk has none

    def attend(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        gates = torch.stack((self.f_sv, self.f_sve)).clamp(*self.gate_range)
        return super().attend(q, k, v) * gates.to(q.dtype)[:, None]
