"""Who took what out of Keywork as a file (S2-45)."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from keywork.models import School, User
from keywork.refs import ref_field
from keywork.roles import Capability
from students.models.student import Student

if TYPE_CHECKING:
    from keywork.access import Viewer


class ExportQuerySet(models.QuerySet):
    """Exports made."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give one's own, those about students seen in full, and a whole school's to leaders."""
        leading = viewer.schools_where(Capability.SEE_SCHOOL_RECORDS)
        return self.filter(
            Q(made_by=viewer.user, school__in=viewer.roles_at)
            | Q(student__in=Student.objects.in_full_for(viewer))
            | Q(student=None, school__in=leading)
        )


class ExportRecord(models.Model):
    """A file that somebody took out: written once and never changed, so it has no history.

    student: whom it is about, None where it holds several. about: the filter, in words.
    """

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    student = models.ForeignKey(
        Student, models.PROTECT, null=True, blank=True, related_name="exports"
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    kind = models.CharField("what was taken out", max_length=40)
    about = models.TextField("narrowed to", blank=True)
    rows = models.PositiveIntegerField()
    file_name = models.CharField(max_length=200)
    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["student", "made_at"], name="export_student_when")]

    def __str__(self) -> str:
        return self.file_name
