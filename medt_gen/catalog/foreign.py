"""Classes of other libraries, known by what they print: no layer that can be built.

A printout has them, so a spec can declare them: with the arguments of the layer of
torch that they print like, and with the tensors that they are known to hold. What they
hold as modules is written in the spec. None of them is made: what they compute is not
kept here.
"""

from __future__ import annotations

from dataclasses import replace

from medt_gen.catalog import kinds
from medt_gen.catalog.arguments import Argument, Values, leading
from medt_gen.catalog.convolution import CONVOLUTIONS
from medt_gen.catalog.entries import HeldTensor, LayerType, Role
from medt_gen.catalog.forms import bare, named
from medt_gen.catalog.norm import NORMS
from medt_gen.catalog.pool import POOLS

_TORCHS = {layer.name: layer for layer in (*CONVOLUTIONS, *NORMS, *POOLS)}

_LIKE: dict[str, dict[str, str]] = {
    "timm": {
        "BatchNormAct2d": "BatchNorm2d",
        "BatchNormAct3d": "BatchNorm3d",
        "GroupNorm1": "GroupNorm",
        "GroupNormAct": "GroupNorm",
        "GroupNorm1Act": "GroupNorm",
        "LayerNorm2dFp32": "LayerNorm",
        "LayerNormAct": "LayerNorm",
        "LayerNormAct2d": "LayerNorm",
        "LayerNormExp2d": "LayerNorm",
        "LayerNormFp32": "LayerNorm",
        "Conv2dSame": "Conv2d",
        "StdConv2d": "Conv2d",
        "StdConv2dSame": "Conv2d",
        "AvgPool2dSame": "AvgPool2d",
        "MaxPool2dSame": "MaxPool2d",
    },
    "torchvision": {
        "Conv3DNoTemporal": "Conv3d",
        "Conv3DSimple": "Conv3d",
        "DeformConv2d": "Conv2d",
    },
    "timm and torchvision": {"LayerNorm2d": "LayerNorm"},
    "segmentation-models-pytorch": {
        "Conv2dDynamicSamePadding": "Conv2d",
        "Conv2dStaticSamePadding": "Conv2d",
    },
    "transformers": {
        "BitGroupNormActivation": "GroupNorm",
        "BitMaxPool2d": "MaxPool2d",
        "ConvNextLayerNorm": "LayerNorm",
        "ConvNextV2LayerNorm": "LayerNorm",
        "DINOv3ConvNextLayerNorm": "LayerNorm",
        "EfficientNetDepthwiseConv2d": "Conv2d",
        "PoolFormerGroupNorm": "GroupNorm",
        "Sam2LayerNorm": "LayerNorm",
        "SamHQLayerNorm": "LayerNorm",
        "SamLayerNorm": "LayerNorm",
        "WeightStandardizedConv2d": "Conv2d",
    },
}
"""By library: the classes that have the arguments and tensors of a layer of torch."""

_DROP_PATHS = (
    "Beit",
    "Clap",
    "ConvNext",
    "ConvNextV2",
    "Cvt",
    "Data2VecVision",
    "Dinat",
    "Dinov2",
    "Dinov2WithRegisters",
    "DINOv3ConvNext",
    "DINOv3ViT",
    "DonutSwin",
    "EfficientFormer",
    "FocalNet",
    "Glpn",
    "Hiera",
    "InternVLVision",
    "JanusVision",
    "MaskFormerSwin",
    "Nat",
    "PoolFormer",
    "Pvt",
    "PvtV2",
    "QianfanOCR",
    "Segformer",
    "SegGpt",
    "SwiftFormer",
    "Swin",
    "Swin2SR",
    "Swinv2",
    "TimeSformer",
    "Van",
    "VitDet",
)

_TENSORLESS: dict[str, tuple[str, ...]] = {
    "timm": ("SelectAdaptivePool2d",),
    "torchvision": (
        "DefaultBoxGenerator",
        "DropBlock2d",
        "DropBlock3d",
        "GeneralizedRCNNTransform",
        "MultiScaleRoIAlign",
        "PSRoIAlign",
        "PSRoIPool",
        "RoIAlign",
        "RoIPool",
    ),
    "einops": ("Rearrange", "Reduce"),
    "transformers": tuple(f"{stem}DropPath" for stem in _DROP_PATHS),
}
"""By library: the classes that print text of their own form, and hold no tensor."""

_RMS_NORMS = (
    "Aimv2",
    "DeepseekV2",
    "Gemma",
    "Glm4v",
    "InternVLVision",
    "Llama",
    "Mistral",
    "Ovis2",
    "Pixtral",
    "Qwen2",
    "Qwen2VL",
    "Qwen3",
)


def _like(library: str, name: str, base: LayerType) -> LayerType:
    return replace(
        base,
        name=name,
        like=base.name,
        foreign=library,
        says=f"A class of {library}: it prints and holds what a `{base.name}` does, "
        "and the modules that it lists; it can't be called or built.",
    )


def _kept(library: str, name: str) -> LayerType:
    return LayerType(
        name,
        foreign=library,
        keeps_text=True,
        says=f"A class of {library} without tensors of its own, with the text that it "
        "`prints` as it is; it can't be called or built.",
    )


def _frozen(values: Values) -> tuple[HeldTensor, ...]:
    shape = (values.number("num_features"),)
    names = ("weight", "bias", "running_mean", "running_var")
    return tuple(HeldTensor(name, shape, Role.BUFFER) for name in names)


def _rms_weight(values: Values) -> tuple[HeldTensor, ...]:
    return (HeldTensor("weight", values.numbers("normalized_shape")),)


def _scaled(values: Values) -> tuple[HeldTensor, ...]:
    gain = HeldTensor("gain", (values.number("out_channels"), 1, 1, 1))
    return (*_TORCHS["Conv2d"].holds(values), gain)


def _scaled_convolution(name: str) -> LayerType:
    layer = _like("timm", name, _TORCHS["Conv2d"])
    says = layer.says.replace("what a `Conv2d` does", "what a `Conv2d` does and a gain")
    return replace(layer, holds=_scaled, says=says)


_FROZEN_NORM = LayerType(
    "FrozenBatchNorm2d",
    (
        leading("num_features", kinds.POSITIVE),
        Argument("eps", kinds.POSITIVE_NUMBER, 1e-5),
    ),
    holds=_frozen,
    prints=(*bare("num_features"), *named("eps")),
    foreign="torchvision",
    says="torchvision's batch norm whose weights and statistics are buffers; it can't "
    "be called or built.",
)


def _transposed_linear(values: Values) -> tuple[HeldTensor, ...]:
    rows, columns = values.number("nx"), values.number("nf")
    return HeldTensor("weight", (rows, columns)), HeldTensor("bias", (columns,))


_CONV1D = LayerType(
    "Conv1D",
    (leading("nf", kinds.POSITIVE), leading("nx", kinds.POSITIVE)),
    holds=_transposed_linear,
    prints=named("nf", "nx"),
    foreign="transformers",
    says="transformers' linear layer with a transposed weight; it can't be called or "
    "built.",
)


def _rms_norm(stem: str) -> LayerType:
    return replace(
        _TORCHS["RMSNorm"],
        name=f"{stem}RMSNorm",
        arguments=(
            leading("normalized_shape", kinds.LENGTHS),
            Argument("eps", kinds.POSITIVE_NUMBER),
        ),
        holds=_rms_weight,
        prints=tuple(
            field
            for field in _TORCHS["RMSNorm"].prints
            if field.argument != "elementwise_affine"
        ),
        foreign="transformers",
        says="transformers' RMSNorm with a weight; it can't be called or built.",
    )


_ALL = (
    *(
        _like(library, name, _TORCHS[base])
        for library, names in _LIKE.items()
        for name, base in names.items()
    ),
    *(_scaled_convolution(name) for name in ("ScaledStdConv2d", "ScaledStdConv2dSame")),
    _FROZEN_NORM,
    _CONV1D,
    *(_rms_norm(stem) for stem in _RMS_NORMS),
    *(_kept(library, name) for library, names in _TENSORLESS.items() for name in names),
)

FOREIGN: dict[str, LayerType] = {layer.name: layer for layer in _ALL}
"""Every class of another library that a spec can name."""
