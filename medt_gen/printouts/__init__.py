"""Printed module trees as data: parse, render, walk and compare `print(model)`.

May import: catalog, files, paths.
"""

from medt_gen.printouts.compare import Difference, Renumbered, compare
from medt_gen.printouts.document import Printout, find, listing, parse, pick
from medt_gen.printouts.tree import Node, count_modules, render, unwrap, walk

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
