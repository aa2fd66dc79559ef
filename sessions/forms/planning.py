"""Forms about planning: a session or a series, moving and cancelling one, drop-in times."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.forms import CLOCK, DayField, DayForm, form_helper
from sessions.models import DropInSlot, KeyworkSession

TIME_ERRORS = {"required": "Enter a time, like 13:40", "invalid": "Enter a time, like 13:40"}


def time_field(label: str) -> forms.TimeField:
    """A time of day in a text box: a browser's own control may show 01:40 PM."""
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"autocomplete": "off"}, format="%H:%M"),
        input_formats=CLOCK,
        help_text="Like 13:40.",
        error_messages=TIME_ERRORS,
    )


def minutes_field() -> forms.IntegerField:
    """A length in minutes."""
    return forms.IntegerField(
        label="Minutes",
        min_value=1,
        max_value=480,
        error_messages={
            "required": "Enter the number of minutes, like 20",
            "invalid": "Enter the number of minutes, like 20",
        },
    )


class _WhenForm(DayForm, forms.Form):
    """When and where; lengths: the minutes the model offers; most: its maximum, or None."""

    held_on = DayField(label="Date", help_text="Day first, like 24/11/2026 or tue.")
    starts_at = time_field("Start")
    minutes = minutes_field()
    venue = forms.CharField(
        label="Place",
        required=False,
        max_length=80,
        help_text="Like: library nook.",
        widget=forms.TextInput({"list": "venues"}),
    )

    def __init__(
        self, *args: Any, lengths: Sequence[int] = (), most: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = " or ".join(map(str, lengths))
        hints = [f"Usually {offered}." if offered else "", f"{most} at most." if most else ""]
        self.fields["minutes"].help_text = " ".join(hint for hint in hints if hint)
        self.helper = form_helper()
        self.helper.form_tag = False


class PlanForm(_WhenForm):
    """One session, or one a week at the same time until the end of the half term."""

    focus = forms.ChoiceField(
        required=False,
        choices=[("", "Not decided"), *KeyworkSession.Focus.choices],
        help_text="What this half term lacks comes first.",
    )
    repeat = forms.BooleanField(
        label="Every week until the end of the half term",
        required=False,
        help_text="You see the dates before anything is saved.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when = Div("starts_at", "minutes", css_class="field-row")
        self.helper.layout = Layout("held_on", when, "venue", "focus", "repeat")


class SeriesForm(PlanForm):
    """A series as confirmed: the same, and the days ticked in the preview."""

    days = forms.MultipleChoiceField(
        error_messages={
            "required": "Choose at least one date",
            "invalid_choice": "Choose from the dates shown",
        }
    )

    def __init__(self, *args: Any, offered: Sequence[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = self.fields["days"]
        assert isinstance(days, forms.MultipleChoiceField)  # noqa: S101 (for the type checker)
        days.choices = [(day.isoformat(), day.isoformat()) for day in offered]

    def chosen(self) -> list[date]:
        """Give the days ticked, of a valid form."""
        return [date.fromisoformat(day) for day in self.cleaned_data["days"]]


class MoveForm(_WhenForm):
    """Another time for a planned session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when = Div("starts_at", "minutes", css_class="field-row")
        self.helper.layout = Layout("held_on", when, "venue")


class CancelForm(forms.Form):
    """Why a planned session is cancelled."""

    reason = forms.CharField(
        label="Why it is cancelled",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="A session that should have happened and did not is logged as missed instead.",
        error_messages={"required": "Say why it is cancelled"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper()
        self.helper.form_tag = False


class DropInForm(forms.Form):
    """A weekly time at which the key worker is there for the student."""

    weekday = forms.TypedChoiceField(
        label="Day",
        coerce=int,
        choices=DropInSlot.Weekday.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a day"},
    )
    starts_at = time_field("From")
    ends_at = time_field("To")
    venue = forms.CharField(label="Place", required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper()
        self.helper.form_tag = False
        times = Div("starts_at", "ends_at", css_class="field-row")
        self.helper.layout = Layout("weekday", times, "venue")
