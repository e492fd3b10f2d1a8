"""Which images and masks there are in a folder, in each of the three layouts.

The reference's (`train/img`, `train/labelcol`), one folder (`images/`, `masks/`) and
nnU-Net's raw data (`imagesTr`, `labelsTr`, `dataset.json`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from medt_gen.images.records import SPLITS, Case, Folder
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput, UnreadableInput
from medt_gen.messages.problems import Problems
from medt_gen.messages.wording import counted, first_of, nearest, shown

ENDINGS = (
    ".nii.gz", ".nii", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp",
)  # fmt: skip
_DICOM = (".dcm", ".dicom", ".ima")
CHANNEL = re.compile(r"(.+)_(\d{4})$")
"""The stem of a file that is one channel of an image, as nnU-Net names them."""
_MOST_NAMED = 5


def find_cases(data: Path, group: str | None, problems: Problems) -> Folder:
    """The cases of a folder; what has no partner is a problem.

    `group` is a pattern whose match, or first group, in a name says which belong
    together. Raises UnreadableInput where the folder has none of the layouts.
    """
    pattern = _group_pattern(group)
    if not data.is_dir():
        reason = "it is a file" if data.exists() else "there is no such folder"
        text = f"can't read {shown(str(data), 500)}: {reason}"
        near = None if data.exists() else _near_folder(data)
        raise UnreadableInput(Diagnostic("data", text, help=near))
    if (data / "train" / "img").is_dir():
        return _reference(data, pattern, problems)
    if (data / "imagesTr").is_dir():
        return _nnunet(data, pattern, problems)
    if (data / "images").is_dir() and (data / "masks").is_dir():
        found = _pairs(data / "images", data / "masks", pattern, problems)
        return Folder("images and masks", {"": found})
    raise UnreadableInput(
        Diagnostic(
            "data",
            f"{shown(str(data), 500)} is none of the layouts that are known",
            help="it needs `images/` and `masks/`, or `train/img` and `train/labelcol` "
            "(and the same in `val` and `test`), or `imagesTr` and `labelsTr`"
            + _dicom_hint(data),
        )
    )


def _near_folder(data: Path) -> str | None:
    parent = data.parent
    names = [item.name for item in parent.iterdir()] if parent.is_dir() else []
    near = nearest(data.name, names, most=1)
    return f"did you mean `{parent / near[0]}`?" if near else None


def _dicom_hint(data: Path) -> str:
    dicom = any(item.suffix.lower() in _DICOM for item in data.rglob("*"))
    return "; DICOM is not read: convert it to NIfTI first" if dicom else ""


def _group_pattern(group: str | None) -> re.Pattern[str] | None:
    if group is None:
        return None
    try:
        return re.compile(group)
    except re.error as error:
        text = f"--group is no regular expression: {error}"
        raise UnreadableInput(Diagnostic("usage", text)) from None


def _reference(
    data: Path, pattern: re.Pattern[str] | None, problems: Problems
) -> Folder:
    cases: dict[str, tuple[Case, ...]] = {
        split: _pairs(
            data / split / "img", data / split / "labelcol", pattern, problems
        )
        for split in SPLITS
        if (data / split).is_dir()
    }
    if "val" not in cases:
        problems.error(
            "data",
            f"there is no `{shown(str(data / 'val'), 500)}`",
            None,
            "validation images stand in `val/img` and `val/labelcol`; or lay all of "
            "them into `images` and `masks`, and use --split",
        )
    return Folder("train, val, test", cases)


def _nnunet(data: Path, pattern: re.Pattern[str] | None, problems: Problems) -> Folder:
    names = _dataset_json(data / "dataset.json")
    found = _pairs(
        data / "imagesTr", data / "labelsTr", pattern, problems, by_channel=True
    )
    cases = {"": found}
    if (data / "imagesTs").is_dir() and (data / "labelsTs").is_dir():
        cases["test"] = _pairs(
            data / "imagesTs", data / "labelsTs", pattern, problems, by_channel=True
        )
    return Folder("nnU-Net raw data", cases, names)


def _dataset_json(path: Path) -> tuple[str, ...]:
    """The names of the classes, by their numbers."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        text = f"there is no {shown(str(path), 500)}, which names the classes"
        raise UnreadableInput(Diagnostic("data", text)) from None
    except (OSError, ValueError) as error:
        text = f"can't read {shown(str(path), 500)}: {shown(str(error), 200)}"
        raise UnreadableInput(Diagnostic("data", text)) from None
    labels = document.get("labels") if isinstance(document, dict) else None
    if not isinstance(labels, dict):
        raise _odd_dataset(path, "it has no mapping `labels`")
    # nnU-Net 1 had numbers as keys, nnU-Net 2 has names.
    pairs = [(b, a) if str(a).isdecimal() else (a, b) for a, b in labels.items()]
    if any(not str(number).isdecimal() for _, number in pairs):
        raise _odd_dataset(path, "`labels` has regions, or no numbers; neither is read")
    by_number = {int(str(number)): str(name) for name, number in pairs}
    if sorted(by_number) != list(range(len(by_number))):
        raise _odd_dataset(path, "the numbers of `labels` don't go from 0 up")
    return tuple(by_number[n] for n in sorted(by_number))


def _odd_dataset(path: Path, why: str) -> InvalidInput:
    return InvalidInput(Diagnostic("data", f"{shown(str(path), 500)}: {why}"))


def stem_of(path: Path) -> str:
    """A file's name without the ending of an image."""
    name = path.name
    for ending in ENDINGS:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return path.stem


def image_files(folder: Path) -> list[Path]:
    """The images of a folder, by name."""
    return sorted(
        item
        for item in folder.iterdir()
        if item.name.lower().endswith(ENDINGS) and not item.name.startswith(".")
    )


def _pairs(
    images: Path,
    masks: Path,
    pattern: re.Pattern[str] | None,
    problems: Problems,
    *,
    by_channel: bool = False,
) -> tuple[Case, ...]:
    """The images of a folder with the masks of the same stems in another."""
    for folder in (images, masks):
        if not folder.is_dir():
            text = f"there is no folder {shown(str(folder), 500)}"
            raise UnreadableInput(Diagnostic("data", text))
    _complain_of_others(images, problems)
    grouped: dict[str, list[Path]] = defaultdict(list)
    for path in image_files(images):
        channel = CHANNEL.fullmatch(stem_of(path)) if by_channel else None
        grouped[channel[1] if channel else stem_of(path)].append(path)
    labels = _by_stem(masks, problems)
    _complain_of_missing("image", "mask", images, grouped, labels, problems)
    _complain_of_missing("mask", "image", masks, labels, grouped, problems)
    both = sorted(set(grouped) & set(labels))
    if not by_channel:
        _complain_of_twins(images, grouped, problems)
    return tuple(
        Case(name, tuple(grouped[name]), labels[name], _group(name, pattern, problems))
        for name in both
    )


def _by_stem(folder: Path, problems: Problems) -> dict[str, Path]:
    found: dict[str, list[Path]] = defaultdict(list)
    for path in image_files(folder):
        found[stem_of(path)].append(path)
    _complain_of_twins(folder, found, problems)
    return {stem: paths[0] for stem, paths in found.items()}


def _complain_of_twins(
    folder: Path, found: dict[str, list[Path]], problems: Problems
) -> None:
    for paths in found.values():
        if len(paths) > 1:
            names = first_of([path.name for path in paths], _MOST_NAMED, "`")
            text = f"{shown(str(folder), 500)} has one image as several files: {names}"
            problems.error("data", text, None, "keep one of them")


def _complain_of_others(folder: Path, problems: Problems) -> None:
    dicom = [x.name for x in folder.iterdir() if x.suffix.lower() in _DICOM]
    if dicom:
        text = f"DICOM is not read: {first_of(sorted(dicom), _MOST_NAMED, '`')}"
        problems.error("data", text, None, "convert it to NIfTI first")
    if not image_files(folder):
        text = f"there is no image in {shown(str(folder), 500)}"
        problems.error("data", text, None, f"what is read: {', '.join(ENDINGS)}")


def _complain_of_missing(
    what: str,
    other: str,
    folder: Path,
    there: Iterable[str],
    partners: Iterable[str],
    problems: Problems,
) -> None:
    alone = sorted(set(there) - set(partners))
    if not alone:
        return
    near = nearest(alone[0], list(partners), most=1)
    problems.error(
        "data",
        f"{counted(len(alone), what)} in {shown(str(folder), 500)} without a {other}: "
        f"{first_of(alone, _MOST_NAMED, '`')}",
        None,
        f"an image and its mask have the same name; near it is `{shown(near[0])}`"
        if near
        else "an image and its mask have the same name, but for the ending",
    )


def _group(name: str, pattern: re.Pattern[str] | None, problems: Problems) -> str:
    if pattern is None:
        return name
    found = pattern.search(name)
    if found is None:
        text = f"--group {shown(pattern.pattern)} matches nothing in `{shown(name)}`"
        problems.error("data", text, None, "every image has to be in some group")
        return name
    return found[1] if found.re.groups and found[1] is not None else found[0]


def all_cases(folder: Folder) -> Sequence[Case]:
    """The cases of all splits, in their order."""
    return [case for cases in folder.cases.values() for case in cases]
