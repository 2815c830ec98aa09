"""Regression where the rows are: a query a step of the fit, then margins and tests."""
