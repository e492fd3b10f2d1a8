"""The commands: each reads its options, calls the library and prints.

May import: fit, importer, torch, views.
"""
