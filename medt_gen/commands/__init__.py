"""The commands: each reads its options, calls the library and prints.

May import: explorer, fitting, importer, reference, torch, training, views.
"""
