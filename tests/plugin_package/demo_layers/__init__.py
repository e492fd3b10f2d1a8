"""The records of the layers: what medt-gen has to know of them, without torch."""

from medt_gen.plugin import (
    CHANNELS,
    Argument,
    Field,
    HeldTensor,
    LayerType,
    Shape,
    ShapeError,
    Values,
    bare,
    kinds,
    leading,
)


def _scaled(values: Values, shape: Shape) -> Shape:
    channels, groups = shape.channels.number, values.number("groups")
    if channels % groups:
        raise ShapeError(
            f"{channels} channels are no multiple of {groups} groups",
            "use fewer groups",
            "groups",
        )
    return shape


def _held(values: Values) -> tuple[HeldTensor, ...]:
    return (HeldTensor("weight", (values.number("groups"),)),)


LAYERS = (
    LayerType(
        "GroupScale",
        (
            leading("channels", kinds.POSITIVE, CHANNELS),
            Argument("groups", kinds.POSITIVE, 1),
            Argument("start", kinds.NUMBER, 1.0),
        ),
        shape=_scaled,
        holds=_held,
        prints=(*bare("channels"), Field("groups"), Field("start", unless=(1.0,))),
        module="demo_layers.modules",
        says="Each group of channels times a number that is learned; the shape stays.",
    ),
)
