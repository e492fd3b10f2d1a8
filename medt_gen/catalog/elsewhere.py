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
    "globalaveragepooling2d": "AdaptiveAvgPool2d",
    "globalavgpool": "AdaptiveAvgPool2d",
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
    "dim": ("out_channels", "channels", "num_features"),
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

OPERATIONS_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(
        ("cat", "concatenate", "stack", "hstack", "join"),
        "write `a | concat(b)`: it joins values along the channels",
    ),
    **dict.fromkeys(
        ("sum", "plus", "sub", "minus"),
        "write `a | add(b)` for the sum of values",
    ),
    **dict.fromkeys(
        ("mul", "times", "prod"),
        "write `a | multiply(b)`, or `a | scale(w)` with a weight for each channel",
    ),
    **dict.fromkeys(
        ("interpolate", "up", "upsampling", "unpool"),
        "write `upsample(2)`, or `resize(other)` for the size of another value",
    ),
    **dict.fromkeys(
        ("downsample", "pool", "maxpool", "maxpool2d", "max_pool2d"),
        "write `max_pool(2)` or `avg_pool(2)`, or give a convolution a `stride:`",
    ),
    **dict.fromkeys(
        (
            "adaptive_avg_pool2d",
            "adaptive_avg_pool",
            "avgpool",
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
        ("chunk", "split", "unbind", "narrow", "slice", "select"),
        "no operation takes a part of a value: give each part a convolution of its own",
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
