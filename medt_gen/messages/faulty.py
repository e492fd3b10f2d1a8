"""The one way to say that a value has been complained of already."""

from __future__ import annotations

from enum import Enum
from typing import Final, Literal


class Faulty(Enum):
    """Stands where a value should be and is none: what uses it is no second mistake."""

    FAULTY = "complained of already"


FAULTY: Final[Literal[Faulty.FAULTY]] = Faulty.FAULTY
