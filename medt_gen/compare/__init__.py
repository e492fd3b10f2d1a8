"""Two descriptions of a network against each other: what both say, and if they agree.

May import: emitter, weights.
"""
