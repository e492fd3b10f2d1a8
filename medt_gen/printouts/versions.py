"""How torch versions print one class differently: one table, each row with its source.

What a layer of the catalog prints without a name is told by its entry; here is the
rest, for any class. docs/printouts.md shows the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from medt_gen.catalog.layers import PRINTED_LAYERS


@dataclass(frozen=True)
class Change:
    """A change of what torch prints, with an example of the text in the parentheses.

    Attributes:
        classes: whose text it is.
        old, new: the text before and from `since` on.
        since: the first version of torch that prints the new one.
        checked: the versions whose source was read.
        left_out: values that one of the two leaves out, in their comparable form.
        follows: arguments that the old text leaves out, by what they are equal to.
        untold: arguments that the old text does not tell, whatever their value.
        renamed: arguments under the name that the old text gives them.
        one_number: arguments of which the old text repeats one number for each axis.
        one_tuple: whether the old text lists the numbers of one argument alone.
    """

    classes: tuple[str, ...]
    old: str
    new: str
    since: str
    checked: str
    left_out: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)
    untold: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    one_number: tuple[str, ...] = ()
    one_tuple: bool = False

    @property
    def appended(self) -> str:
        """What the new text has behind the old one, as `bias=True`; else empty.

        What follows from another argument has no text of its own.
        """
        begins = f"{self.old}, "
        if not self.old or self.follows or not self.new.startswith(begins):
            return ""
        return self.new.removeprefix(begins)


_RANKS = ("1d", "2d", "3d")
_BATCH_NORMS = tuple(
    f"{lazy}{norm}{rank}"
    for lazy in ("", "Lazy")
    for norm in ("BatchNorm", "InstanceNorm")
    for rank in _RANKS
)
_DROPOUTS = ("Dropout", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
_POOLS = tuple(f"{kind}{rank}" for kind in ("MaxPool", "AvgPool") for rank in _RANKS)
_PADS = ("ReflectionPad1d", "ReflectionPad2d", "ReplicationPad2d", "ReplicationPad3d")
_EARLY = "printouts of 0.2 and 0.3 in public texts; source of 1.0.0"

CHANGES: tuple[Change, ...] = (
    Change(
        ("Linear",),
        "20 -> 42",
        "in_features=20, out_features=42, bias=True",
        "0.4.0",
        _EARLY,
        untold=("bias",),
    ),
    Change(
        ("Linear",),
        "in_features=20, out_features=42",
        "in_features=20, out_features=42, bias=True",
        "0.4.1",
        "printouts of 0.3 and 0.4 in public texts; source of 1.0.0",
        untold=("bias",),
    ),
    Change(
        ("Bilinear",),
        "in1_features=2, in2_features=3, out_features=4",
        "in1_features=2, in2_features=3, out_features=4, bias=True",
        "0.4.1",
        "taken to be as Linear; source of 1.0.0",
        untold=("bias",),
    ),
    Change(
        _POOLS,
        "size=(2, 2), stride=(2, 2), dilation=(1, 1)",
        "kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False",
        "0.4.0",
        _EARLY,
        left_out={
            "padding": "0",
            "dilation": "1",
            "ceil_mode": "False",
            "count_include_pad": "True",
        },
        renamed={"size": "kernel_size"},
        one_number=("kernel_size", "stride", "padding", "dilation"),
    ),
    Change(
        _DROPOUTS,
        "p=0.5",
        "p=0.5, inplace=False",
        "1.2.0",
        "source of 1.1.0 and 1.2.0",
        left_out={"inplace": "False"},
    ),
    Change(
        ("ReLU", "ReLU6", "SELU"),
        "inplace",
        "inplace=True",
        "1.2.0",
        "source of 1.1.0 and 1.2.0",
    ),
    Change(
        ("LeakyReLU",),
        "0.2, inplace",
        "negative_slope=0.2, inplace=True",
        "0.4.0",
        _EARLY,
        renamed={"[0]": "negative_slope"},
    ),
    Change(
        _PADS,
        "3, 3, 3, 3",
        "(3, 3, 3, 3)",
        "0.4.0",
        _EARLY,
        one_tuple=True,
    ),
    Change(
        ("Softmax", "Softmin", "LogSoftmax"),
        "",
        "dim=1",
        "1.6.0",
        "source of 1.1.0, 1.2.0 (Softmax), 1.5.0 and 1.6.0",
        untold=("dim",),
    ),
    Change(
        ("Flatten",),
        "",
        "start_dim=1, end_dim=-1",
        "1.7.0",
        "source of 1.6.0 and 1.7.0",
        left_out={"start_dim": "1", "end_dim": "-1"},
    ),
    Change(
        ("ZeroPad2d",),
        "padding=(1, 1, 1, 1), value=0.0",
        "(1, 1, 1, 1)",
        "1.11.0",
        "source of 1.10.0 and 1.11.0",
        left_out={"value": "0"},
    ),
    Change(
        ("GELU",),
        "",
        "approximate='none'",
        "1.12.0",
        "source of 1.11.0 and 1.12.0 and 1.13.0",
        left_out={"approximate": "none"},
    ),
    Change(
        ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"),
        "scale_factor=2.0, mode=nearest",
        "scale_factor=2.0, mode='nearest'",
        "2.0.0",
        "source of 1.13.0 and 2.0.0",
    ),
    Change(
        ("LayerNorm",),
        "torch.Size([8]), eps=1e-05, elementwise_affine=True",
        "(8,), eps=1e-05, elementwise_affine=True",
        "1.0.0",
        _EARLY,
    ),
    Change(
        ("LayerNorm",),
        "(8,), eps=1e-05, elementwise_affine=True",
        "(8,), eps=1e-05, elementwise_affine=True, bias=True",
        "2.12.0",
        "source of 2.10.0 and 2.12.0",
        follows={"bias": "elementwise_affine"},
    ),
    Change(
        ("GroupNorm",),
        "2, 8, eps=1e-05, affine=True",
        "2, 8, eps=1e-05, affine=True, bias=True",
        "2.12.0",
        "source of 2.10.0 and 2.12.0",
        follows={"bias": "affine"},
    ),
    Change(
        (*_BATCH_NORMS, "SyncBatchNorm"),
        "8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True",
        "8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True",
        "2.12.0",
        "source of 2.10.0 and 2.12.0",
        follows={"bias": "affine"},
    ),
    Change(
        tuple(f"BatchNorm{rank}" for rank in _RANKS),
        "8, eps=1e-05, momentum=0.1, affine=True",
        "8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True",
        "0.4.0",
        _EARLY,
        untold=("track_running_stats",),
    ),
    Change(
        tuple(f"InstanceNorm{rank}" for rank in _RANKS),
        "8, eps=1e-05, momentum=0.1, affine=False",
        "8, eps=1e-05, momentum=0.1, affine=False, track_running_stats=False",
        "0.4.0",
        _EARLY,
        untold=("track_running_stats",),
    ),
)
"""Every change that is known, for the classes that people print."""

_NAMES: Mapping[str, tuple[str, ...]] = {
    "Bilinear": ("in1_features", "in2_features", "out_features"),
    "EmbeddingBag": ("num_embeddings", "embedding_dim"),
    "SyncBatchNorm": ("num_features",),
    "ConstantPad1d": ("padding",),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), ("input_size", "hidden_size")),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), ("input_size", "hidden_size")),
}
"""torch's argument names for what classes beside the catalog print without one."""

KNOWN_CLASSES = frozenset(
    [*_NAMES, *(name for item in CHANGES for name in item.classes)]
)
"""Classes of torch that are known by name alone, beside the catalog's layers."""

ONE_CLASS = {"_LinearWithBias": "NonDynamicallyQuantizableLinear"}
"""Classes under the name that some versions give them, with their other name."""

SPELLED_OUT = {"inplace": "True"}
"""Words that torch before 1.2 prints alone, as the value of that argument."""

ARROW_ARGUMENTS: Mapping[str, tuple[str, str]] = {
    "Linear": ("in_features", "out_features")
}
"""What stands on the two sides of the arrow that torch before 0.4 prints."""


@dataclass(frozen=True)
class Printing:
    """What to know of a class to compare its text across versions of torch."""

    left_out: Mapping[str, str] = field(default_factory=dict)
    follows: Mapping[str, str] = field(default_factory=dict)
    untold: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = field(default_factory=dict)
    one_number: frozenset[str] = frozenset()
    one_tuple: bool = False

    def implied(self, printed: Mapping[str, str]) -> dict[str, str]:
        """What is meant where a version prints nothing, beside what is `printed`."""
        equal = {
            argument: printed[other]
            for argument, other in self.follows.items()
            if other in printed
        }
        return {**self.left_out, **equal}


def printing(type_name: str) -> Printing:
    """All that is known of a class, by its name."""
    layer = PRINTED_LAYERS.get(type_name)
    return _printing(layer.like if layer is not None and layer.like else type_name)


@cache
def _printing(like: str) -> Printing:
    changes = list(changes_of(like))
    return Printing(
        left_out={k: v for item in changes for k, v in item.left_out.items()},
        follows={k: v for item in changes for k, v in item.follows.items()},
        untold=frozenset(name for item in changes for name in item.untold),
        renamed={k: v for item in changes for k, v in item.renamed.items()},
        one_number=frozenset(name for item in changes for name in item.one_number),
        one_tuple=any(item.one_tuple for item in changes),
    )


def changes_of(type_name: str) -> Iterator[Change]:
    """Every change of what a class prints."""
    return (item for item in CHANGES if type_name in item.classes)


def unnamed(type_name: str) -> tuple[str, ...]:
    """torch's argument names for what it prints of a class without a name."""
    layer = PRINTED_LAYERS.get(type_name)
    if layer is None:
        return _NAMES.get(type_name, ())
    return tuple(item.argument for item in layer.prints if item.bare)
