"""The closed catalog: every layer type and operation that a spec can name.

May import: algebra, messages.
"""

from medt_gen.catalog.layers import LAYERS
from medt_gen.catalog.operations import OPERATIONS

__all__ = ["LAYERS", "OPERATIONS"]
