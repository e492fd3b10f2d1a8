"""The resolved architecture, which everything after it reads: its records, what it
prints, which tensors it holds, what its data flow means.

May import: printouts, spec.
"""
