"""Layers of installed packages: plugins, each used only where someone names it.

May import: spec.
"""
