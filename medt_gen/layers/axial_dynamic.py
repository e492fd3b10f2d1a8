"""Axial attention with gated relative positions."""

import torch
from torch import Tensor, nn

from medt_gen.layers.axial_attention import AxialAttention, RelativePositions

GATES = ("f_qr", "f_kr", "f_sve", "f_sv")


class AxialAttention_dynamic(AxialAttention):
    """AxialAttention with gates on its terms (arXiv:2102.10662, eq. 2).

    A term is linear in R_q, R_k, R_v or v, so its gate is a factor of that:

        logit_ij = n_qk(q_i k_j) + n_qr(q_i f_qr R_q[i - j]) + n_kr(k_j f_kr R_k[j - i])
        y_i      = n_sv(sum_j S_ij f_sv v_j) + n_sve(sum_j S_ij f_sve R_v[i - j])

    gates: what f_qr, f_kr, f_sve and f_sv start from
    trainable_gates: whether they learn from the start (else `open_gates`), or which
    gate_range: what they are clamped to
    """

    def __init__(
        self,
        channels: int,
        heads: int = 8,
        *,
        span: int,
        axis: str,
        stride: int | tuple[int, ...] = 1,
        pooling_size: int | tuple[int, ...] | None = None,
        pooling_padding: int | tuple[int, ...] = 0,
        norms: bool = True,
        window: int | None = None,
        gates: tuple[float, ...] = (0.1, 0.1, 0.1, 1.0),
        trainable_gates: bool | tuple[str, ...] = False,
        gate_range: tuple[float, float] | None = None,
        volume: bool = False,
    ) -> None:
        super().__init__(
            channels,
            heads,
            span=span,
            axis=axis,
            stride=stride,
            pooling_size=pooling_size,
            pooling_padding=pooling_padding,
            norms=norms,
            window=window,
            volume=volume,
        )
        self.gate_range = gate_range
        learning = GATES if trainable_gates is True else trainable_gates or ()
        self.f_qr, self.f_kr, self.f_sve, self.f_sv = (
            nn.Parameter(torch.tensor(float(start)), name in learning)
            for name, start in zip(GATES, gates, strict=True)
        )
        self.relative = self._parameters.pop("relative")  # gates come first when saved

    def open_gates(self, opened: bool = True) -> None:
        """Let the gates learn, or stop them."""
        for gate in (self.f_qr, self.f_kr, self.f_sve, self.f_sv):
            gate.requires_grad_(opened)

    def gate(self, f: Tensor) -> Tensor:
        """The gate within its range."""
        return f if self.gate_range is None else f.clamp(*self.gate_range)

    def positions(self, relative: Tensor, places: int) -> RelativePositions:
        """Those of AxialAttention, each times its gate."""
        q, k, v = super().positions(relative, places)
        f_qr, f_kr, f_sve = map(self.gate, (self.f_qr, self.f_kr, self.f_sve))
        return RelativePositions(f_qr * q, f_kr * k, f_sve * v)

    def values(self, v: Tensor) -> Tensor:
        """v times its gate."""
        return self.gate(self.f_sv) * v
