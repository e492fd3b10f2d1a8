"""What a package needs to bring layers of its own: records, without torch.

    from medt_gen.plugin import CHANNELS, HeldTensor, LayerType, kinds, leading

    LAYERS = (
        LayerType(
            "ChannelScale",
            (leading("channels", kinds.POSITIVE, CHANNELS),),
            holds=lambda values: (HeldTensor("weight", (values.number("channels"),)),),
            module="my_layers.modules",
            says="Each channel times a learned number; the shape stays.",
        ),
    )

docs/plugins.md goes through an example. These names are stable.
"""

from medt_gen.algebra.terms import Shape, Term, constant
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import (
    CHANNELS,
    LENGTH,
    REQUIRED,
    Argument,
    Values,
    leading,
)
from medt_gen.catalog.entries import HeldTensor, LayerType, Role
from medt_gen.catalog.errors import ShapeError, WrongArguments
from medt_gen.catalog.forms import Field, Show, bare, named

__all__ = [
    "CHANNELS",
    "LENGTH",
    "REQUIRED",
    "Argument",
    "Field",
    "HeldTensor",
    "LayerType",
    "Role",
    "Shape",
    "ShapeError",
    "Show",
    "Term",
    "Values",
    "WrongArguments",
    "bare",
    "constant",
    "kinds",
    "leading",
    "named",
]
