"""Every table of keys of the language, in the order in which they are explained."""

from __future__ import annotations

from medt_gen.spec.keys import KeyTable
from medt_gen.spec.read_flow import PATCH_STEP_KEYS, PATCHES_KEYS
from medt_gen.spec.read_modules import MODULE_KEYS, STAGE_KEYS
from medt_gen.spec.read_network import (
    INPUT_KEYS,
    NETWORK_KEYS,
)
from medt_gen.spec.read_open import OPEN_KEYS
from medt_gen.spec.read_training import GATES_KEYS, TRAINING_KEYS

KEY_TABLES: tuple[KeyTable, ...] = (
    NETWORK_KEYS,
    INPUT_KEYS,
    MODULE_KEYS,
    STAGE_KEYS,
    OPEN_KEYS,
    PATCH_STEP_KEYS,
    PATCHES_KEYS,
    TRAINING_KEYS,
    GATES_KEYS,
)
