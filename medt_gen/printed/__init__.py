"""What a resolved network prints and which tensors it holds, told without torch."""

from medt_gen.printed.network import printed_tree
from medt_gen.printed.tensors import Shapes, network_tensors, printed_tensors

__all__ = ["Shapes", "network_tensors", "printed_tensors", "printed_tree"]
