"""Large numbers in the width of a table's column."""

from __future__ import annotations

_STEPS = ("", " k", " M", " G", " T", " P", " E")


def short(number: int) -> str:
    """Three digits and a decimal unit: `24.6 M`; numbers below 1,000 as they are."""
    value, step = float(number), 0
    while value >= 999.5 and step < len(_STEPS) - 1:
        value, step = value / 1000, step + 1
    if step == 0:
        return str(number)
    # Rounded before they are counted: 9.999 has three digits as 10.0.
    whole = len(str(int(float(f"{value:.3g}"))))
    return f"{value:.{max(0, 3 - whole)}f}{_STEPS[step]}"


def short_bytes(number: int) -> str:
    """The same in bytes: `57.1 MB`."""
    text = short(number)
    return f"{text}B" if text[-1].isalpha() else f"{text} B"


def size(numbers: tuple[int, ...]) -> str:
    """A shape: `3 x 128 x 128`."""
    return " x ".join(str(number) for number in numbers)
