"""The folder of a run: what is in it, how it is written, and how it is read again.

May import: images, runtime, torch, weights.
"""
