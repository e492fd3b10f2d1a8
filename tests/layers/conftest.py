"""The naive layers live beside the benchmark, in tools/, which is no package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
