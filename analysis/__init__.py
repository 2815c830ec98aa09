"""Baromètre: survey microdata in, barometer reports that can be trusted out."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.estimation import Design
    from analysis.estimators.imputation import combine_imputations

__version__ = "0.1.0"

__all__ = ["Design", "__version__", "combine_imputations"]


def __getattr__(name: str) -> object:
    """Load the estimators only when they are asked for: ``baro --help`` need not wait."""
    if name in ("Design", "combine_imputations"):
        module = "analysis.estimation" if name == "Design" else "analysis.estimators.imputation"
        return getattr(import_module(module), name)
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")
