"""Baromètre: survey microdata in, barometer reports that can be trusted out."""

__version__ = "0.1.0"
