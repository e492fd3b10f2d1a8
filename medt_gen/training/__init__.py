"""Training: from a spec and a folder of images to the folder of a run.

May import: layers, predicting, showing, torch.
"""
