"""Synthetic schools of any size, for the benchmark and for trying the site out on much data.

Everybody and everything in them is invented. Two ways in which they differ from real data, both
for speed: rows are written in bulk, past the models, and they have no history. What the history
costs is paid on writing and on the history page alone, which shows one record; the benchmark
measures the writing through the site, with its history.
"""

from keywork.home.scale.making import (
    MAX_SCHOOLS,
    MAX_STUDENTS,
    MAX_YEARS,
    Made,
    analyse,
    make_schools,
)

__all__ = ["MAX_SCHOOLS", "MAX_STUDENTS", "MAX_YEARS", "Made", "analyse", "make_schools"]
