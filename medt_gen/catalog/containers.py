"""Containers, as torch has them, and the one type that only specs have."""

from __future__ import annotations

from collections.abc import Mapping

SEQUENTIAL = "Sequential"
"""The container that can be called."""

HOLDERS = ("ModuleList", "ModuleDict")
"""Containers that hold modules and can't be called as a whole."""

CONTAINERS = (SEQUENTIAL, *HOLDERS)

STAGE = "Stage"
"""Equal blocks behind each other: written in a spec, printed as a Sequential."""

PARAMETER = "Parameter"
"""A tensor that a class holds itself: no module, and so no row of a printout."""

SAYS: Mapping[str, str] = {
    SEQUENTIAL: "Its `modules`, called one after the other.",
    "ModuleList": "Its `modules`, numbered from 0; they are called by path, as `m.0`.",
    "ModuleDict": "Its `modules`, by name; they are called by path, as `m.main`.",
    PARAMETER: "A tensor that the class itself learns, of torch's `shape`, filled by "
    "`init` and read in pipes by its name, `x | scale(gamma)`; no printout shows it.",
    STAGE: "A Sequential of `depth` equal blocks; only the first has the `stride`.",
}
"""What each of them is, for hover."""
