"""Try the printout reader on the models of the large public collections.

    python tools/printout_zoo.py run OUT [--only timm torchvision ...] [--match TEXT]
    python tools/printout_zoo.py report OUT
    python tools/printout_zoo.py sample OUT tests/printout/zoo/printouts.jsonl.xz

`run` builds every model of torchvision, timm, segmentation-models-pytorch, MONAI and
transformers on the meta device and checks two promises on its printout: parsed and
rendered it is the same text, with the paths and classes of the living modules; and
with line breaks and indentation lost it gives the same, or a diagnostic that says what
is ambiguous. It belongs in an environment of its own, since torchvision and timm need a
torch that matches:

    python -m venv zoo && zoo/bin/pip install torch==2.14.1 torchvision==0.29.1
    zoo/bin/pip install timm segmentation-models-pytorch monai transformers
    PYTHONPATH=. zoo/bin/python tools/printout_zoo.py run zoo-results
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import inspect
import json
import lzma
import random
import resource
import signal
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from medt_gen.diagnostics import InvalidInput
from medt_gen.printout import Node, parse, render, walk
from medt_gen.printout.live import walk_modules

SECONDS_A_MODEL = 60
MOST_MEMORY = 10 * 1024**3
SAMPLE_SIZE = 260
SAMPLE_TEXT = 60_000

Build = Callable[[], Any]


@dataclass(frozen=True)
class Result:
    """What one model printed, and the (path, class) pairs of its living modules.

    `unbuilt` says why the library could not build it here, and is empty otherwise;
    `overridden` lists the modules that print themselves in their own way.
    """

    library: str
    model: str
    unbuilt: str = ""
    text: str = ""
    pairs: tuple[tuple[str, str], ...] = ()
    overridden: tuple[str, ...] = ()


def flatten(text: str) -> str:
    """The printout as web pages leave it: no line breaks, no indentation."""
    return "".join(line.strip() for line in text.split("\n"))


def judge(
    text: str, pairs: list[tuple[str, str]], overridden: list[str]
) -> tuple[str, str]:
    """(outcome, detail) of a printout whose modules are known.

    The outcome is `kept`; `hidden` (kept but below modules with a `__repr__` of their
    own, which print what they like); `refused` (the flattened form is ambiguous, and a
    diagnostic says so, as promised); or `failed`.
    """
    try:
        tree = parse(text)
    except InvalidInput as error:
        return "failed", str(error)[:500]
    if render(tree) != text:
        return "failed", "rendered text differs"
    found = _pairs(tree)
    shown = _pruned(pairs, overridden)
    if _pruned(found, overridden) != shown:
        detail = _first_difference(_pruned(found, overridden), shown)
        return "failed", f"modules differ: {detail}"
    outcome, detail = _judge_flattened(text, tree, overridden)
    if outcome == "kept" and found != pairs:
        return "hidden", _first_difference(found, pairs)
    return outcome, detail


def _judge_flattened(text: str, tree: Node, overridden: list[str]) -> tuple[str, str]:
    try:
        flat = parse(flatten(text))
    except InvalidInput as refusal:
        codes = {item.code for item in refusal.diagnostics}
        outcome = "refused" if codes == {"printout-ambiguous"} else "failed"
        return outcome, f"flattened: {refusal}"[:500]
    found, expected = _pairs(flat), _pairs(tree)
    if _pruned(found, overridden) != _pruned(expected, overridden):
        return "failed", f"flattened: {_first_difference(found, expected)}"
    if changed := _one_liners(tree).items() - _one_liners(flat).items():
        return "failed", f"flattened: attributes differ: {min(changed)}"
    return "kept", ""


def _pairs(tree: Node) -> list[tuple[str, str]]:
    return [(path, node.type) for path, node in walk(tree, expand=True)]


def _pruned(
    pairs: list[tuple[str, str]], overridden: list[str]
) -> list[tuple[str, str]]:
    """The pairs that are neither one of the given modules nor below one."""
    below = tuple(f"{path}." for path in overridden)
    return [pair for pair in pairs if not f"{pair[0]}.".startswith(below)]


def _one_liners(tree: Node) -> dict[str, str]:
    return {
        path: node.attributes[0].strip()
        for path, node in walk(tree)
        if len(node.attributes) == 1
    }


def _first_difference(found: list[Any], expected: list[Any]) -> str:
    for one, other in zip(found, expected, strict=False):
        if one != other:
            return f"read {one}, is {other}"
    return f"read {len(found)} modules, are {len(expected)}"


def try_model(library: str, model: str, build: Build, torch: Any) -> Result:
    """Build one model on the meta device, or where its code can't, on the processor."""
    reason = ""
    for device in ("meta", "cpu"):
        signal.alarm(SECONDS_A_MODEL)
        try:
            with torch.device(device):
                module = build()
            text = repr(module)
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}"[:300]
            if "meta" in reason:
                continue
            break
        finally:
            signal.alarm(0)
        return _described(library, model, text, module, torch)
    return Result(library, model, reason)


def _described(library: str, model: str, text: str, module: Any, torch: Any) -> Result:
    own = tuple(
        path
        for path, item in module.named_modules(remove_duplicate=False)
        if path and _prints_itself(item, torch)
    )
    return Result(library, model, "", text, tuple(walk_modules(module)), own)


def _prints_itself(module: Any, torch: Any) -> bool:
    """Whether a module prints other rows than torch would for its children."""
    method = type(module).__repr__
    if method is torch.nn.ModuleList.__repr__:
        return list(module._modules) != [str(i) for i in range(len(module._modules))]
    return method is not torch.nn.Module.__repr__


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


def run(out: Path, only: list[str], match: str) -> None:
    """Build every model and write one compressed line each."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    signal.signal(signal.SIGALRM, _too_slow)
    out.mkdir(parents=True, exist_ok=True)
    for library in only or LIBRARIES:
        path = out / f"{library}.jsonl.gz"
        with gzip.open(path, "wt", encoding="utf-8", compresslevel=4) as file:
            for model, build in LIBRARIES[library]():
                if match in model:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        result = try_model(library, model, build, torch)
                    file.write(json.dumps(asdict(result)) + "\n")


def _too_slow(signum: int, frame: object) -> None:
    raise TimeoutError(f"not built in {SECONDS_A_MODEL} s")


def load(out: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(out.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def judged(out: Path) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Every result with its outcome and detail."""
    for result in load(out):
        if not result["text"]:
            yield result, "unbuilt", result["unbuilt"]
            continue
        pairs = [(path, name) for path, name in result["pairs"]]
        yield result, *judge(result["text"], pairs, result["overridden"])


def report(out: Path) -> None:
    """Print how many of how many hold both promises, and name all others."""
    counts: dict[str, Counter[str]] = {}
    others = []
    modules = 0
    for result, outcome, detail in judged(out):
        counts.setdefault(result["library"], Counter())[outcome] += 1
        modules += len(result["pairs"])
        if outcome != "kept":
            others.append(f"{result['library']} {result['model']}: {outcome}: {detail}")
    for library, counted in counts.items():
        built = counted.total() - counted["unbuilt"]
        print(
            f"{library}: {built - counted['failed']} of {built} hold both promises "
            f"({counted['refused']} refused when flattened, {counted['hidden']} with "
            f"modules hidden by a __repr__); {counted['unbuilt']} could not be built"
        )
    print(f"{modules} modules in all")
    for line in others:
        print(f"  {line[:300]}")


def sample(out: Path, target: Path) -> None:
    """Keep a fixed choice of printouts: each library's share, the odd ones first."""
    chooser = random.Random(0)
    groups: dict[str, list[dict[str, Any]]] = {}
    for result in load(out):
        if result["text"] and len(result["text"]) <= SAMPLE_TEXT:
            groups.setdefault(result["library"], []).append(result)
    chosen: list[dict[str, Any]] = []
    for results in groups.values():
        results.sort(key=lambda item: item["model"])
        chooser.shuffle(results)
        results.sort(key=_oddness, reverse=True)
        odd = results[: SAMPLE_SIZE // len(groups) // 2]
        rest = results[len(odd) :]
        share = min(SAMPLE_SIZE // len(groups) - len(odd), len(rest))
        chosen += odd + chooser.sample(rest, share)
    target.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(target, "wt", encoding="utf-8", preset=9) as file:
        for result in sorted(chosen, key=lambda item: (item["library"], item["model"])):
            kept = {
                key: result[key]
                for key in ("library", "model", "text", "pairs", "overridden")
            }
            file.write(json.dumps(kept) + "\n")
    print(f"{len(chosen)} printouts, {target.stat().st_size} bytes")


def _oddness(result: dict[str, Any]) -> int:
    """How far a printout is from rows of plain modules."""
    lines = result["text"].split("\n")
    plain = sum(line.lstrip()[:1] in "()" for line in lines)
    return min(len(lines) - plain, 50)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run")
    running.add_argument("out", type=Path)
    running.add_argument("--only", nargs="*", choices=sorted(LIBRARIES), default=[])
    running.add_argument(
        "--match", default="", help="only models with this in the name"
    )
    commands.add_parser("report").add_argument("out", type=Path)
    sampling = commands.add_parser("sample")
    sampling.add_argument("out", type=Path)
    sampling.add_argument("target", type=Path)
    options = parser.parse_args()
    if options.command == "run":
        run(options.out, options.only, options.match)
    elif options.command == "report":
        report(options.out)
    else:
        sample(options.out, options.target)


if __name__ == "__main__":
    main()
