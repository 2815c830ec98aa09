"""Designs whose rows stay in files, in a database or on a cluster: only sums come back."""

from analysis.engines.design import HeldDesign
from analysis.engines.frames import stays

__all__ = ["HeldDesign", "stays"]
