"""How a network is trained: every setting decided, by spec, preset and options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from medt_gen.catalog.training import (
    SETTINGS,
    SETTINGS_BY_NAME,
    Setting,
    as_named,
    is_off,
)
from medt_gen.loading.spec import Spec
from medt_gen.messages.diagnostics import (
    Diagnostic,
    InvalidInput,
    Source,
    UnreadableInput,
)
from medt_gen.spec.nodes import node_data
from medt_gen.spec.read_training import TRAINING, written_settings
from medt_gen.spec.yaml_events import parse_value
from medt_gen.training.preset import REFERENCE, Preset


@dataclass(frozen=True)
class Recipe:
    """Every setting of the catalog, with a value; None is off."""

    epochs: int
    batch_size: int
    accumulate: int
    loss: str
    class_weights: tuple[float, ...] | None
    output_weights: tuple[float, ...] | Mapping[str, float] | None
    optimizer: str
    lr: float
    weight_decay: float
    momentum: float
    schedule: str
    warmup_epochs: int
    plateau_epochs: int
    power: float
    precision: str
    clip_norm: float | None
    patience: int | None
    ema: float | None
    augment: Mapping[str, float]
    fit: str
    best_by: str

    def record(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


def make_recipe(
    spec: Spec, options: Mapping[str, Any], preset: Preset | None = None
) -> Recipe:
    """The recipe of a spec: defaults, what it writes, a preset, and options over all.

    Raises UnreadableInput for settings that contradict each other.
    """
    values = {setting.name: setting.default for setting in SETTINGS}
    values |= written_settings(spec.declared.root.keys[TRAINING])
    values |= REFERENCE if preset == "reference" else {}
    values |= options
    for name, value in values.items():
        values[name] = None if is_off(value) else value
    for name in ("class_weights", "output_weights"):
        if isinstance(values[name], list):
            values[name] = tuple(values[name])
    recipe = Recipe(**values)
    _check(recipe)
    return recipe


def _check(recipe: Recipe) -> None:
    if recipe.warmup_epochs >= recipe.epochs:
        raise _usage("`warmup_epochs` is not smaller than `epochs`")


def _usage(text: str) -> UnreadableInput:
    return UnreadableInput(Diagnostic("usage", text))


def read_option(name: str, text: str) -> Any:
    """The value of an option; raises UnreadableInput for one of another form."""
    setting = SETTINGS_BY_NAME[name]
    try:
        node = parse_value(Source(setting.option, text))
        data = as_named(setting, node_data(node))
    except InvalidInput:
        data = text
    return _judged(setting, data)


def read_augment(texts: Sequence[str]) -> dict[str, float]:
    """`--augment NAME=X`, given once or more; `none` is no augmentation.

    Raises UnreadableInput for other names and strengths.
    """
    found: dict[str, Any] = {}
    for text in texts:
        if text == "none" and len(texts) == 1:
            continue
        name, _, strength = text.partition("=")
        try:
            found[name] = float(strength)
        except ValueError:
            found[name] = strength
    judged: dict[str, float] = _judged(SETTINGS_BY_NAME["augment"], found)
    return judged


def _judged(setting: Setting, data: Any) -> Any:
    wrong = setting.problem(data, setting.option)
    if wrong is not None:
        raise UnreadableInput(Diagnostic("usage", wrong[0], help=wrong[1]))
    return data
