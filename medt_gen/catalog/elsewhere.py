"""What other libraries and other layers call it: names that people bring along.

Only messages read these: no spec can use such a name.
"""

from __future__ import annotations

from collections.abc import Mapping

LAYERS_ELSEWHERE: Mapping[str, str] = {
    "batchnorm": "BatchNorm2d",
    "batchnormalization": "BatchNorm2d",
    "bn": "BatchNorm2d",
    "conv": "Conv2d",
    "convolution": "Conv2d",
    "convolution2d": "Conv2d",
    "convtranspose": "ConvTranspose2d",
    "conv2dtranspose": "ConvTranspose2d",
    "deconv": "ConvTranspose2d",
    "deconv2d": "ConvTranspose2d",
    "dense": "Linear",
    "fc": "Linear",
    "fullyconnected": "Linear",
    "instancenorm": "InstanceNorm2d",
    "interpolate": "Upsample",
    "layernormalization": "LayerNorm",
    "maxpool": "MaxPool2d",
    "maxpooling2d": "MaxPool2d",
    "avgpool": "AvgPool2d",
    "averagepooling2d": "AvgPool2d",
    "adaptiveavgpool": "AdaptiveAvgPool2d",
    "noop": "Identity",
    "swish": "SiLU",
    "upsampling2d": "Upsample",
    "zeropadding2d": "ZeroPad2d",
}
"""By their names in small letters: the layer here that does the same."""

ARGUMENTS_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "c_out": ("out_channels",),
    "channels_out": ("out_channels",),
    "dim": ("axis", "out_channels", "num_features"),
    "drop": ("p",),
    "drop_rate": ("p",),
    "dropout": ("p",),
    "rate": ("p",),
    "features": ("out_channels", "out_features", "num_features"),
    "filters": ("out_channels",),
    "group": ("groups",),
    "groups": ("num_groups",),
    "head": ("heads",),
    "inplanes": ("in_channels",),
    "k": ("kernel_size",),
    "kernel": ("kernel_size",),
    "ksize": ("kernel_size",),
    "n_heads": ("heads",),
    "num_heads": ("heads",),
    "out": ("out_channels", "out_features"),
    "out_planes": ("out_channels", "planes"),
    "outplanes": ("out_channels", "planes"),
    "pad": ("padding",),
    "pool_size": ("kernel_size",),
    "blocks": ("depth",),
    "layers": ("depth",),
    "num_blocks": ("depth",),
    "num_layers": ("depth",),
    "repeat": ("depth",),
    "repeats": ("depth",),
    "s": ("stride",),
    "scale": ("scale_factor",),
    "shape": ("normalized_shape",),
    "strides": ("stride",),
    "units": ("out_features",),
    "use_bias": ("bias",),
}
"""By what others call them: the arguments here, of which a layer has at most some."""

ARGUMENT_HINTS: Mapping[str, str] = {
    "pooling": "an attention takes `pooling: {kernel_size: 3, padding: 1}`",
    **dict.fromkeys(
        ("act", "activation", "nonlinearity"),
        "an activation is a step of its own: `x | conv | relu()`",
    ),
    **dict.fromkeys(
        ("norm", "normalization", "norm_layer", "batch_norm"),
        "a norm is a module of its own, such as `bn1: BatchNorm2d`",
    ),
    **dict.fromkeys(
        ("dims", "dimensions", "spatial_dims", "ndim"),
        "the type says how many axes: `Conv3d` for volumes, `Conv2d` for images",
    ),
}
"""By what others call them: how the same is written here."""

SAME_OPERATION: Mapping[str, str] = {
    "+": "add",
    "*": "multiply",
    **dict.fromkeys(("cat", "concatenate", "stack", "hstack", "join"), "concat"),
    "-": "subtract",
    **dict.fromkeys(("sum", "plus"), "add"),
    **dict.fromkeys(("sub", "minus"), "subtract"),
    **dict.fromkeys(("amax", "maximum", "global_max_pool"), "max"),
    **dict.fromkeys(("center_crop", "centercrop"), "crop"),
    **dict.fromkeys(("mul", "times", "prod"), "multiply"),
    **dict.fromkeys(("max_pool2d", "maxpool", "maxpool2d"), "max_pool"),
    **dict.fromkeys(("avg_pool2d", "avgpool", "avgpool2d"), "avg_pool"),
    **dict.fromkeys(("leakyrelu", "lrelu"), "leaky_relu"),
    "swish": "silu",
}
"""By what others call them: the operation here that takes the same arguments."""

OPERATIONS_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(
        ("interpolate", "up", "upsampling", "unpool"),
        "write `upsample(2)`, or `resize(other)` for the size of another value",
    ),
    **dict.fromkeys(
        ("downsample", "pool"),
        "write `max_pool(2)` or `avg_pool(2)`, or give a convolution a `stride:`",
    ),
    **dict.fromkeys(
        (
            "adaptive_avg_pool2d",
            "adaptive_avg_pool",
            "gap",
            "global_avg_pool",
            "global_average_pooling",
        ),
        "write `mean()`: the mean over space",
    ),
    **dict.fromkeys(
        ("view", "reshape", "ravel"),
        "write `flatten()`: all axes but the batch as one",
    ),
    **dict.fromkeys(
        ("permute", "transpose", "movedim", "swapaxes", "rearrange", "t"),
        "no operation reorders axes: axial attention takes the one that `axis:` names",
    ),
    **dict.fromkeys(
        ("chunk", "unbind", "narrow", "slice", "select"),
        "write `split(0, 2)`: the part 0 of 2 equal parts of the channels",
    ),
    **dict.fromkeys(
        ("squeeze", "unsqueeze", "expand", "repeat", "tile"),
        "no operation adds or removes axes; `scale(w)` weights the channels of an "
        "image by features",
    ),
    **dict.fromkeys(
        ("matmul", "bmm", "mm", "einsum", "dot", "baddbmm"),
        "no operation multiplies matrices: attention is a layer, such as "
        "`AxialAttention`",
    ),
    **dict.fromkeys(
        ("identity", "clone", "contiguous", "detach"),
        "leave it out: a pipe passes its value on",
    ),
}
"""By what others call them: how the same is written here, or why it is not."""
