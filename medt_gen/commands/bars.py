"""A bar while images are read, where somebody looks at it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def reading_bar() -> Iterator[Callable[[int], Callable[[], None]]]:
    """What is told how many images there are, and gives what is called after each."""
    if not sys.stderr.isatty():
        yield lambda total: lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:

        def begin(total: int) -> Callable[[], None]:
            task = bars.add_task("reading images", total=total)
            return lambda: bars.advance(task)

        yield begin
