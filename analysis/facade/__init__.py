"""The methods of :class:`analysis.Design`, by what they are for: one explicit signature each."""

from analysis.facade.comparing import Comparing
from analysis.facade.describing import Describing

__all__ = ["Comparing", "Describing"]
