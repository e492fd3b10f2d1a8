"""Diagnostics on standard error: of what is wrong, and of what is only worth a look."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from medt_gen.messages.diagnostics import Diagnostic

if TYPE_CHECKING:
    from medt_gen.loading.spec import Spec


def show(items: Sequence[Diagnostic], *, trace: bool = False) -> None:
    """Write diagnostics, counted where there are several."""
    if not items:
        return
    from rich.console import Console

    from medt_gen.messages.render import print_with_count

    print_with_count(items, Console(file=sys.stderr), trace=trace)


def show_warnings(spec: Spec) -> None:
    """Write what `validate` warns of."""
    show(spec.warnings)
