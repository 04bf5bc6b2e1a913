"""Measurements: medians, spread and versions; peers and rates, never a timed test.

`make bench` runs all, `python -m bench --only NAME --json` one.
"""
