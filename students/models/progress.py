"""How a student gets on: grade sheets, scores over time, and what stands in the way."""

from django.db import models
from django.db.models import Q

from keywork.history import track
from keywork.models import User
from keywork.refs import ref_field
from students.models.register import AboutStudentQuerySet
from students.models.student import Student


class GradeSheet(models.Model):
    """A subject's line of a data drop. Subjects' business: key workers read it (S2-65)."""

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="grade_sheets")
    drop = models.CharField("data drop", max_length=60)
    drop_on = models.DateField("date of the data drop")
    subject = models.CharField(max_length=80)
    grade = models.CharField(max_length=20, blank=True)
    expected_grade = models.CharField(max_length=20, blank=True)
    effort = models.CharField(max_length=20, blank=True)
    teacher = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    comment = models.TextField(blank=True)
    history = track()
    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        ordering = ["-drop_on", "subject"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "drop_on", "subject"], name="grade_once_a_drop_and_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.grade}"


class TestScore(models.Model):
    """A score on a date. `score` is what was given ("9:04", "Level 3"); `value` can be charted.

    For a reading or spelling age `value` is in months.
    """

    __test__ = False  # not a test to collect

    class Kind(models.TextChoices):
        BASELINE = "baseline", "Baseline test"
        READING_AGE = "reading_age", "Reading age"
        SPELLING_AGE = "spelling_age", "Spelling age"
        NUMERACY = "numeracy", "Numeracy"
        OTHER = "other", "Other"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="test_scores")
    kind = models.CharField(max_length=15, choices=Kind)
    name = models.CharField("test", max_length=80, blank=True)
    taken_on = models.DateField()
    score = models.CharField(max_length=30)
    value = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    history = track()
    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name", "taken_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["student", "kind", "name", "taken_on"], name="score_once_a_test_and_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.get_kind_display()}: {self.score}"


class Barrier(models.Model):
    """A barrier to progress as the student sees it, and what became of it (S2-61, S2-62)."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        EASED = "eased", "Eased"
        GONE = "gone", "Gone"
        STAYS = "stays", "Cannot be changed"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="barriers")
    noted_on = models.DateField()
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.TextField("what the student sees as a barrier")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    follow_up = models.TextField("what is done about it", blank=True)
    follow_up_on = models.DateField("look again on", null=True, blank=True)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="barriers_to_follow"
    )
    closed_on = models.DateField(null=True, blank=True)
    history = track()
    objects = AboutStudentQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", closed_on=None)
                | (~Q(status="open") & Q(closed_on__isnull=False)),
                name="barrier_closed_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.text
