"""The commands: each reads its options, calls the library and prints.

May import: explorer, figures, fitting, importer, reference, torch, views.
"""
