"""A path, a shipped name or a text to a checked spec: the road so far in one call.

May import: resolve.
"""
