"""Keeping who took what out."""

from datetime import datetime

from keywork.models import School, User
from students.models import ExportRecord, Student


def record_export(
    *,
    school: School,
    student: Student | None,
    kind: str,
    about: str,
    rows: int,
    file_name: str,
    by: User,
    now: datetime,
) -> ExportRecord:
    """Keep that somebody took a file out: what, narrowed to what, how many rows, when."""
    return ExportRecord.objects.create(
        school=school,
        student=student,
        kind=kind,
        about=about,
        rows=rows,
        file_name=file_name,
        made_by=by,
        made_at=now,
    )
