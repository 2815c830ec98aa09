"""Every raw column of every wave, declared or not: from respondents to the codebook.

:func:`describe_wave` counts one wave; :func:`assemble` puts waves side by side, says what changed
and applies the rules of publication; :func:`topline` tabulates one column, by a domain where asked.
"""

from analysis.columns.answers import technical
from analysis.columns.assemble import assemble
from analysis.columns.describe import describe_wave
from analysis.columns.topline import TOPLINE, known_domain, topline

__all__ = ["TOPLINE", "assemble", "describe_wave", "known_domain", "technical", "topline"]
