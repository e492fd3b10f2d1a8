"""The spec behind a model that was built: its source is at hand, and says it."""

from __future__ import annotations

import sys
from typing import Any

from medt_gen.emitter.classes import PARAMETERS
from medt_gen.emitter.stamp import embedded_spec


def spec_document(model: object) -> dict[str, Any]:
    """The composed spec of a model, with the arguments that its class was called with.

    Raises ValueError for a model that medt-gen did not build.
    """
    module = sys.modules.get(type(model).__module__)
    source = getattr(module, "__source__", None)
    if source is None:
        raise ValueError(f"{type(model).__name__} was not built by medt-gen")
    document = embedded_spec(source)
    given = vars(model).get(PARAMETERS)
    if given:
        document["params"] = {**document["params"], **given}
    return document
