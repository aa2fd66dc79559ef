"""What is recorded of a session itself: the fields that logging and correcting have in common."""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.urls import reverse

from keywork.forms import (
    CLOCK,
    DayField,
    DayForm,
    LongSelect,
    QuickInput,
    QuickTextarea,
    QuickTime,
)
from keywork.language import language_hints
from sessions import rules
from sessions.forms.parts import Unchecked
from sessions.models import KeyworkSession
from sessions.services.log import SessionValues
from sessions.words import Offered

Choices = list[tuple[Any, Any]]
HAPPENED = [("yes", "It happened"), ("no", "It did not happen")]
OTHER = "other"
# A choice of the form alone: a drop-in time not used stands on record as missed without a reason.
NOT_USED, NOT_USED_WORDS = "not_used", "Drop-in time not used"
TEXTS = ("pupil_voice", "details", "strategies_agreed", "missed_note")
LONGEST_DAY_MINUTES = 600


def missed_choices() -> Choices:
    """Give the reasons, each that moves the due date saying so; last, that nobody had to come."""
    reasons = [
        (value, f"{label} (moves the due date)" if rules.moves_the_due_date(value) else label)
        for value, label in KeyworkSession.MissedReason.choices
    ]
    return [*reasons, (NOT_USED, NOT_USED_WORDS)]


def text_box(rows: int = 3, **attrs: Any) -> forms.Textarea:
    """Give a text area that the browser checks for spelling (S2-68)."""
    return QuickTextarea({"class": "form-control", "rows": rows, "spellcheck": "true", **attrs})


def short_box(**attrs: Any) -> forms.TextInput:
    """Give a one-line text box."""
    return QuickInput({"class": "form-control", **attrs})


class SessionForm(Unchecked, DayForm, forms.Form):
    """What is recorded of a session, as it is logged and as it is corrected.

    offered: gives the school's own words; called where themes are shown or chosen.
    """

    happened = forms.ChoiceField(
        label="Did the session happen?", choices=HAPPENED, widget=forms.RadioSelect
    )
    missed_reason = forms.ChoiceField(
        label="Why not?", choices=missed_choices, widget=forms.RadioSelect, required=False
    )
    missed_note = forms.CharField(
        label="What happened, if more needs saying", widget=text_box(2), required=False
    )
    held_on = DayField(label="Date", past=True)
    starts_at = forms.TimeField(
        label="Start",
        input_formats=CLOCK,
        required=False,
        widget=QuickTime,
        error_messages={"invalid": "Enter a time, like 13:40"},
    )
    minutes = forms.ChoiceField(label="Minutes", widget=forms.RadioSelect, required=False)
    minutes_other = forms.IntegerField(
        label="How many minutes?",
        min_value=1,
        max_value=LONGEST_DAY_MINUTES,
        required=False,
        widget=short_box(inputmode="numeric", autocomplete="off"),
        error_messages={"invalid": "Enter the number of minutes, like 25"},
    )
    venue = forms.CharField(
        label="Place", max_length=80, required=False, widget=short_box(list="venues")
    )
    method = forms.ChoiceField(
        label="How",
        choices=KeyworkSession.Method,
        required=False,
        widget=LongSelect({"class": "form-select"}),
    )
    focus = forms.ChoiceField(
        label="Focus", choices=KeyworkSession.Focus, widget=forms.RadioSelect, required=False
    )
    pupil_voice = forms.CharField(
        widget=text_box(3),
        required=False,
        help_text="What went well? What would change it? Write what is said, not what we think"
        " is meant.",
    )
    feeling = forms.TypedChoiceField(
        label="How is school feeling?",
        choices=KeyworkSession.Feeling,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,
    )
    details = forms.CharField(label="What you talked about", widget=text_box(4), required=False)
    themes = forms.MultipleChoiceField(
        label="Themes",
        choices=KeyworkSession.Theme,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    engagement = forms.TypedChoiceField(
        label="Took part",
        choices=KeyworkSession.Engagement,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,
    )
    strategies_agreed = forms.CharField(
        label="Strategies you agreed",
        widget=text_box(2),
        required=False,
        help_text="One on each line.",
    )
    no_target_reason = forms.CharField(
        label="No target because", max_length=200, widget=short_box(), required=False
    )

    def __init__(
        self,
        *args: Any,
        student: Any,
        parameters: Any,
        offered: Callable[[], Offered],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.student = student
        self._read_offered = offered
        themes: Any = self.fields["themes"]
        themes.choices = self._theme_choices
        self.maximum = parameters.session_minutes_max if parameters else None
        lengths = parameters.session_minutes if parameters else (20,)
        minutes: Any = self.fields["minutes"]
        minutes.choices = [
            *((str(length), str(length)) for length in lengths),
            (OTHER, "Other"),
        ]
        name = student.first_name
        self.fields["pupil_voice"].label = f"{name}’s view, in {name}’s own words"
        language = reverse("sessions:language", args=[student.ref])
        for text in TEXTS:
            self.fields[text].widget.attrs |= {
                "hx-post": language,
                "hx-trigger": "change",
                "hx-params": text,
                "hx-target": f"#id_{text}_hints",
            }

    @cached_property
    def offered(self) -> Offered:
        """Give the school's own words."""
        return self._read_offered()

    def _theme_choices(self) -> Choices:
        """The themes on offer, and those ticked when they still were."""
        offered, ticked = self.offered, self["themes"].value() or ()
        return offered.theme_choices(each for each in ticked if each in offered.known_themes)

    @property
    def did_happen(self) -> bool:
        """Say whether the session is logged as held."""
        return self["happened"].value() != "no"

    @cached_property
    def hints(self) -> dict[str, list[str]]:
        """Give field name → language reminders about what stands in it."""
        return {name: language_hints(str(self[name].value() or "")) for name in TEXTS}

    @property
    def length_hint(self) -> str:
        """Say that the session is longer than the model's maximum; it is recorded all the same."""
        value = self["minutes"].value()
        chosen = str(self["minutes_other"].value() if value == OTHER else value or "")
        if not self.maximum or not chosen.isdecimal() or int(chosen) <= self.maximum:
            return ""
        return f"Longer than the model’s {self.maximum} minutes. Write what was true."

    def clean_held_on(self) -> date:
        """Refuse a day still to come."""
        held_on: date = self.cleaned_data["held_on"]
        if held_on > self.on:
            raise forms.ValidationError("Choose today or an earlier day")
        return held_on

    def clean(self) -> dict[str, Any]:
        """Ask for the reason of a missed session, and the focus of one that was held."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("happened") == "no":
            if not cleaned.get("missed_reason"):
                self.add_error("missed_reason", "Say why it did not happen")
            return cleaned
        self._move_missed_note(cleaned)
        if not cleaned.get("focus") and "focus" not in self.errors:
            self.add_error("focus", "Choose the focus")
        other = cleaned.get("minutes") == OTHER and "minutes_other" not in self.errors
        if other and not cleaned.get("minutes_other"):
            self.add_error("minutes_other", "Enter the number of minutes, like 25")
        return cleaned

    def _move_missed_note(self, cleaned: dict[str, Any]) -> None:
        """Move what was typed before the choice went back to "It happened" to where it is kept.

        It is told, since it may not be true any more of a session that was held.
        """
        note = cleaned.get("missed_note")
        if not note:
            return
        posted: Any = self.data
        moved = posted.copy()
        moved["details"] = "\n\n".join(filter(None, [cleaned.get("details"), note]))
        moved["missed_note"] = ""
        self.data = moved
        self.add_error(
            "details", "Your note on what happened instead stands here now: check it, then save"
        )

    def session_values(self) -> SessionValues:
        """Give the record's values; what was filled in beforehand is dropped if it was missed."""
        cleaned = self.cleaned_data
        held = cleaned["happened"] == "yes"
        as_typed = (
            *("held_on", "starts_at", "pupil_voice", "feeling", "details", "themes"),
            *("engagement", "strategies_agreed", "no_target_reason"),
        )
        only_held = {name: cleaned[name] for name in ("method", "venue", "focus")}
        only_missed = {name: cleaned[name] for name in ("missed_reason", "missed_note")}
        if cleaned["missed_reason"] == NOT_USED:
            only_missed |= {"missed_reason": "", "method": KeyworkSession.Method.DROP_IN}
        return SessionValues(
            status=KeyworkSession.Status.HELD if held else KeyworkSession.Status.MISSED,
            minutes=self._minutes() if held else None,
            **(only_held if held else only_missed),
            **{name: cleaned[name] for name in as_typed},
        )

    def _minutes(self) -> int | None:
        chosen = self.cleaned_data["minutes"]
        if chosen == OTHER:
            return int(self.cleaned_data["minutes_other"])
        return int(chosen) if chosen else None
