"""Estimates and their intervals, made from totals; no respondent is seen here."""
