"""Declarations to a network: types, channels, features, spans, grids, budgets.

May import: extensions, network.
"""
