"""The type of a built network, for those who annotate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import nn

    class Network(nn.Module):
        """A built network: an `nn.Module` that is told when an epoch begins."""

        def set_epoch(self, epoch: int) -> None:
            """Before epoch `epoch`, counted from 0; does nothing without a schedule."""

else:

    @runtime_checkable
    class Network(Protocol):
        """A built network: an `nn.Module` that is told when an epoch begins."""

        def set_epoch(self, epoch: int) -> None:
            """Before epoch `epoch`, counted from 0; does nothing without a schedule."""
