"""Layers of sequences: attention of many heads, and recurrent layers.

No flow of images has sequences: they can be declared, printed, compared and built, and
not be called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from medt_gen.algebra.terms import Shape
from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading, terms
from medt_gen.catalog.entries import HeldTensor, LayerType, Part, Whole
from medt_gen.catalog.errors import WrongArguments, dividing, outside_flows
from medt_gen.catalog.features import FEATURE_LAYERS
from medt_gen.catalog.forms import Field, Form, bare

BIAS = Argument("bias", kinds.BOOLEAN, default=True)
_PRINTED_BIAS = Field("bias", unless=(True,))
_NOT_CALLED = "no flow has sequences, so it can be declared and not called."

# --- attention ------------------------------------------------------------------------

_LINEAR = next(layer for layer in FEATURE_LAYERS if layer.name == "Linear")
_OUT_PROJECTION = replace(_LINEAR, name="NonDynamicallyQuantizableLinear")

SEQUENCE_PARTS = (_OUT_PROJECTION,)
"""Layers that stand inside of attention alone: no spec can name them."""

_USUAL_WIDTH = 64


def usual_heads(features: int) -> int:
    """How many heads attention mostly has: heads of 64 features, or one."""
    return 1 if features % _USUAL_WIDTH else features // _USUAL_WIDTH


def _attended(values: Values, shape: Shape) -> Shape:
    features, heads = values.number("embed_dim"), values.number("num_heads")
    if features % heads:
        raise WrongArguments(
            f"`num_heads` ({heads}) does not divide `embed_dim` ({features})",
            f"numbers that divide {features}: {dividing(features, heads)}",
            "num_heads",
        )
    raise outside_flows("MultiheadAttention", "sequences")


def _projections(values: Values) -> Iterator[HeldTensor]:
    features = values.number("embed_dim")
    inputs = [
        features if values.data(name) is None else values.number(name)
        for name in ("kdim", "vdim")
    ]
    if inputs == [features, features]:
        yield HeldTensor("in_proj_weight", (3 * features, features))
    else:
        for name, width in zip("qkv", (features, *inputs), strict=True):
            yield HeldTensor(f"{name}_proj_weight", (features, width))
    if values.flag("bias"):
        yield HeldTensor("in_proj_bias", (3 * features,))
    if values.flag("add_bias_kv"):
        yield HeldTensor("bias_k", (1, 1, features))
        yield HeldTensor("bias_v", (1, 1, features))


def _out_projection(values: Values, rank: int) -> tuple[Part, ...]:
    features = values.number("embed_dim")
    given = {
        "in_features": features,
        "out_features": features,
        "bias": values.flag("bias"),
    }
    layer = _OUT_PROJECTION
    return (Part("out_proj", layer, layer.filled(terms(given))),)


def _whole(parts: Mapping[str, Part]) -> Whole | None:
    """Its width and whether it has biases; the heads are the usual ones."""
    out = parts.get("out_proj")
    if out is None or out.layer is not _OUT_PROJECTION:
        return None
    features = out.values.number("out_features")
    sizes = {"embed_dim": features, "num_heads": usual_heads(features)}
    return Whole(sizes if out.values.flag("bias") else {**sizes, "bias": False}, 2)


_MULTIHEAD = LayerType(
    "MultiheadAttention",
    (
        leading("embed_dim", kinds.POSITIVE),
        leading("num_heads", kinds.POSITIVE),
        Argument("dropout", kinds.PROBABILITY, 0.0),
        BIAS,
        Argument("add_bias_kv", kinds.BOOLEAN, default=False),
        Argument("add_zero_attn", kinds.BOOLEAN, default=False),
        Argument("kdim", kinds.OPTIONAL_POSITIVE, None),
        Argument("vdim", kinds.OPTIONAL_POSITIVE, None),
        Argument("batch_first", kinds.BOOLEAN, default=False),
    ),
    _attended,
    lambda values: tuple(_projections(values)),
    parts=_out_projection,
    whole=_whole,
    tells_own=False,
    weighty=True,
    says="Attention of `num_heads` heads over sequences of `embed_dim` features; "
    + _NOT_CALLED,
)

# --- recurrent layers -----------------------------------------------------------------

_SIZES = (
    leading("input_size", kinds.POSITIVE),
    leading("hidden_size", kinds.POSITIVE),
)
_NONLINEARITY = Argument("nonlinearity", kinds.choice("tanh", "relu"), "tanh")
_PROJECTED = Argument("proj_size", kinds.COUNT, 0)
_GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}
_WHAT = {
    "RNN": "A plain recurrent layer",
    "LSTM": "Long short-term memory",
    "GRU": "Gated recurrent units",
}


def _run(values: Values, shape: Shape) -> Shape:
    hidden, projected = values.number("hidden_size"), _projected(values)
    if projected >= hidden:
        raise WrongArguments(
            f"`proj_size` ({projected}) has to be below `hidden_size` ({hidden})",
            "remove `proj_size`, or make it smaller",
            "proj_size",
        )
    raise outside_flows("a recurrent layer", "sequences")


def _projected(values: Values) -> int:
    return values.number("proj_size") if "proj_size" in values else 0


def _stacked(name: str, values: Values) -> Iterator[HeldTensor]:
    """The tensors of all layers, in both directions."""
    hidden, projected = values.number("hidden_size"), _projected(values)
    directions = ("", "_reverse") if values.flag("bidirectional") else ("",)
    rows, given = _GATES[name] * hidden, projected or hidden
    width = values.number("input_size")
    for number in range(values.number("num_layers")):
        for direction in directions:
            ending = f"l{number}{direction}"
            yield HeldTensor(f"weight_ih_{ending}", (rows, width))
            yield HeldTensor(f"weight_hh_{ending}", (rows, given))
            if values.flag("bias"):
                yield HeldTensor(f"bias_ih_{ending}", (rows,))
                yield HeldTensor(f"bias_hh_{ending}", (rows,))
            if projected:
                yield HeldTensor(f"weight_hr_{ending}", (projected, hidden))
        width = given * len(directions)


_PRINTED_RUN: Form = (
    *bare("input_size", "hidden_size"),
    Field("proj_size", unless=(0,)),
    Field("num_layers", unless=(1,)),
    _PRINTED_BIAS,
    Field("batch_first", unless=(False,)),
    Field("dropout", unless=(0,)),
    Field("bidirectional", unless=(False,)),
)


def _recurrent(name: str) -> LayerType:
    own = {"RNN": (_NONLINEARITY,), "LSTM": (_PROJECTED,)}.get(name, ())
    arguments = (
        *_SIZES,
        Argument("num_layers", kinds.POSITIVE, 1),
        BIAS,
        Argument("batch_first", kinds.BOOLEAN, default=False),
        Argument("dropout", kinds.PROBABILITY, 0.0),
        Argument("bidirectional", kinds.BOOLEAN, default=False),
        *own,
    )
    known = {argument.name for argument in arguments}
    return LayerType(
        name,
        arguments,
        _run,
        lambda values: tuple(_stacked(name, values)),
        tuple(field for field in _PRINTED_RUN if field.argument in known),
        weighty=True,
        says=f"{_WHAT[name]}, `num_layers` of them behind each other; {_NOT_CALLED}",
    )


def _cell(name: str) -> LayerType:
    plain = name == "RNN"

    def holds(values: Values) -> tuple[HeldTensor, ...]:
        hidden = values.number("hidden_size")
        rows = _GATES[name] * hidden
        weights = (
            HeldTensor("weight_ih", (rows, values.number("input_size"))),
            HeldTensor("weight_hh", (rows, hidden)),
        )
        if not values.flag("bias"):
            return weights
        return (
            *weights,
            HeldTensor("bias_ih", (rows,)),
            HeldTensor("bias_hh", (rows,)),
        )

    printed = Field("nonlinearity", unless=("tanh",))
    return LayerType(
        f"{name}Cell",
        (*_SIZES, BIAS, *((_NONLINEARITY,) if plain else ())),
        _run,
        holds,
        (
            *bare("input_size", "hidden_size"),
            _PRINTED_BIAS,
            *((printed,) if plain else ()),
        ),
        weighty=True,
        says=f"{_WHAT[name]}, a single step of it; {_NOT_CALLED}",
    )


SEQUENCE_LAYERS = (
    _MULTIHEAD,
    *(_recurrent(name) for name in _GATES),
    *(_cell(name) for name in _GATES),
)
