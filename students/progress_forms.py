"""Forms about progress: a grade, a score, a barrier and its follow-up."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.forms import DayField, DayForm, form_helper
from keywork.merging import MergingForm
from keywork.models import User
from students.models import Barrier, GradeSheet, TestScore
from students.services.progress import GRADE_FIELDS, SCORE_FIELDS


class GradeForm(DayForm, forms.ModelForm):
    """A subject's grade in a data drop."""

    drop_on = DayField(past=True, label="Date of the data drop")

    class Meta:
        model = GradeSheet
        fields = GRADE_FIELDS
        labels = {"drop": "Data drop", "expected_grade": "Expected grade"}
        help_texts = {
            "drop": "Such as: Autumn 1.",
            "subject": "A subject that this data drop has already is changed.",
        }
        widgets = {"comment": forms.Textarea({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].required = True
        self.fields["grade"].error_messages["required"] = "Enter the grade"

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save, add another")

    def _post_clean(self) -> None:
        """Leave saving to the service, which looks under its lock."""


class ScoreForm(DayForm, forms.ModelForm):
    """A test's score."""

    taken_on = DayField(past=True, label="Taken on")

    class Meta:
        model = TestScore
        fields = SCORE_FIELDS
        labels = {"kind": "What was tested", "name": "Name of the test"}
        help_texts = {
            "name": "Such as: NGRT. The same name each time puts the scores on one line.",
            "score": "A reading or spelling age in years and months, like 9:04.",
            "note": "Such as: given under Ms Bell’s direction.",
        }

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save score")

    def _post_clean(self) -> None:
        """Leave saving to the service, which looks under its lock."""


class FollowForm(DayForm, forms.Form):
    """What is done about a barrier, by whom, and when it is looked at again."""

    follow_up = forms.CharField(
        required=False, label="What is done about it", widget=forms.Textarea({"rows": 3})
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        to_field_name="ref",
        required=False,
        label="Who does it",
        empty_label="Nobody yet",
    )
    follow_up_on = DayField(required=False, label="Look again on")

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = staff

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save")


class BarrierForm(FollowForm):
    """A barrier, and what is done about it at once."""

    text = forms.CharField(
        label="What the student sees as a barrier",
        widget=forms.Textarea({"rows": 3}),
        help_text=(
            "In their words. Listen and promise nothing; say what you will try. This is not "
            "counselling: what worries you goes to the safeguarding lead the same day."
        ),
        error_messages={"required": "Write down what the student sees as a barrier"},
    )
    field_order = ("text", "follow_up", "owner", "follow_up_on")


class BarrierFollowForm(MergingForm, FollowForm):
    """What became of a barrier; shown_owner: the person whom the form shows as doing it."""

    status = forms.ChoiceField(choices=Barrier.Status, widget=forms.RadioSelect, label="Now")
    field_order = ("status", "follow_up", "owner", "follow_up_on")

    def __init__(self, *args: Any, shown_owner: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember(owner=shown_owner)
