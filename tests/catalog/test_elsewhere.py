"""Names of other libraries: what they point to is there, and none is one of ours."""

from __future__ import annotations

import re

import pytest

from medt_gen.catalog import LAYERS, OPERATIONS
from medt_gen.catalog.elsewhere import (
    ARGUMENTS_ELSEWHERE,
    LAYERS_ELSEWHERE,
    OPERATIONS_ELSEWHERE,
)
from medt_gen.spec.blocks import shipped_block
from medt_gen.spec.read_modules import STAGE_KEYS
from medt_gen.spec.shipped import block_names

ARGUMENTS = {
    *(name for layer in LAYERS.values() for name in layer.names),
    *(name for block in block_names() for name in shipped_block(block).parameters),
    *STAGE_KEYS.names,
}


@pytest.mark.parametrize("name", LAYERS_ELSEWHERE)
def test_a_layer_of_another_library_is_one_of_ours(name: str) -> None:
    assert LAYERS_ELSEWHERE[name] in LAYERS
    assert name == name.casefold()
    assert name not in {layer.casefold() for layer in LAYERS}


@pytest.mark.parametrize("name", ARGUMENTS_ELSEWHERE)
def test_an_argument_of_another_library_is_one_of_ours(name: str) -> None:
    assert ARGUMENTS_ELSEWHERE[name]
    assert set(ARGUMENTS_ELSEWHERE[name]) <= ARGUMENTS


@pytest.mark.parametrize("name", OPERATIONS_ELSEWHERE)
def test_what_is_written_instead_of_an_operation_exists(name: str) -> None:
    assert name not in OPERATIONS
    called = re.findall(r"\b([a-z_]+)\(", OPERATIONS_ELSEWHERE[name])
    assert set(called) <= set(OPERATIONS)
