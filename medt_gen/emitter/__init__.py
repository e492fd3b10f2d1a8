"""A network to Python source: which classes, which expressions, how it is laid out.

May import: loading.
"""
