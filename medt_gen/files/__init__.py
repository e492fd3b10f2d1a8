"""Reading bytes within limits, and writing text in one step.

May import: messages.
"""
