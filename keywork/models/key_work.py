"""Key-work models: what a school, or one student, works under."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from keywork.history import TrackedQuerySet, track
from keywork.key_work_presets import FOCUS_ROTATION, KeyWorkParameters
from keywork.models.school import School
from keywork.refs import ref_field
from keywork.roles import Capability

if TYPE_CHECKING:
    from keywork.access import Viewer

PARAMETERS = tuple(KeyWorkParameters.__dataclass_fields__)
LISTS = ("session_minutes", "focus_rotation")


def usual_rotation() -> list[str]:
    """Give the focuses that sessions take in turn, unless the school sets others (S2-100)."""
    return list(FOCUS_ROTATION)


def as_stored(parameters: KeyWorkParameters) -> dict[str, Any]:
    """Give parameters as a model's row holds them."""
    values = {name: getattr(parameters, name) for name in PARAMETERS}
    return values | {name: list(values[name]) for name in LISTS}


class KeyWorkModelQuerySet(TrackedQuerySet):
    """Key-work models."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Give those of the schools where the viewer has a role today."""
        return self.filter(school__in=viewer.roles_at)

    def manageable_by(self, viewer: "Viewer") -> Self:
        """Give those that the viewer may change."""
        return self.filter(school__in=viewer.schools_where(Capability.MANAGE_MODELS))


class KeyWorkModel(models.Model):
    """A school's own copy of a preset of `key_work_models.toml`, which it may change.

    `code` is the preset's name, or the school's own for a model it added; the parameters have the
    names and meanings of `keywork.key_work_presets.KeyWorkParameters`.
    """

    ref = ref_field()
    school = models.ForeignKey(School, models.PROTECT, related_name="key_work_models")
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    session_every_school_days = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions_per_half_term = models.PositiveSmallIntegerField(null=True, blank=True)
    sessions_per_term = models.PositiveSmallIntegerField(null=True, blank=True)
    session_minutes = models.JSONField(
        default=list, help_text="Lengths offered; the first is the default."
    )
    session_minutes_max = models.PositiveSmallIntegerField(null=True, blank=True)
    weekly_call = models.BooleanField(default=False)
    same_day_high_incident = models.BooleanField("same-day call: high incident", default=False)
    same_day_low_incidents = models.PositiveSmallIntegerField(
        "same-day call: low-level incidents in a day", null=True, blank=True
    )
    same_day_reward = models.BooleanField(
        "same-day call: reward marked call-worthy", default=False
    )
    same_day_absence_lateness = models.BooleanField(
        "same-day call: unexplained absence, lateness", default=False
    )
    targets_per_student_max = models.PositiveSmallIntegerField(default=3)
    weekly_targets = models.BooleanField(default=False)
    teacher_checkup = models.BooleanField("weekly teacher check-up", default=False)
    termly_report = models.BooleanField(default=False)
    pupil_on_a_page = models.BooleanField("pupil on a page each term", default=False)
    iep_review = models.BooleanField("IEP review each term", default=False)
    supervision = models.BooleanField("supervision each term", default=False)
    caseload_max = models.PositiveSmallIntegerField()
    focus_rotation = models.JSONField(
        "focuses in turn",
        default=usual_rotation,
        blank=True,
        help_text="The focuses that sessions take in turn, in order.",
    )
    history = track()
    objects = KeyWorkModelQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "code"], name="key_work_model_code_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def parameters(self) -> KeyWorkParameters:
        """Give the parameters as the plain value that rules take."""
        values = {name: getattr(self, name) for name in PARAMETERS}
        return KeyWorkParameters(**values | {name: tuple(values[name]) for name in LISTS})
