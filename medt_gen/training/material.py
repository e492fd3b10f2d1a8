"""What is trained on: a folder checked against a network, all that is amiss at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from medt_gen.images.agreement import (
    check_alike,
    check_channels,
    check_classes,
    check_sizes,
    check_splits,
    wanted_classes,
)
from medt_gen.images.layouts import all_cases, find_cases
from medt_gen.images.preparation import ChannelOrder, Normalization, Preparation
from medt_gen.images.records import SPLITS, Case, CaseFacts, SplitName
from medt_gen.images.splits import SplitRule, split_cases
from medt_gen.images.survey import MaskForm, class_of_value, decide_mask_form, survey
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import Diagnostic, InvalidInput
from medt_gen.messages.problems import Problems

_DIVISORS = {"uint8": 255.0, "uint16": 65535.0}
"""What `unit` divides by. Cameras fill few of 16 bits: those have their own mean."""


@dataclass(frozen=True)
class MaterialOptions:
    """What the command line says of the images."""

    data: Path
    group: str | None = None
    rule: SplitRule = field(default_factory=SplitRule)
    masks: MaskForm = field(default_factory=MaskForm)
    class_names: tuple[str, ...] | None = None
    channel_order: ChannelOrder = "rgb"
    normalization: Normalization | None = None
    axis: int | None = None
    fit: str = "crop"


@dataclass(frozen=True)
class Material:
    """Images that fit a network: by split, with what was found in them."""

    splits: Mapping[SplitName, tuple[CaseFacts, ...]]
    preparation: Preparation
    layout: str
    warnings: tuple[Diagnostic, ...]

    def listed(self) -> dict[str, list[dict[str, Any]]]:
        """The split list: every image with the hash of its files."""
        return {
            name: [
                {"name": x.case.name, "group": x.case.group, "sha256": x.digest}
                for x in facts
            ]
            for name, facts in self.splits.items()
        }


def gather(
    spec: Spec,
    options: MaterialOptions,
    each: Callable[[int], Callable[[], None]] = lambda total: lambda: None,
) -> Material:
    """Read and check a folder; raises InvalidInput with all that is amiss.

    `each` is told how many images there are, and gives what is called after each.
    """
    problems = Problems()
    folder = find_cases(options.data, options.group, problems)
    splits = split_cases(folder, options.rule, problems)
    cases = all_cases(folder)
    if not cases:
        problems.stop_on_errors()
        raise InvalidInput(Diagnostic("data", f"there are no images in {options.data}"))
    channels = spec.usual.root.input.numbers[0]
    facts = survey(cases, channels, problems, each(len(cases)))
    names = options.class_names or folder.classes
    classes = wanted_classes(spec, names, _values(facts, options.masks))
    check_channels(facts, spec, problems)
    check_classes(spec, classes, problems)
    check_sizes(facts, spec, options.fit, _axis(spec, facts, options), problems)
    check_alike(facts, problems)
    form = decide_mask_form(facts, classes, options.masks, problems)
    by_case = {id(item.case): item for item in facts}
    found = {name: _found(splits[name], by_case) for name in SPLITS}
    names = names or _names(classes)
    if not problems.errors:
        check_splits(found, form, names, problems)
    problems.stop_on_errors()
    preparation = _preparation(spec, facts, names, form, options)
    return Material(found, preparation, folder.layout, problems.warnings)


def _values(facts: Sequence[CaseFacts], form: MaskForm) -> set[int]:
    """The values of all masks; of colours the classes that they stand for."""
    values = {value for item in facts for value in item.classes}
    if form.rule == "half":
        return {0, 255}
    if form.palette is None:
        return values
    known = MaskForm("palette", form.palette)
    classes = (class_of_value(value, known) for value in values)
    return {value for value in classes if value is not None}


def _axis(
    spec: Spec, facts: Sequence[CaseFacts], options: MaterialOptions
) -> int | None:
    """The axis that volumes are cut along, where the network takes images."""
    flat = len(spec.usual.root.input.numbers) == 3
    volumes = any(len(item.size) == 3 for item in facts)
    return (options.axis or 0) if flat and volumes else None


def _found(
    cases: Sequence[Case], by_case: Mapping[int, CaseFacts]
) -> tuple[CaseFacts, ...]:
    return tuple(by_case[id(case)] for case in cases if id(case) in by_case)


def _names(count: int) -> tuple[str, ...]:
    if count == 2:
        return ("background", "foreground")
    return ("background", *(f"class {number}" for number in range(1, count)))


def _preparation(
    spec: Spec,
    facts: Sequence[CaseFacts],
    names: Sequence[str],
    form: MaskForm,
    options: MaterialOptions,
) -> Preparation:
    channels, *size = spec.usual.root.input.numbers
    dtype = facts[0].dtype
    usual: Normalization = "unit" if dtype == "uint8" else "zscore"
    spacings = {item.spacing for item in facts}
    assert form.rule is not None
    return Preparation(
        channels=channels,
        channel_order=options.channel_order,
        normalization=options.normalization or usual,
        divisor=_DIVISORS.get(dtype, 1.0),
        mask_rule=form.rule,
        class_names=tuple(names),
        fit=options.fit,
        size=tuple(size),
        palette=form.palette,
        axis=_axis(spec, facts, options),
        spacing=spacings.pop() if len(spacings) == 1 else None,
    )
