"""Specs read back from printed module trees and from checkpoints.

May import: loading, weights.
"""

from medt_gen.importer.files import import_file
from medt_gen.importer.options import Options, read_options
from medt_gen.importer.printouts import Imported, import_tree

__all__ = ["Imported", "Options", "import_file", "import_tree", "read_options"]
