"""The commands: each reads its options, calls the library and prints.

May import: compare, fit, importer, torch, views.
"""
