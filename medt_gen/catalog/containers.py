"""Containers, as torch has them, and the one type that only specs have."""

from __future__ import annotations

from collections.abc import Mapping

SEQUENTIAL = "Sequential"
"""The container that can be called."""

HOLDERS = ("ModuleList", "ModuleDict")
"""Containers that hold modules and can't be called."""

CONTAINERS = (SEQUENTIAL, *HOLDERS)

STAGE = "Stage"
"""Equal blocks behind each other: written in a spec, printed as a Sequential."""

SAYS: Mapping[str, str] = {
    SEQUENTIAL: "Its `modules`, called one after the other.",
    "ModuleList": "Its `modules`, numbered from 0; it can't be called, so it stands in "
    "classes without a `forward`.",
    "ModuleDict": "Its `modules`, by name; it can't be called, so it stands in classes "
    "without a `forward`.",
    STAGE: "A Sequential of `depth` equal blocks; only the first has the `stride`.",
}
"""What each of them is, for hover."""
