"""Forms about targets: setting one, reviewing one."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms

from keywork.forms import DayField, DayForm, form_helper
from keywork.refs import IS_REF
from sessions.models import Target, TargetReview
from sessions.services.targets import TargetValues
from sessions.smart import SmartPoint, TargetDraft, smart_check

AGREED = [("yes", "Yes"), ("no", "Not yet")]
CLOSE, CARRY_ON = "close", "carry_on"
MAY_CARRY_ON = (TargetReview.Outcome.PARTLY, TargetReview.Outcome.NOT_YET)


def _helper(layout: Layout) -> FormHelper:
    """The fields only: the page writes the form around them, with its buttons."""
    helper = form_helper()
    helper.form_tag = False
    helper.layout = layout
    return helper


class TargetForm(DayForm, forms.Form):
    """A target as written, with a prompt beside each part of SMART."""

    ref = forms.CharField(widget=forms.HiddenInput, required=False, validators=[IS_REF])
    text = forms.CharField(
        label="What the student will do",
        max_length=300,
        help_text="One thing somebody can see, and where or when. "
        "Like: Show the card before leaving a lesson.",
        error_messages={"required": "Say what the student will do"},
    )
    measure = forms.CharField(
        label="How we will know",
        max_length=200,
        help_text="A number. Like: 4 of 5 lessons a week.",
        error_messages={"required": "Say how we will know, like 4 of 5 lessons"},
    )
    goal_count = forms.IntegerField(
        label="How many times",
        required=False,
        min_value=1,
        max_value=999,
        help_text="To count with +1, like 4.",
        error_messages={"invalid": "Enter a number, like 4"},
    )
    goal_unit = forms.CharField(
        label="Out of", required=False, max_length=60, help_text="Like: 5 lessons."
    )
    baseline = forms.CharField(
        label="Where it is now", required=False, max_length=200, help_text="Like: 1 of 5 lessons."
    )
    help = forms.CharField(
        label="What will help",
        required=False,
        max_length=300,
        help_text="What adults do, and the encouragement agreed.",
    )
    area = forms.ChoiceField(
        choices=Target.Area,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the area it helps with"},
    )
    linked_outcome = forms.CharField(
        label="Linked outcome of the plan",
        required=False,
        max_length=200,
        help_text="The outcome of the EHC plan or IEP it works towards.",
    )
    review_on = DayField(
        label="Look at it again on",
        help_text="Day first, like 24/11/2026 or tue.",
        error_messages={"required": "Enter the date to look at it again, like 24/11/2026"},
    )
    student_agreed = forms.ChoiceField(
        label="The student agreed", required=False, choices=AGREED, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Div("goal_count", "goal_unit", "baseline", css_class="field-row")
        self.helper = _helper(
            Layout(
                *("ref", "text", "measure", rows, "help", "area", "linked_outcome"),
                *("review_on", "student_agreed"),
            )
        )

    def clean_review_on(self) -> date:
        """Refuse a review date that is not ahead."""
        review_on: date = self.cleaned_data["review_on"]
        if review_on <= self.on:
            raise forms.ValidationError("Choose a review date after today")
        return review_on

    def values(self) -> TargetValues:
        """Give the target of a valid form."""
        said = {"yes": True, "no": False}.get(self.cleaned_data["student_agreed"])
        values = {name: value for name, value in self.cleaned_data.items() if name != "ref"}
        return TargetValues(**{**values, "student_agreed": said})

    def smart_points(self) -> list[SmartPoint]:
        """Check what is written so far, valid or not."""
        written = {name: str(self[name].value() or "") for name in self.fields}
        review_on = getattr(self, "cleaned_data", {}).get("review_on")
        draft = TargetDraft(
            text=written["text"],
            measure=written["measure"],
            baseline=written["baseline"],
            helps=written["help"],
            linked_to=written["linked_outcome"] or written["area"],
            review_on=review_on,
        )
        return smart_check(draft, self.on)


class ReviewForm(DayForm, forms.Form):
    """The outcome of a target with its evidence; then closed, or carried on with a new date."""

    outcome = forms.ChoiceField(
        label="How did it go",
        choices=TargetReview.Outcome,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it went"},
    )
    evidence = forms.CharField(
        label="What shows it",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What was seen, by whom, how often. Like: 4 of 5 lessons, Ms Kaur's tally.",
    )
    then = forms.ChoiceField(
        label="And then",
        required=False,
        choices=[(CARRY_ON, "Carry on"), (CLOSE, "Close it")],
        widget=forms.RadioSelect,
        help_text="For a target partly or not yet achieved. Achieved or withdrawn, it is closed.",
    )
    extended_to = DayField(
        label="Look at it again on",
        required=False,
        help_text="Where it carries on. Day first, like 24/11/2026 or tue.",
    )
    reason = forms.CharField(
        label="Why it carries on, or is withdrawn",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(Layout("outcome", "evidence", "then", "extended_to", "reason"))

    def clean(self) -> dict[str, Any]:
        """A target partly or not yet achieved is closed or carries on; then it needs a date."""
        data = super().clean() or {}
        if data.get("outcome") not in MAY_CARRY_ON:
            return {**data, "then": CLOSE}
        if "then" in data and not data["then"]:
            self.add_error("then", "Choose whether it carries on or is closed")
        if data.get("then") == CARRY_ON and "extended_to" in data and not data["extended_to"]:
            self.add_error("extended_to", "Enter a new review date, like 24/11/2026")
        return data

    def judgement(self) -> dict[str, Any]:
        """Give what `review_target` takes, of a valid form."""
        data = self.cleaned_data
        carries_on = data["then"] == CARRY_ON
        return {
            "outcome": data["outcome"],
            "evidence": data["evidence"],
            "extended_to": data["extended_to"] if carries_on else None,
            "reason": data["reason"],
            "close": not carries_on,
        }
