"""The sampling design: weights, stages of selection or replicate weights, nothing of answers."""

from analysis.design.arrays import Floats, Integers
from analysis.design.calibration import Calibration
from analysis.design.replicates import Replicates
from analysis.design.sample import SampleDesign
from analysis.design.stages import Component, Lonely, Stage

__all__ = [
    "Calibration",
    "Component",
    "Floats",
    "Integers",
    "Lonely",
    "Replicates",
    "SampleDesign",
    "Stage",
]
