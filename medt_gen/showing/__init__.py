"""A spec written out: what it inherits, and what is inferred, each with its origin.

May import: emitter.
"""
