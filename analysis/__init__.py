"""Baromètre: survey microdata in, barometer reports that can be trusted out."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.estimation import Design

__version__ = "0.1.0"

__all__ = ["Design", "__version__"]


def __getattr__(name: str) -> object:
    """Load the estimators only when they are asked for: ``baro --help`` need not wait."""
    if name == "Design":
        from analysis.estimation import Design

        return Design
    raise AttributeError(f"module 'analysis' has no attribute {name!r}")
