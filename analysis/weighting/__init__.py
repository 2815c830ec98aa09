"""From answers to weights: calibration, nonresponse, trimming, and the report of each step."""

from analysis.weighting.calibrate import calibrate
from analysis.weighting.distances import Method
from analysis.weighting.margins import Margins
from analysis.weighting.nonresponse import adjust_nonresponse
from analysis.weighting.report import WeightReport
from analysis.weighting.trimming import trim

__all__ = ["Margins", "Method", "WeightReport", "adjust_nonresponse", "calibrate", "trim"]
