"""What a person allows to be changed, so that weights load."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """What may be done beyond taking off prefixes and renaming.

    Attributes:
        by_order: take renames that rest on the order among neighbours alone.
        partial: write what there is, though keys are missing or left over.
        init_missing: fill what is missing with the spec's own initial values.
        seed: for those values.
        resize_tables: interpolate tables of positions to the network's lengths.
        adapt_input: sum or repeat the first layer's weights over the input's channels.
    """

    by_order: bool = False
    partial: bool = False
    init_missing: bool = False
    seed: int = 0
    resize_tables: bool = False
    adapt_input: bool = False
