"""The explorer: what networks are, as one page that needs nothing else.

May import: compare, figures, showing.
"""
