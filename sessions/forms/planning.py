"""Forms about planning: a session or a series, moving and cancelling one, drop-in times."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms

from keywork.forms import CLOCK, DayField, DayForm, form_helper
from sessions.models import DropInSlot, KeyworkSession
from students.models import Student

ALL, ONE = "all", "one"
PLACE = ("starts_at", "minutes", "venue")
TIME_ERRORS = {"required": "Enter a time, like 13:40", "invalid": "Enter a time, like 13:40"}


def student_choices(students: Sequence[Student]) -> list[tuple[str, str]]:
    """Give students to choose from: ref, and name with form."""
    return [
        (each.ref, f"{each.name}, {each.reg_form}" if each.reg_form else each.name)
        for each in students
    ]


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
    """One session, or one a week at the same time until the end of the half term.

    candidates: who may be in a group with the student; the choice of them is for the template.
    """

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

    companions = forms.MultipleChoiceField(
        label="Who else?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="For a small group: each has a session of their own at that time.",
        error_messages={"invalid_choice": "Choose from the students shown"},
    )

    def __init__(self, *args: Any, candidates: Sequence[Student] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = {each.ref: each for each in candidates}
        companions: Any = self.fields["companions"]
        companions.choices = student_choices(candidates)
        when = Div("starts_at", "minutes", css_class="field-row")
        self.helper.layout = Layout("held_on", when, "venue", "focus", "repeat")

    def companions_chosen(self) -> list[Student]:
        """Give who else is planned for, of a valid form."""
        return [self.candidates[ref] for ref in self.cleaned_data["companions"]]

    def details(self) -> dict[str, Any]:
        """Give what is planned, as the services take it, but for the days of a series."""
        names = ("starts_at", "minutes", "venue", "focus")
        chosen = {name: self.cleaned_data[name] for name in names}
        return {**chosen, "companions": self.companions_chosen()}


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


class _OfGroupForm(forms.Form):
    """A form about a planned session that asks, in a group, whether it holds for all of them.

    others: the rest of its group; where there is none, nothing is asked.
    """

    for_whom = forms.ChoiceField(
        label="For whom?",
        widget=forms.RadioSelect,
        initial=ALL,
        error_messages={"required": "Choose for whom"},
    )

    def __init__(
        self, *args: Any, student: Student, others: Sequence[KeyworkSession], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.others = others
        if not others:
            del self.fields["for_whom"]
            return
        names = ", ".join([student.name, *(each.student.name for each in others)])
        field: Any = self.fields["for_whom"]
        field.choices = [(ALL, f"All of the group: {names}"), (ONE, f"Only {student.name}")]

    def together(self) -> Sequence[KeyworkSession]:
        """Give the others for whom it holds, of a valid form."""
        return () if self.cleaned_data.get("for_whom") == ONE else self.others


class MoveForm(_WhenForm, _OfGroupForm):
    """Another time for a planned session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        when = Div("starts_at", "minutes", css_class="field-row")
        asked = ["for_whom"] if self.others else []
        self.helper.layout = Layout(*asked, "held_on", when, "venue")

    def place(self) -> dict[str, Any]:
        """Give when and where it is to be."""
        return {name: self.cleaned_data[name] for name in ("held_on", *PLACE)}


class CancelForm(_OfGroupForm):
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
