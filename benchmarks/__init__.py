"""Benchmarks: ratios against a named alternative measured in the same run, and how cost grows; never promises."""
