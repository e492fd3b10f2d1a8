"""Expressions over parameters, and terms: a value with the expression that gives it.

May import: nothing of ours.
"""
