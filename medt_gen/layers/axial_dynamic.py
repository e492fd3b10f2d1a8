"""Axial attention with gated relative positions."""

import torch
from torch import Tensor, nn

from medt_gen.layers.axial_attention import AxialAttention


class AxialAttention_dynamic(AxialAttention):
    """Axial attention with gates on its positional terms (arXiv:2102.10662, eq. 3).

    gates: initial values of f_qr, f_kr, f_sve, f_sv; trainable_gates: whether they learn
    from the start (`open_gates` changes it later); gate_range: they act clamped to it.
    All other arguments are AxialAttention's.
    """

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        span: int,
        axis: str,
        stride: int = 1,
        patches: int = 1,
        volume: bool = False,
        gates: tuple[float, float, float, float] = (0.1, 0.1, 0.1, 1.0),
        trainable_gates: bool = False,
        gate_range: tuple[float, float] | None = None,
    ) -> None:
        super().__init__(
            channels,
            heads,
            span=span,
            axis=axis,
            stride=stride,
            patches=patches,
            volume=volume,
        )
        self.gate_range = gate_range
        relative = self.relative
        del self.relative  # in the state_dict the gates come first
        self.f_qr, self.f_kr, self.f_sve, self.f_sv = (
            nn.Parameter(torch.tensor(value), trainable_gates) for value in gates
        )
        self.relative = relative

    def open_gates(self, opened: bool = True) -> None:
        """Let the gates learn, or stop them."""
        for gate in (self.f_qr, self.f_kr, self.f_sve, self.f_sv):
            gate.requires_grad_(opened)

    def _gates(self) -> list[Tensor]:
        gates = [self.f_qr, self.f_kr, self.f_sve, self.f_sv]
        return (
            gates
            if self.gate_range is None
            else [g.clamp(*self.gate_range) for g in gates]
        )

    def _similarities(self, q: Tensor, k: Tensor) -> list[Tensor]:
        f_qr, f_kr, _, _ = self._gates()
        qk, qr, kr = super()._similarities(q, k)
        return [qk, f_qr * qr, f_kr * kr]

    def _outputs(self, attention: Tensor, v: Tensor) -> list[Tensor]:
        _, _, f_sve, f_sv = self._gates()
        sv, sve = super()._outputs(attention, v)
        return [f_sv * sv, f_sve * sve]
