"""What is said of an input: diagnostics as records, their wording and rendering, and
what each code means.

May import: nothing of ours.
"""
