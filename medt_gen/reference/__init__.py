"""What there is to use, by name: layers, operations, blocks, keys, specs, examples.

May import: loading.
"""
