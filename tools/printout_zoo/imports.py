"""Whether printouts of the zoo are read back as specs, and what is open in these."""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medt_gen.importer import import_tree
from medt_gen.importer.older import modern
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.network.prints import printed_tree
from medt_gen.network.unmade import open_classes
from medt_gen.printout import compare, parse
from tools.printout_zoo.results import load

IMAGE_MODELS = (
    *("Aimv2Vision", "Beit", "Bit", "CLIPVision", "CLIPSegVision", "ConvNext"),
    *("ConvNextV2", "Cvt", "Data2VecVision", "Dinat", "Dinov2", "Dinov2WithRegisters"),
    *("DINOv3ConvNext", "DINOv3ViT", "DPT", "Deit", "DeiT", "EfficientFormer"),
    *("EfficientNet", "FocalNet", "GLPN", "HGNetV2", "Hiera", "IJepa", "ImageGPT"),
    *("Levit", "MobileNetV1", "MobileNetV2", "MobileViT", "MobileViTV2", "Nat"),
    *("PoolFormer", "PPLCNet", "Pvt", "PvtV2", "RegNet", "ResNet", "SLANet"),
    *("Segformer", "SegGpt", "SiglipVision", "SwiftFormer", "Swin", "Swin2SR"),
    *("Swinv2", "TextNet", "TimmWrapper", "UperNet", "Van", "ViT", "ViTHybrid"),
    *("ViTMAE", "ViTMSN", "VitDet", "VitMatte", "VitPose", "Yolos", "ZoeDepth"),
)
"""The families of transformers that count as image models, by the names of classes."""

_IMAGE_MODEL = re.compile(rf"({'|'.join(IMAGE_MODELS)})(Model|Backbone|For\w+)")


@dataclass(frozen=True)
class ImportResult:
    """What a printout came to: whether it was read back, and what is open in the spec.

    `refused` says why it was not, and is empty otherwise.
    """

    library: str
    model: str
    refused: str
    open: Counter[str]

    @property
    def counts(self) -> bool:
        """Whether it is an image model, as all but some of transformers' are."""
        return self.library != "transformers" or bool(
            _IMAGE_MODEL.fullmatch(self.model)
        )

    @property
    def closed(self) -> bool:
        """Whether it was read back without any open module."""
        return not self.refused and not self.open


def results_of(path: Path) -> Iterator[dict[str, Any]]:
    """The printouts of a sample's file, or of a folder that `run` wrote."""
    if path.is_dir():
        yield from (item for item in load(path) if item["text"])
        return
    with lzma.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def imported(item: dict[str, Any]) -> ImportResult:
    """One printout as a spec, which has to print the same, as torch prints it today."""
    library, model = item["library"], item["model"]
    try:
        tree = parse(item["text"], model)
        spec = import_tree(tree, model).spec
    except MedtGenError as error:
        return ImportResult(library, model, str(error)[:300], Counter())
    differences = compare(modern(tree).tree, printed_tree(spec.network))
    refused = f"printed back it differs: {differences[0]}" if differences else ""
    return ImportResult(library, model, refused, open_classes(spec.network))


def shares(results: Iterable[ImportResult]) -> dict[str, tuple[int, int]]:
    """By library, and in all: how many image models have nothing open, of how many."""
    counts: dict[str, list[int]] = {}
    for result in results:
        if result.counts:
            for name in (result.library, "all"):
                found = counts.setdefault(name, [0, 0])
                found[0] += result.closed
                found[1] += 1
    return {name: (closed, whole) for name, (closed, whole) in counts.items()}


def report_imports(path: Path) -> None:
    """Print how many are read back, by library, and which classes are open."""
    results = [imported(item) for item in results_of(path)]
    known = shares(results)
    for library in dict.fromkeys(result.library for result in results):
        own = [result for result in results if result.library == library]
        read = sum(not result.refused for result in own)
        nothing_open = sum(result.closed for result in own)
        closed, whole = known.get(library, (0, 0))
        print(
            f"{library}: {read} of {len(own)} are read back, {nothing_open} with "
            f"nothing open; of {whole} image models {closed}{_share(closed, whole)}"
        )
    closed, whole = known.get("all", (0, 0))
    print(f"all image models: {closed} of {whole} have nothing open", end="")
    print(_share(closed, whole))
    for what, chosen in _open_lists(results):
        print(f"open classes in {what}, with how many models have them:")
        for name, count in chosen.most_common():
            print(f"  {count:4}  {name or '(a row without a class)'}")
    for result in results:
        if result.refused:
            print(f"refused: {result.library} {result.model}: {result.refused}")


def _share(part: int, whole: int) -> str:
    return f" ({100 * part / whole:.0f} %)" if whole else ""


def _open_lists(results: list[ImportResult]) -> Iterator[tuple[str, Counter[str]]]:
    images = [result for result in results if result.counts]
    others = [result for result in results if not result.counts]
    for what, chosen in (("image models", images), ("others", others)):
        found = Counter(name for result in chosen for name in result.open)
        if found:
            yield what, found
