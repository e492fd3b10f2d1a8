"""The commands: each reads its options, calls the library and prints.

May import: fitting, importer, reference, showing, torch, views.
"""
