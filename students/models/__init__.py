"""Students and what surrounds them."""

from students.models.assignments import Assignment
from students.models.attendance import (
    AttendanceCorrection,
    AttendanceImport,
    AttendanceMark,
    AttendanceTally,
    Session,
)
from students.models.behaviour import (
    BehaviourChoice,
    BehaviourRecord,
    Incident,
    Level,
    SlipCorrection,
)
from students.models.change_notices import ChangeNotice, ChangeNoticeReader
from students.models.exports import ExportRecord
from students.models.observations import Observation
from students.models.profile import Strategy, TimetableEntry
from students.models.progress import Barrier, GradeSheet, TestScore
from students.models.register import AbsenceTalk, PartTimeTimetable, RegisterQuery
from students.models.signals import SignalDismissal
from students.models.student import Student

__all__ = [
    "AbsenceTalk",
    "Assignment",
    "AttendanceCorrection",
    "AttendanceImport",
    "AttendanceMark",
    "AttendanceTally",
    "Barrier",
    "BehaviourChoice",
    "BehaviourRecord",
    "ChangeNotice",
    "ChangeNoticeReader",
    "ExportRecord",
    "GradeSheet",
    "Incident",
    "Level",
    "Observation",
    "PartTimeTimetable",
    "RegisterQuery",
    "Session",
    "SignalDismissal",
    "SlipCorrection",
    "Strategy",
    "Student",
    "TestScore",
    "TimetableEntry",
]
