"""The sampling design: weights, stages of selection or replicate weights, nothing of answers."""

from analysis.design.sample import SampleDesign
from analysis.design.stages import Component, Floats, Integers, Lonely, Stage

__all__ = ["Component", "Floats", "Integers", "Lonely", "SampleDesign", "Stage"]
