"""The models of the large public collections, each with how to build it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tools.printout_zoo.build import Build


def torchvision_models() -> Iterator[tuple[str, Build]]:
    models = importlib.import_module("torchvision.models")
    for name in models.list_models():
        yield name, partial(_torchvision, models, name)


def _torchvision(models: Any, name: str) -> Any:
    accepted = inspect.signature(models.get_model_builder(name)).parameters
    backbone = {"weights_backbone": None} if "weights_backbone" in accepted else {}
    return models.get_model(name, weights=None, **backbone)


def timm_models() -> Iterator[tuple[str, Build]]:
    timm = importlib.import_module("timm")
    for name in timm.list_models():
        yield name, partial(timm.create_model, name, pretrained=False)


def smp_models() -> Iterator[tuple[str, Build]]:
    smp = importlib.import_module("segmentation_models_pytorch")
    encoders = importlib.import_module("segmentation_models_pytorch.encoders")
    names = encoders.get_encoder_names()
    plan = [("unet", encoder) for encoder in names]
    architectures = smp.MODEL_ARCHITECTURES_MAPPING
    plan += [(kind, "resnet34") for kind in architectures if kind != "unet"]
    plan += [(kind, "tu-resnet50") for kind in architectures]
    plan += [("dpt", "tu-vit_base_patch16_224.augreg_in21k"), ("segformer", "mit_b2")]
    for kind, encoder in plan:
        yield (
            f"{kind}-{encoder}",
            partial(smp.create_model, kind, encoder, encoder_weights=None),
        )


_MONAI_GUESSES: dict[str, Any] = {
    **dict.fromkeys(("in_channels", "n_input_channels", "n_channels", "groups"), 1),
    **dict.fromkeys(("spatial_dims", "dimensions"), 3),
    **dict.fromkeys(("out_channels", "num_classes", "n_classes", "scale_factor"), 2),
    **dict.fromkeys(("num_layers", "num_layers_d", "depth", "attn_layers_depth"), 2),
    **dict.fromkeys(
        ("num_features", "num_channel_initial", "in_planes", "embedding"), 16
    ),
    **dict.fromkeys(("num_heads", "attn_layers_heads"), 4),
    **dict.fromkeys(("hidden_dim", "attn_layers_dim", "num_tokens", "latent_size"), 32),
    **dict.fromkeys(("embed_dim", "hidden_size", "feature_size"), 48),
    **dict.fromkeys(("img_size", "image_size", "roi_size"), (96, 96, 96)),
    **dict.fromkeys(("channels", "filters", "block_inplanes"), (8, 16, 32, 64)),
    **dict.fromkeys(("encoder_channels", "decoder_channels"), (8, 16, 32)),
    "in_shape": (1, 64, 64, 64),
    "out_shape": (2,),
    "inshape": (1, 64, 64),
    "strides": (2, 2, 2),
    "kernel_size": (3, 3, 3),
    "upsample_kernel_size": (2, 2),
    "patch_size": (16, 16, 16),
    "extract_levels": (0, 1, 2),
    "block": "se_bottleneck",
    "layers": (1, 1, 1, 1),
    "reduction": 16,
    "dropout_prob": 0.1,
    "mlp_dim": 64,
    "latent_channels": 3,
    "num_embeddings": 16,
    "embedding_dim": 8,
    "max_seq_len": 64,
    "window_size": (7, 7, 7),
    "depths": (2, 2, 2, 2),
    "backbone": "resnet18",
    "dim": 48,
    "conditioning_embedding_in_channels": 1,
    "blocks_args_str": ["r1_k3_s11_e1_i32_o16_se0.25", "r2_k3_s22_e6_i16_o24_se0.25"],
}
"""Values for arguments without a default, so that most networks can be built."""


_MONAI_SIZED: dict[str, Any] = {
    "spatial_dims": 3,
    "in_channels": 1,
    "num_classes": 2,
}
_MONAI_SPECIAL: dict[str, dict[str, Any]] = {
    "AutoEncoder": {"strides": (2, 2, 2, 2)},
    "VarAutoEncoder": {"strides": (2, 2, 2, 2)},
    "Classifier": {"classes": 2, "strides": (2, 2, 2, 2)},
    "EfficientNetBN": {"model_name": "efficientnet-b0"},
    "EfficientNetBNFeatures": {"model_name": "efficientnet-b0"},
    "FullyConnectedNet": {"hidden_channels": (8, 16)},
    "VarFullyConnectedNet": {"encode_channels": (8, 16), "decode_channels": (16, 8)},
    "Generator": {"latent_shape": (8,), "start_shape": (8, 4, 4)},
    "MultiScalePatchDiscriminator": {"num_d": 2, "channels": 8},
    "PatchDiscriminator": {"channels": 8},
    "ResNet": {"block": "basic"},
    "ResNetFeatures": {"model_name": "resnet18", "pretrained": False},
    "SPADEAutoencoderKL": {"label_nc": 3, "channels": (32, 32, 64)},
    "SPADEDiffusionModelUNet": {"label_nc": 3, "channels": (32, 32, 64)},
    "SPADENet": {"label_nc": 3, "input_shape": (64, 64, 64)},
    "SegResNetVAE": {"input_image_size": (64, 64, 64)},
    "VoxelMorphUNet": {"unet_out_channels": 16},
}


def monai_models() -> Iterator[tuple[str, Build]]:
    nets = importlib.import_module("monai.networks.nets")
    base = importlib.import_module("torch.nn").Module
    seen: set[int] = set()
    for name, value in sorted(vars(nets).items()):
        if id(value) in seen:
            continue
        seen.add(id(value))
        network = isinstance(value, type) and issubclass(value, base)
        if not name.startswith("_") and (network or inspect.isfunction(value)):
            yield name, partial(_guessed, value)


def _guessed(make: Callable[..., Any]) -> Any:
    """Call with plausible values for the arguments that have no default."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(make).parameters.items():
        required = parameter.default is inspect.Parameter.empty
        if name == "pretrained":
            given[name] = False
        if required and name in _MONAI_GUESSES:
            given[name] = _MONAI_GUESSES[name]
    kinds = [item.kind for item in inspect.signature(make).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:  # the SENets pass everything on
        given.update(_MONAI_SIZED)
    given.update(_MONAI_SPECIAL.get(make.__name__, {}))
    return make(**given)


def transformers_models() -> Iterator[tuple[str, Build]]:
    transformers = importlib.import_module("transformers")
    auto = importlib.import_module("transformers.models.auto.modeling_auto")
    seen: set[str] = set()
    mappings = [
        value
        for name, value in sorted(vars(auto).items())
        if name.startswith("MODEL") and name.endswith("MAPPING_NAMES") and value
    ]
    for mapping in mappings:
        for kind, classes in mapping.items():
            for name in [classes] if isinstance(classes, str) else classes:
                if name not in seen:
                    seen.add(name)
                    yield (
                        name,
                        partial(_transformer, transformers, kind, name),
                    )


def _transformer(transformers: Any, kind: str, name: str) -> Any:
    model = getattr(transformers, name)
    config = getattr(model, "config_class", None)
    made = config() if config else transformers.AutoConfig.for_model(kind)
    return model(made)


LIBRARIES: dict[str, Callable[[], Iterator[tuple[str, Build]]]] = {
    "torchvision": torchvision_models,
    "timm": timm_models,
    "segmentation-models-pytorch": smp_models,
    "monai": monai_models,
    "transformers": transformers_models,
}
