"""Designs whose rows stay in files, in a database or on a cluster: only sums come back."""

from analysis.engines.design import HeldDesign
from analysis.engines.frames import stays
from analysis.engines.opening import ENGINES, Engine, opened

__all__ = ["ENGINES", "Engine", "HeldDesign", "opened", "stays"]
