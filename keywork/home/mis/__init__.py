"""Importing one export of a school's MIS: SIMS, Arbor, Bromcom and what is mapped by hand."""

from keywork.home.mis.report import Ask, MisReport
from keywork.home.mis.run import import_mis

__all__ = ["Ask", "MisReport", "import_mis"]
