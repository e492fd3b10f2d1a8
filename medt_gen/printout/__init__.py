"""Printed module trees as data: parse, render, walk and compare `print(model)`.

No torch is imported here: a printout is text, and outlives the code it came from.
"""

from medt_gen.printout.compare import Difference, Renumbered, compare
from medt_gen.printout.document import Printout, find, listing, parse, pick
from medt_gen.printout.tree import Node, count_modules, render, unwrap, walk

__all__ = [
    "Difference",
    "Node",
    "Printout",
    "Renumbered",
    "compare",
    "count_modules",
    "find",
    "listing",
    "parse",
    "pick",
    "render",
    "unwrap",
    "walk",
]
