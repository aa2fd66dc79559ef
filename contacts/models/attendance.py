"""What was tried where poor attendance persists (S0-12, S0-13)."""

from django.db import models
from django.db.models import Q

from contacts.attendance_rules import Step
from contacts.models.involvements import AroundStudentQuerySet
from keywork.history import track
from keywork.models import User
from keywork.refs import ref_field
from students.models import Student


class AttendanceStep(models.Model):
    """One thing tried, the last of them reporting it to the school's senior lead."""

    class Kind(models.TextChoices):
        TALK = Step.TALK.value, "Talk with the student"
        CALL_HOME = Step.CALL_HOME.value, "Call home"
        MEETING = Step.MEETING.value, "Meeting with parents or carers"
        LETTER = Step.LETTER.value, "Letter home"
        HOME_VISIT = Step.HOME_VISIT.value, "Home visit"
        TIMETABLE = Step.TIMETABLE.value, "Change of timetable or start of the day"
        REWARD = Step.REWARD.value, "Goal and reward"
        AGENCY = Step.AGENCY.value, "Agency asked to help"
        OTHER = Step.OTHER.value, "Something else"
        REPORTED = Step.REPORTED.value, "Reported to the senior lead"

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="attendance_steps")
    kind = models.CharField("what was tried", max_length=12, choices=Kind)
    taken_on = models.DateField("when")
    note = models.TextField("what was said or done")
    reported_to = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = AroundStudentQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_on", "-pk"]
        indexes = [models.Index(fields=["student", "taken_on"], name="attendance_step_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="reported", reported_to__isnull=False)
                | ~Q(kind="reported") & Q(reported_to=None),
                name="attendance_step_reported_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="attendance_step_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.taken_on:%d/%m/%Y}"
