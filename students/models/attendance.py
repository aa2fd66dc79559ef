"""The register's marks, what they add up to, and the imports that brought them.

Marks are many (20 million in three years of 20,000 students) and nobody types one here: they come
from the register, by import. So they carry no history row by row; each import that changed
something keeps what it was given and every mark that it corrected.
"""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.models import School, User
from keywork.refs import ref_field
from keywork.roles import Capability
from students.models.student import Student
from students.rules.attendance import CODES, Category, codes_in

if TYPE_CHECKING:
    from keywork.access import Viewer

UNAUTHORISED = codes_in(Category.UNAUTHORISED)


class Session(models.TextChoices):
    """Half a school day, as the register has it."""

    AM = "AM", "Morning"
    PM = "PM", "Afternoon"


class MarkQuerySet(models.QuerySet):
    """Marks or tallies: what belongs to a student's record."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of students seen in full."""
        return self.filter(student__in=Student.objects.in_full_for(viewer))

    def between(self, first: date, last: date) -> Self:
        """Give the marks of some days, both ends inclusive."""
        return self.filter(date__range=(first, last))


class AttendanceMark(models.Model):
    """One student's mark for one session. The key is the table's only full index."""

    pk = models.CompositePrimaryKey("student_id", "date", "session")
    student = models.ForeignKey(
        Student, models.PROTECT, related_name="marks", db_index=False, db_constraint=False
    )  # the key begins with it; a check a row would take longer than all the rest of an import
    date = models.DateField()
    session = models.CharField(max_length=2, choices=Session)
    code = models.CharField(max_length=2)
    minutes_late = models.PositiveSmallIntegerField(null=True, blank=True)
    objects = MarkQuerySet.as_manager()

    class Meta:
        ordering = ["student", "date", "session"]
        indexes = [
            # The last ten school weeks of a whole school: few of the marks, and no others read.
            models.Index(
                fields=["student", "date"],
                condition=Q(code__in=UNAUTHORISED),
                name="mark_unauthorised",
            ),
        ]

    @property
    def meaning(self) -> str:
        """Say what the code stands for."""
        return CODES[self.code].meaning

    @property
    def category(self) -> Category:
        """Say what the code counts as."""
        return CODES[self.code].category

    def __str__(self) -> str:
        return f"{self.code} on {self.date} {self.session}"


class AttendanceTally(models.Model):
    """How many marks of a code a student has in an academic year, on roll or not.

    Written by the import in the transaction that writes the marks, and by nothing else. `year`:
    the one in which the academic year begins; `latest`: the date of the last such mark.
    """

    pk = models.CompositePrimaryKey("student_id", "year", "code")
    student = models.ForeignKey(
        Student, models.PROTECT, related_name="attendance_tallies", db_index=False
    )
    year = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=2)
    marks = models.PositiveIntegerField()
    latest = models.DateField()
    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "attendance tallies"
        indexes = [
            # A school's year by index alone: without it, PostgreSQL rather reads every school's.
            models.Index(
                fields=["student", "year"],
                include=["code", "marks", "latest"],
                name="tally_of_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.marks} of {self.code} in {self.year}"


class AttendanceImportQuerySet(models.QuerySet):
    """Imports of marks."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer imports."""
        return self.filter(school__in=viewer.schools_where(Capability.IMPORT_DATA))


class AttendanceImport(models.Model):
    """An import that changed marks. by: None for the command."""

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="attendance_imports")
    file = models.CharField(max_length=255)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    objects = AttendanceImportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file} of {self.made_at:%d/%m/%Y}"


class AttendanceCorrection(models.Model):
    """A mark that an import changed, before and after: what row-by-row history would have kept."""

    attendance_import = models.ForeignKey(
        AttendanceImport, models.PROTECT, related_name="corrections"
    )
    student = models.ForeignKey(Student, models.PROTECT, related_name="mark_corrections")
    date = models.DateField()
    session = models.CharField(max_length=2, choices=Session)
    code_before = models.CharField(max_length=2)
    minutes_before = models.PositiveSmallIntegerField(null=True, blank=True)
    code_after = models.CharField(max_length=2)
    minutes_after = models.PositiveSmallIntegerField(null=True, blank=True)
    objects = MarkQuerySet.as_manager()

    class Meta:
        ordering = ["-attendance_import", "date", "session"]

    def __str__(self) -> str:
        return f"{self.code_before} became {self.code_after} on {self.date} {self.session}"
