"""A spec to an `nn.Module`: building, restoring and measuring.

May import: emitter, torch.
"""
