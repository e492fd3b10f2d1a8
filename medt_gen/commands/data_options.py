"""Options that say how a folder of images is split and read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medt_gen.messages.diagnostics import Diagnostic, UnreadableInput

if TYPE_CHECKING:
    from medt_gen.images.preparation import ChannelOrder, Colour, MaskRule
    from medt_gen.training.material import MaterialOptions


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """The folder, and how it is split and read."""
    own = parser.add_argument_group("images")
    own.add_argument(
        "--data",
        metavar="DIR",
        required=True,
        help="train/img and train/labelcol (also val, test), or images and masks, or "
        "nnU-Net's imagesTr and labelsTr",
    )
    own.add_argument(
        "--split",
        metavar="A/B/C",
        help="shares of training, validation and test (70/15/15)",
    )
    own.add_argument(
        "--fold", metavar="K/N", help="validate on part K of N, train on the others"
    )
    own.add_argument(
        "--group",
        metavar="REGEX",
        help="images whose names match alike stay in one split, as those of a patient",
    )
    own.add_argument(
        "--axis",
        type=int,
        choices=(0, 1, 2),
        help="the axis of volumes that is cut into slices: depth, height, width (0)",
    )
    own.add_argument(
        "--masks",
        choices=("indices", "half"),
        help="masks hold class numbers, or class 1 above 127; as found without it",
    )
    own.add_argument(
        "--palette",
        metavar="COLOURS",
        help='the colour of each class in the masks: "0,0,0 255,0,0"',
    )
    own.add_argument(
        "--class-names", metavar="NAMES", help="a,b,c: of the background first"
    )
    own.add_argument(
        "--channel-order",
        choices=("rgb", "bgr"),
        help="the order of colours that the network sees (rgb)",
    )
    own.add_argument(
        "--normalize",
        choices=("unit", "zscore", "none"),
        help="from 0 to 1 (images of 8 bits), or of mean 0 and deviation 1 (others)",
    )


def material_options(
    arguments: argparse.Namespace, *, fit: str, reference: bool = False
) -> MaterialOptions:
    """What the options say; `reference` is the original's way of reading images.

    Raises UnreadableInput for one of another form, and for two that contradict.
    """
    from medt_gen.images.splits import SplitRule, read_fold, read_shares
    from medt_gen.images.survey import MaskForm
    from medt_gen.training.material import MaterialOptions

    if arguments.fold is not None and arguments.split is not None:
        text = "--fold and --split are two ways of splitting: give one of them"
        raise UnreadableInput(Diagnostic("usage", text))
    rule = SplitRule(seed=arguments.seed)
    if arguments.fold is not None:
        fold, folds = read_fold(arguments.fold)
        rule = SplitRule(fold=fold, folds=folds, seed=arguments.seed)
    elif arguments.split is not None:
        rule = SplitRule(read_shares(arguments.split), seed=arguments.seed)
    palette = _palette(arguments.palette)
    names = arguments.class_names
    masks: MaskRule | None = arguments.masks or ("half" if reference else None)
    order: ChannelOrder = arguments.channel_order or ("bgr" if reference else "rgb")
    return MaterialOptions(
        data=Path(arguments.data),
        group=arguments.group,
        rule=rule,
        masks=MaskForm(masks, palette),
        class_names=tuple(names.split(",")) if names else None,
        channel_order=order,
        normalization=arguments.normalize or ("unit" if reference else None),
        axis=arguments.axis,
        fit=fit,
    )


def _palette(text: str | None) -> tuple[Colour, ...] | None:
    if text is None:
        return None
    colours = [colour.split(",") for colour in text.split()]
    right = all(
        len(colour) == 3 and all(x.isdecimal() and int(x) < 256 for x in colour)
        for colour in colours
    )
    if not right or len(colours) < 2:
        raise UnreadableInput(
            Diagnostic(
                "usage",
                "--palette takes two colours or more, of three numbers up to 255 each",
                help='write it as --palette "0,0,0 255,0,0"',
            )
        )
    return tuple((int(r), int(g), int(b)) for r, g, b in colours)


def data_record(options: MaterialOptions) -> dict[str, Any]:
    """What of the options decides which images are trained on."""
    rule = options.rule
    return {
        "group": options.group,
        "shares": list(rule.shares),
        "fold": None if rule.fold is None else [rule.fold, rule.folds],
    }
