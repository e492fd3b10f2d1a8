"""Containers, as torch has them, and the one type that only specs have."""

from __future__ import annotations

SEQUENTIAL = "Sequential"
"""The container that can be called."""

HOLDERS = ("ModuleList", "ModuleDict")
"""Containers that hold modules and can't be called."""

CONTAINERS = (SEQUENTIAL, *HOLDERS)

STAGE = "Stage"
"""Equal blocks behind each other: written in a spec, printed as a Sequential."""
