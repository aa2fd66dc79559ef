"""Early signs put aside for a while, with a reason."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q

from keywork.history import track
from keywork.models import User
from keywork.refs import ref_field
from students.models.register import AboutStudentQuerySet
from students.models.student import Student
from students.rules.signals import TITLES, SignalKind


class SignalDismissalQuerySet(AboutStudentQuerySet):
    """Signals put aside."""

    def current(self, on: date) -> Self:
        """Give those in force on a day, both ends inclusive."""
        return self.filter(withdrawn_at=None, dismissed_on__lte=on, until__gte=on)


class SignalDismissal(models.Model):
    """Somebody looked at a signal and does not want to see it until after a day."""

    ref = ref_field()
    student = models.ForeignKey(Student, models.PROTECT, related_name="signal_dismissals")
    kind = models.CharField(
        "signal", max_length=12, choices=[(kind.value, TITLES[kind]) for kind in SignalKind]
    )
    reason = models.CharField("why", max_length=300)
    dismissed_on = models.DateField()
    until = models.DateField("not shown up to")
    dismissed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    history = track()
    objects = SignalDismissalQuerySet.as_manager()

    class Meta:
        ordering = ["-dismissed_on", "-pk"]
        indexes = [models.Index(fields=["student", "until"], name="signal_dismissal_until")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("dismissed_on")), name="signal_dismissed_forwards"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="signal_dismissal_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, put aside until {self.until:%d/%m/%Y}"
