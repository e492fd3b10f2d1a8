"""How torch versions print one class differently, by the name of the class.

What a layer of the catalog prints without a name is told by its entry; here is the
rest, for any class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from medt_gen.catalog.layers import PRINTED_LAYERS


@dataclass(frozen=True)
class Printing:
    """What to know of a class to compare its text across versions of torch.

    unnamed: torch's argument names for what is printed without one.
    left_out: values that some versions leave out, in their comparable form.
    follows: arguments that some versions leave out, by the argument that they equal.
    """

    unnamed: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)

    def implied(self, printed: Mapping[str, str]) -> dict[str, str]:
        """What is meant where a version prints nothing, beside what is `printed`."""
        equal = {
            argument: printed[other]
            for argument, other in self.follows.items()
            if other in printed
        }
        return {**self.left_out, **equal}


# Since torch 2.13 norms print `bias=`, which before followed what gave them a weight.
_AFFINE = Printing(follows={"bias": "affine"})
_RANKS = ("1d", "2d", "3d")
_AFFINE_NORMS = [
    "GroupNorm",
    *(
        f"{lazy}{norm}{rank}"
        for lazy in ("", "Lazy")
        for norm in ("BatchNorm", "InstanceNorm")
        for rank in _RANKS
    ),
]
_RECURRENT = Printing(("input_size", "hidden_size"))

_PRINTINGS: dict[str, Printing] = {
    **dict.fromkeys(_AFFINE_NORMS, _AFFINE),
    "SyncBatchNorm": Printing(("num_features",), follows={"bias": "affine"}),
    "LayerNorm": Printing(follows={"bias": "elementwise_affine"}),
    # before 1.12
    "GELU": Printing(left_out={"approximate": "none"}),
    # before 1.7
    "Flatten": Printing(left_out={"start_dim": "1", "end_dim": "-1"}),
    # since 2.1
    "ZeroPad2d": Printing(left_out={"value": "0"}),
    "Bilinear": Printing(("in1_features", "in2_features", "out_features")),
    "ConstantPad1d": Printing(("padding",)),
    "EmbeddingBag": Printing(("num_embeddings", "embedding_dim")),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), _RECURRENT),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), _RECURRENT),
}

_UNKNOWN = Printing()

ONE_CLASS = {"_LinearWithBias": "NonDynamicallyQuantizableLinear"}
"""Classes under the name that some versions give them, with their other name."""

SPELLED_OUT = {"inplace": "True"}
"""Words that torch before 1.2 prints alone, as the value of that argument."""


def printing(type_name: str) -> Printing:
    """What is known of a class, by its name."""
    layer = PRINTED_LAYERS.get(type_name)
    like = layer.like if layer is not None and layer.like else type_name
    return _PRINTINGS.get(like, _UNKNOWN)


def unnamed(type_name: str) -> tuple[str, ...]:
    """torch's argument names for what it prints of a class without a name."""
    layer = PRINTED_LAYERS.get(type_name)
    if layer is None:
        return printing(type_name).unnamed
    return tuple(item.argument for item in layer.prints if item.bare)
