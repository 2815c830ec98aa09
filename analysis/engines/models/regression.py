"""Regression where the rows are, with the result of :mod:`analysis.estimators.regression`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from analysis.engines.models.averages import averages
from analysis.engines.models.base import base
from analysis.engines.models.fit import fit
from analysis.engines.sample import HeldSample
from analysis.estimators import glm
from analysis.estimators.formula import parse
from analysis.estimators.options import Options
from analysis.estimators.regression import Regression, reported


def regress(
    sample: HeldSample, formula: str, family: str, where: Any, link: str | None,
    reference: Mapping[str, object] | None, o: Options,
) -> Regression:  # fmt: skip
    """Fit a model on a design; as :func:`analysis.estimators.regression.regress`."""
    sample.uncalibrated("regress")
    model = glm.model(family, link)
    found = base(sample, parse(formula), where, reference or {})
    fitted = fit(sample, found, model, o.df)
    return reported(fitted, partial(averages, fitted), formula, o)
