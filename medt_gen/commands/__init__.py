"""The commands: each reads its options, calls the library and prints.

May import: compare, importer, torch, views.
"""
