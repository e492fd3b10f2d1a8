"""Arguments that make each layer of the catalog valid, and the inputs that it takes.

A layer without a case fails a test. The inputs are named in `inputs.py`: features
behind `mean()` and behind `flatten()`, a map and a volume, all of 12 channels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Arguments = Mapping[str, object]


@dataclass(frozen=True)
class Case:
    """The arguments of a layer, and the inputs for which it then has an output."""

    takes: frozenset[str]
    arguments: Arguments

    @property
    def where(self) -> str:
        """An input whose axes the arguments fit, where they need any."""
        return VOLUME if self.takes == {VOLUME} else MAP


def case(takes: str, **arguments: object) -> Case:
    """A case that takes the inputs named in `takes`."""
    return Case(frozenset(takes.split()), arguments)


MAP, VOLUME = "map", "volume"
FEATURES = "mean flatten"
SPACE = "map volume"
ANY = "mean flatten map volume"
# No flow has signals [N, C, L]: such a layer stands in a class without a flow only.
NONE = ""
BY_RANK = {1: NONE, 2: MAP, 3: VOLUME}


def _axes(rank: int, *values: int) -> list[int]:
    """A list with one value for each axis."""
    return list(values[:rank])


def _convolution(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    edge = _axes(rank, 1, 0, 2)
    return (
        case(takes, out_channels=6, kernel_size=3),
        case(takes, out_channels=6, kernel_size=3, stride=2, padding=1, bias=False),
        case(takes, out_channels=8, kernel_size=2, dilation=2, groups=4, padding=1),
        case(
            takes,
            out_channels=4,
            kernel_size=_axes(rank, 3, 1, 2),
            stride=_axes(rank, 1, 2, 3),
            padding=edge,
            dilation=_axes(rank, 1, 2, 3),
        ),
        case(takes, out_channels=6, kernel_size=4, padding="same"),
        case(takes, out_channels=6, kernel_size=2, padding="same", dilation=2),
        case(takes, out_channels=6, kernel_size=2, padding="valid", stride=2),
        case(takes, out_channels=6, kernel_size=2, padding="valid", dilation=3),
        case(takes, out_channels=6, kernel_size=3, padding=1, padding_mode="zeros"),
        case(takes, out_channels=6, kernel_size=3, padding=2, padding_mode="reflect"),
        case(takes, out_channels=6, kernel_size=3, padding=9, padding_mode="replicate"),
        case(takes, out_channels=6, kernel_size=3, padding=edge, padding_mode="circular"),
        case(takes, out_channels=3, kernel_size=3, padding="same", padding_mode="reflect"),
    )  # fmt: skip


def _transposed(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    return (
        case(takes, out_channels=6, kernel_size=3),
        case(takes, out_channels=6, kernel_size=2, stride=2, groups=3, bias=False),
        case(takes, out_channels=6, kernel_size=3, stride=2, padding=1, output_padding=1),
        case(takes, out_channels=4, kernel_size=2, dilation=3, padding=2, output_padding=2),
        case(
            takes,
            out_channels=4,
            kernel_size=_axes(rank, 3, 2, 1),
            stride=_axes(rank, 2, 3, 1),
            padding=_axes(rank, 1, 0, 0),
            output_padding=_axes(rank, 1, 2, 1),
            dilation=_axes(rank, 1, 1, 2),
        ),
    )  # fmt: skip


def _batch_norm(rank: int) -> tuple[Case, ...]:
    takes = FEATURES if rank == 1 else BY_RANK[rank]
    return (
        case(takes),
        case(takes, eps=1e-3, momentum=0.01),
        case(takes, momentum=None),
        case(takes, affine=False),
        case(takes, track_running_stats=False),
    )


def _instance_norm(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    return (
        case(takes),
        case(takes, affine=True, track_running_stats=True, momentum=0.2),
        case(takes, track_running_stats=True, eps=1e-3),
    )


def _max_pool(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    return (
        case(takes, kernel_size=2),
        case(takes, kernel_size=3, stride=2, padding=1),
        case(takes, kernel_size=2, stride=3, ceil_mode=True),
        case(takes, kernel_size=3, stride=2, padding=1, ceil_mode=True),
        case(takes, kernel_size=3, stride=1, dilation=2, padding=1, ceil_mode=True),
        case(takes, kernel_size=_axes(rank, 2, 3, 2), padding=_axes(rank, 1, 0, 1)),
        case(
            takes,
            kernel_size=_axes(rank, 3, 1, 2),
            stride=_axes(rank, 1, 2, 3),
            dilation=_axes(rank, 1, 1, 2),
        ),
    )


def _average_pool(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    return (
        case(takes, kernel_size=2),
        case(takes, kernel_size=3, stride=2, padding=1),
        case(takes, kernel_size=3, stride=2, ceil_mode=True),
        case(takes, kernel_size=3, padding=1, count_include_pad=False),
        case(takes, kernel_size=_axes(rank, 2, 3, 4), stride=_axes(rank, 1, 2, 3)),
    )


def _adaptive(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    sizes = _axes(rank, 3, 1, 20)
    return (case(takes, output_size=2), case(takes, output_size=sizes))


def _edges(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    each = [1, 0, 2, 1, 3, 2][: 2 * rank]
    return (case(takes, padding=0), case(takes, padding=2), case(takes, padding=each))


def _constant(rank: int) -> tuple[Case, ...]:
    takes = BY_RANK[rank]
    each = [1, 0, 2, 1, 3, 2][: 2 * rank]
    return (case(takes, padding=2, value=0.5), case(takes, padding=each, value=-1))


def _recurrent(**own: object) -> tuple[Case, ...]:
    """A layer by its defaults, and with all that it may be told; `own` is its alone."""
    sizes = {"input_size": 3, "hidden_size": 4}
    more = {"num_layers": 2, "bias": False, "dropout": 0.25, "bidirectional": True}
    return (
        case(NONE, **sizes),
        case(NONE, **sizes, **more, batch_first=True, **own),
    )


def _unpool(rank: int) -> tuple[Case, ...]:
    return (
        case(NONE, kernel_size=2),
        case(NONE, kernel_size=_axes(rank, 3, 2, 4), stride=2, padding=1),
    )


def _by_rank(name: str, cases) -> dict[str, tuple[Case, ...]]:
    return {f"{name}{rank}d": cases(rank) for rank in (1, 2, 3)}


_INPLACE = (case(ANY), case(ANY, inplace=True))
_DROPOUT = (case(ANY, p=0.25), case(ANY, inplace=True))

LAYER_CASES: dict[str, tuple[Case, ...]] = {
    **_by_rank("Conv", _convolution),
    **_by_rank("ConvTranspose", _transposed),
    **_by_rank("BatchNorm", _batch_norm),
    **_by_rank("InstanceNorm", _instance_norm),
    "GroupNorm": (
        case(SPACE, num_groups=3),
        case(SPACE, num_groups=12, eps=1e-3, affine=False),
    ),
    "LayerNorm": (
        case("mean", normalized_shape=12),
        case("flatten", normalized_shape=960),
        case(MAP, normalized_shape=[10]),
        case(MAP, normalized_shape=[12, 8, 10], bias=False),
        case(VOLUME, normalized_shape=[6, 8], eps=1e-3),
        case(VOLUME, normalized_shape=[8], elementwise_affine=False),
        case(NONE, normalized_shape=10),
    ),
    "RMSNorm": (
        case("mean", normalized_shape=12),
        case("flatten", normalized_shape=960),
        case(MAP, normalized_shape=[8, 10], eps=1e-3),
        case(VOLUME, normalized_shape=[8], elementwise_affine=False),
    ),
    **dict.fromkeys(
        ("ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid"), _INPLACE
    ),
    **dict.fromkeys(
        ("Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink", "Softsign"), (case(ANY),)
    ),
    **dict.fromkeys(("ELU", "CELU"), (*_INPLACE, case(ANY, alpha=0.5))),
    "LeakyReLU": (*_INPLACE, case(ANY, negative_slope=0.2, inplace=True)),
    "Hardtanh": (*_INPLACE, case(ANY, min_val=-2.0, max_val=0.5)),
    "Softplus": (case(ANY), case(ANY, beta=2.0, threshold=10.0)),
    "GELU": (case(ANY), case(ANY, approximate="tanh")),
    "Softmax2d": (case(MAP),),
    "Threshold": (case(ANY, threshold=0.1, value=-2.0, inplace=True), case(ANY, threshold=0, value=1)),
    "LocalResponseNorm": (case(SPACE, size=3, alpha=1e-3, beta=0.5, k=2.0), case(SPACE, size=2)),
    **dict.fromkeys(
        ("Softmax", "LogSoftmax"),
        (
            case(ANY, dim=1),
            case(ANY, dim=-1),
            case(SPACE, dim=3),
            case(VOLUME, dim=-5),
        ),
    ),
    "GLU": (case(ANY, dim=1), case(SPACE, dim=2), case(ANY), case(SPACE, dim=-3)),
    "PReLU": (case(ANY), case("mean map volume", num_parameters=12, init=0.1)),
    "Identity": (case(ANY),),
    **_by_rank("MaxPool", _max_pool),
    **_by_rank("AvgPool", _average_pool),
    **_by_rank("AdaptiveAvgPool", _adaptive),
    **_by_rank("AdaptiveMaxPool", _adaptive),
    **_by_rank("ReflectionPad", _edges),
    **_by_rank("ReplicationPad", _edges),
    **_by_rank("ZeroPad", _edges),
    **_by_rank("ConstantPad", _constant),
    "Upsample": (
        case(SPACE, scale_factor=2),
        case(SPACE, size=5),
        case(MAP, scale_factor=[2, 3], mode="bilinear"),
        case(MAP, size=[5, 20], mode="bicubic", align_corners=True),
        case(VOLUME, scale_factor=2, mode="trilinear", align_corners=False),
        case(VOLUME, size=[2, 3, 4], mode="nearest"),
        case(NONE, scale_factor=2, mode="linear"),
        case(NONE, scale_factor=1.5),
    ),
    **dict.fromkeys(
        ("UpsamplingBilinear2d", "UpsamplingNearest2d"),
        (
            case(MAP, scale_factor=2),
            case(MAP, size=[5, 20]),
            case(NONE, scale_factor=1.5),
        ),
    ),
    "PixelShuffle": (case(MAP, upscale_factor=2), case(MAP, upscale_factor=1)),
    "PixelUnshuffle": (case(MAP, downscale_factor=2), case(MAP, downscale_factor=1)),
    "ChannelShuffle": (case(SPACE, groups=3), case(SPACE, groups=1)),
    "Dropout": _DROPOUT,
    "AlphaDropout": _DROPOUT,
    "Dropout1d": (case(NONE), case(NONE, p=0.25, inplace=True)),
    "Dropout2d": (case(MAP), case(MAP, p=0.25, inplace=True)),
    "Dropout3d": (case(VOLUME), case(VOLUME, p=0.25, inplace=True)),
    "Flatten": (case(ANY), case(NONE, start_dim=2), case(NONE, end_dim=2)),
    "Linear": (case(FEATURES, out_features=5), case(FEATURES, out_features=5, bias=False)),
    "Bilinear": (
        case(FEATURES, out_features=5),
        case(FEATURES, out_features=5, bias=False),
    ),
    "Embedding": (
        case(NONE, num_embeddings=10, embedding_dim=3),
        case(
            NONE,
            num_embeddings=10,
            embedding_dim=3,
            padding_idx=1,
            max_norm=2.0,
            norm_type=1.0,
            scale_grad_by_freq=True,
            sparse=True,
        ),
    ),
    "EmbeddingBag": (
        case(NONE, num_embeddings=10, embedding_dim=3),
        case(
            NONE,
            num_embeddings=10,
            embedding_dim=3,
            max_norm=2.0,
            norm_type=1.0,
            scale_grad_by_freq=True,
            mode="sum",
            sparse=True,
            include_last_offset=True,
            padding_idx=1,
        ),
    ),
    "MultiheadAttention": (
        case(NONE, embed_dim=192, num_heads=3),
        case(NONE, embed_dim=12, num_heads=1, bias=False, kdim=6),
        case(
            NONE,
            embed_dim=12,
            num_heads=4,
            dropout=0.1,
            add_bias_kv=True,
            add_zero_attn=True,
            vdim=8,
            batch_first=True,
        ),
    ),
    "RNN": _recurrent(nonlinearity="relu"),
    "LSTM": _recurrent(proj_size=2),
    "GRU": _recurrent(),
    "RNNCell": (
        case(NONE, input_size=3, hidden_size=4, nonlinearity="relu"),
        case(NONE, input_size=3, hidden_size=4, bias=False),
    ),
    **dict.fromkeys(
        ("LSTMCell", "GRUCell"),
        (
            case(NONE, input_size=3, hidden_size=4),
            case(NONE, input_size=3, hidden_size=4, bias=False),
        ),
    ),
    "Unfold": (
        case(NONE, kernel_size=3),
        case(NONE, kernel_size=[3, 2], dilation=2, padding=1, stride=[2, 1]),
    ),
    "Fold": (
        case(NONE, output_size=6, kernel_size=3),
        case(
            NONE, output_size=[4, 6], kernel_size=2, dilation=2, padding=1, stride=2
        ),
    ),
    **_by_rank("MaxUnpool", _unpool),
    "StochasticDepth": (case(ANY, p=0.2, mode="row"), case(ANY, p=0.5, mode="batch")),
    "DropPath": (case(ANY), case(ANY, drop_prob=0.1234, scale_by_keep=False)),
    "CrissCrossAttention": (case(MAP), case(MAP, reduction=3)),
    "AxialAttention": (
        case(SPACE, axis="height", heads=2),
        case(SPACE, axis="width", heads=3, stride=2),
        case(VOLUME, axis="depth", heads=1, stride=2),
        case(VOLUME, axis="width", heads=1, stride=[1, 2, 2]),
        case(MAP, axis="width", heads=1, stride=[2, 1], window=3),
        case(SPACE, axis="height", heads=2, pooling_size=3, pooling_padding=1),
        case(SPACE, axis="height", heads=2, norms=False),
        case(
            MAP, axis="height", stride=2, heads=2, pooling_size=[3, 2], pooling_padding=[1, 0]
        ),
    ),
    "AxialAttention_dynamic": (
        case(SPACE, axis="height", heads=2),
        case(SPACE, axis="width", heads=6, trainable_gates=True, gates=[1, 0.5, 1, 1]),
        case(VOLUME, axis="depth", heads=2, gate_range=[0, 1], stride=2),
        case(SPACE, axis="width", heads=2, trainable_gates=["f_qr", "f_sv"]),
        case(SPACE, axis="width", heads=2, window=5, norms=False),
        case(SPACE, axis="height", heads=2, pooling_size=3, pooling_padding=1),
    ),
    "AxialAttention_wopos": (
        case(SPACE, axis="height", heads=2),
        case(SPACE, axis="width", heads=1, stride=2),
        case(SPACE, axis="width", heads=2, window=5, norms=False),
        case(SPACE, axis="height", heads=2, pooling_size=3, pooling_padding=1),
    ),
}  # fmt: skip
