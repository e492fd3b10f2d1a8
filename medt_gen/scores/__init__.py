"""How well predicted masks agree with true ones: counts, distances, summaries.

May import: torch.
"""
