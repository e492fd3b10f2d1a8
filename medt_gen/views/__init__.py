"""Tables and trees for people, drawn from records.

May import: runtime.
"""
