"""Whether a folder's images and a network fit together; what disagrees has its mend."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from medt_gen.images.records import CaseFacts, SplitName
from medt_gen.images.survey import BINARY, MaskForm, class_of_value
from medt_gen.loading.load import load
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import MedtGenError
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import counted, either, first_of
from medt_gen.network.summary import flow_outputs

_MOST_NAMED = 5
_MOST_CLASSES = 64


def network_classes(spec: Spec) -> int:
    """The channels of the first result, one for each class."""
    flow = spec.usual.root.flow
    assert flow is not None
    return next(iter(flow_outputs(flow).values()))[0]


def check_channels(facts: Sequence[CaseFacts], spec: Spec, problems: Problems) -> None:
    """Every image has the channels of the network's input."""
    wanted = spec.usual.root.input.numbers[0]
    other = defaultdict(list)
    for item in facts:
        if item.channels != wanted:
            other[item.channels].append(item.case.images[0].name)
    for channels, names in sorted(other.items()):
        alone = len(names) == len(facts)
        problems.error(
            "data",
            f"the network takes {counted(wanted, 'channel')}, and "
            f"{'all images have' if alone else first_of(names, _MOST_NAMED, '`')}"
            f"{'' if alone else ' has' if len(names) == 1 else ' have'} {channels}",
            None,
            _set_for(spec, "input.channels", channels) if alone else None,
        )


def wanted_classes(
    spec: Spec, names: Sequence[str] | None, values: Collection[int]
) -> int:
    """How many classes the masks have: those that are named, or that values stand for.

    Large values are no classes: they are gray edges, or what somebody has painted.
    """
    if names is not None:
        return max(len(names), 2)
    if values and set(values) <= BINARY and max(values) > 1:
        return 2
    plain = values and max(values) < _MOST_CLASSES
    largest = max(values) + 1 if plain else 0
    return max(network_classes(spec), largest, 2)


def check_classes(spec: Spec, wanted: int, problems: Problems) -> None:
    """The network has a channel for each class of the masks."""
    have = network_classes(spec)
    if wanted == have:
        return
    text = f"the network gives {have} class{'' if have == 1 else 'es'}, and the masks "
    text += f"have {wanted}"
    if have == 1:
        text += ": the background is a class of its own here"
    problems.error("data", text, None, _classes_help(spec, wanted))


def _classes_help(spec: Spec, wanted: int) -> str:
    """The `--set` of a parameter that brings so many classes, tried out."""
    params = spec.document.get("params", {})
    have = network_classes(spec)
    candidates = [name for name, value in params.items() if value == have]
    candidates.sort(key=lambda name: "class" not in name)
    for name in candidates:
        found = _set_for(spec, f"params.{name}", wanted, classes=wanted)
        if found is not None:
            return found
    return f"give the last layer {wanted} output channels"


def _set_for(
    spec: Spec, path: str, value: object, *, classes: int | None = None
) -> str | None:
    """`--set path=value` where the spec is right with it."""
    text = f"{path}={value}".replace(" ", "")
    try:
        document_text = _as_text(spec)
        other = load(text=document_text, overrides=[text])
    except MedtGenError:
        return None
    if classes is not None and network_classes(other) != classes:
        return None
    return f"use --set {text}"


def _as_text(spec: Spec) -> str:
    import json

    return json.dumps(spec.document)


def check_sizes(
    facts: Sequence[CaseFacts],
    spec: Spec,
    fit: str,
    axis: int | None,
    problems: Problems,
) -> None:
    """Sizes under `--fit strict` and `pad`, and the number of axes always."""
    size = spec.usual.root.input.numbers[1:]
    other: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for item in facts:
        own = item.size
        if axis is not None and len(own) == 3:
            own = tuple(length for place, length in enumerate(own) if place != axis)
        if len(own) != len(size):
            problems.error(
                "data",
                f"the network takes {_kind(len(size))}, and `{item.case.name}` is "
                f"{_kind(len(own), article=True)}",
                None,
            )
            continue
        refused = (
            own != size
            if fit == "strict"
            else any(fit == "pad" and a > b for a, b in zip(own, size, strict=True))
        )
        if refused:
            other[own].append(item.case.images[0].name)
    for own, names in sorted(other.items()):
        alone = len(other) == 1 and len(names) == len(facts)
        text = "x".join(map(str, own))
        problems.error(
            "data",
            f"the network takes images of {'x'.join(map(str, size))}, and "
            f"{'all' if alone else first_of(names, _MOST_NAMED, '`')} "
            f"{'is' if len(names) == 1 and not alone else 'are'} {text}",
            None,
            (_set_for(spec, "input.size", list(own)) if alone else None)
            or f"use --fit crop or --fit resize in place of --fit {fit}",
        )


def _kind(axes: int, *, article: bool = False) -> str:
    if axes == 3:
        return "a volume" if article else "volumes"
    return "an image" if article else "images"


def check_alike(facts: Sequence[CaseFacts], problems: Problems) -> None:
    """All images have one type of numbers; ranges and spacings are compared."""
    types = Counter(item.dtype for item in facts)
    if len(types) > 1:
        usual, _ = types.most_common(1)[0]
        odd = [x.case.images[0].name for x in facts if x.dtype != usual]
        names = first_of(odd, _MOST_NAMED, "`")
        text = f"images are {either(sorted(types), 'and')}: {names}"
        problems.error("data", text, None, f"most are {usual}: convert the others")
    whole = [item for item in facts if item.dtype == "uint8" and item.high <= 1]
    if whole and len(whole) < len(facts):
        names = first_of([x.case.images[0].name for x in whole], _MOST_NAMED, "`")
        text = f"no value above 1 in images of 8 bits: {names}"
        problems.warning("data", text, None, "are they masks, or black?")
    spacings = {item.spacing for item in facts if item.spacing is not None}
    if len(spacings) > 1:
        listed = sorted(spacings)
        text = (
            f"pixels lie {_mm(listed[0])} apart in some images, and "
            f"{_mm(listed[-1])} in others"
        )
        help = "the network sees pixels, not millimetres: resample them to one spacing"
        problems.warning("data", text, None, help)


def _mm(spacing: tuple[float, ...]) -> str:
    return " x ".join(f"{x:g}" for x in spacing) + " mm"


def check_splits(
    splits: Mapping[SplitName, Sequence[CaseFacts]],
    form: MaskForm,
    names: Sequence[str],
    problems: Problems,
) -> None:
    """No image is in two splits, every class is seen, and one image is too few."""
    train = splits["train"]
    if len(train) == 1 and len(train[0].size) == 2:
        problems.error("data", "there is one image to train on", None, "give more")
    by_pixels: dict[str, tuple[SplitName, CaseFacts]] = {}
    for split, facts in splits.items():
        for item in facts:
            first = by_pixels.setdefault(item.pixels, (split, item))
            if first[0] != split:
                problems.error(
                    "data",
                    f"the same image is in `{first[0]}` and `{split}`: "
                    f"`{first[1].case.images[0].name}` and "
                    f"`{item.case.images[0].name}`",
                    None,
                    "leave one of them out",
                )
    for split in ("train", "val"):
        seen = {class_of_value(v, form) for item in splits[split] for v in item.classes}
        missing = [name for number, name in enumerate(names) if number not in seen]
        if not missing or not splits[split]:
            continue
        text = (
            f"no pixel of {first_of(missing, _MOST_NAMED, '`')} in any mask of {split}"
        )
        if split == "train":
            problems.error(
                "data", text, None, "a class that is never seen is not learnt"
            )
        else:
            problems.warning("data", text, None, "its score is not known")
