"""Folders of images and masks: which there are, what is in them, and what is amiss.

May import: loading.
"""
