"""The form that corrects a signed session."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from keywork.merging import MergingForm
from sessions.forms.group import SharedPartForm
from sessions.forms.session import NOT_USED, OTHER, SessionForm, text_box
from sessions.models import KeyworkSession
from sessions.services.amend import AMENDED, SHARED
from students.models import Student


class CorrectionForm(MergingForm, SharedPartForm, SessionForm):
    """What is recorded, as it stands, and why it is changed.

    together: the students of its group, where the part they share may be corrected here.
    """

    told_beside: ClassVar = {"status": "happened"}
    reason = forms.CharField(
        label="Why do you change it?",
        widget=text_box(2),
        help_text="Stands beside the old text, which stays readable.",
        error_messages={"required": "Say why you change it"},
    )

    def __init__(
        self, *args: Any, record: KeyworkSession, together: Sequence[Student] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.together, self.record = together, record
        recorded = {name: getattr(record, name) for name in AMENDED}
        if together and record.group:
            recorded[SHARED] = record.group.shared_details
        else:
            del self.fields[SHARED], self.fields["no_names"]
        self.remember_values(recorded)

    def _theme_choices(self) -> list[tuple[Any, Any]]:
        """The themes on offer, and those recorded, whatever became of them since."""
        return self.offered.theme_choices([*self.record.themes])

    def clean(self) -> dict[str, Any]:
        """Look for names in the part that stands on everybody's record."""
        cleaned = super().clean()
        if self.together and self.record.group:
            changed = self.shared != self.record.group.shared_details
            self.refuse_names(self.together, also="reason" if changed else "")
        return cleaned

    def name_refused(self, name: str) -> str:
        """Say what to do about a name."""
        return f"Write what concerns {name} on {name}’s own record"

    @property
    def shared(self) -> str | None:
        """Give the part that the group shares; None where it is not corrected here."""
        return self.cleaned_data.get(SHARED)


def recorded_values(record: KeyworkSession, parameters: Any) -> dict[str, Any]:
    """Give a record's values as the form shows them."""
    names = (
        *("held_on", "starts_at", "venue", "method", "focus", "missed_note"),
        *("pupil_voice", "feeling", "details", "themes", "engagement", "strategies_agreed"),
        "no_target_reason",
    )
    offered = parameters.session_minutes if parameters else ()
    usual = record.minutes in offered
    return {
        **{name: getattr(record, name) for name in names},
        SHARED: record.group.shared_details if record.group else "",
        "missed_reason": NOT_USED if record.is_unused_drop_in else record.missed_reason,
        "happened": "no" if record.status == KeyworkSession.Status.MISSED else "yes",
        "minutes": str(record.minutes) if usual else OTHER if record.minutes else "",
        "minutes_other": None if usual else record.minutes,
    }
