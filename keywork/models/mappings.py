"""What a school's own column headings and words mean, remembered from one import to the next."""

from typing import TYPE_CHECKING, Self

from django.db import models

from keywork.history import TrackedQuerySet, track
from keywork.models.school import School
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer


class ImportMappingQuerySet(TrackedQuerySet):
    """Saved mappings."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer imports."""
        return self.filter(school__in=viewer.schools_where(Capability.IMPORT_DATA))


class ImportMapping(models.Model):
    """How one kind of export of one school reads.

    columns: heading as the file has it → our name, or "" for a column that is not wanted.
    values: our name → {the file's word: ours}, for words that are not known.
    """

    class Kind(models.TextChoices):
        STUDENTS = "students", "Students"
        CONTACTS = "contacts", "Contacts"
        ATTENDANCE = "attendance", "Attendance"
        BEHAVIOUR = "behaviour", "Behaviour"

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="import_mappings")
    kind = models.CharField(max_length=15, choices=Kind)
    name = models.CharField(max_length=60)
    columns = models.JSONField(default=dict, blank=True)
    values = models.JSONField(default=dict, blank=True)
    history = track()
    objects = ImportMappingQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "name"], name="import_mapping_once"),
        ]

    def __str__(self) -> str:
        return self.name
