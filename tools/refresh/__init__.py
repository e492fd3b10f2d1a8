"""Renews everything in the repository that is generated: `python -m tools.refresh`.

What comes from outside (`tests/reference/`, what other libraries print) is an oracle,
and is never written here.
"""
