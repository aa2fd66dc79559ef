"""Forms about students: they shape and check what is typed; services decide and save."""

import re
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from stdnum.gb import upn as upn_number

from keywork.forms import DayField, DayForm, form_helper
from keywork.merging import MergingForm
from keywork.models import User
from students.models import Assignment, Strategy, Student
from students.needs import NEEDS
from students.queries import KeyWorkerLoad
from students.services import IDENTITY_FIELDS, PROFILE_FIELDS

NEED_CHOICES = [("", "None recorded"), *NEEDS.items()]
UPN = re.compile(r"[A-Z]\d{11}[0-9A-Z]", re.ASCII)
UPN_SHAPE = "a letter, then twelve figures, like P999401219054"
SHORT_TEXT = {"rows": 3}


class ProfileForm(MergingForm, DayForm, forms.ModelForm):
    considering_ehc_assessment_on = DayField(
        past=True, required=False, label="Considering an EHC needs assessment since"
    )

    class Meta:
        model = Student
        fields = PROFILE_FIELDS
        labels = {
            "learning_style": "How they learn best",
            "interests": "Interests",
            "engaging_work": "What makes work engaging and accessible",
            "in_class_support": "In-class support",
            "trusted_adult": "The adult they trust",
            "eligibility_reason": "Why key-worked",
            "eligibility_decided_by": "Who decided",
            "referring_school": "School they came from",
        }
        help_texts = {
            "in_class_support": "Which support staff they meet in lessons, and how often. Such as"
            " Ms Day in Maths, twice a week. Empty: none is recorded.",
            "medical_alert": "A few words that everybody beside them should know.",
            "eligibility_reason": "Such as an EHC plan, or several additional needs.",
        }
        widgets = {
            name: forms.Textarea(SHORT_TEXT)
            for name in ("learning_style", "interests", "engaging_work", "eligibility_reason")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember()

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        helper.layout = Layout(
            "seen",
            Fieldset("In lessons", *PROFILE_FIELDS[:5]),
            Fieldset("To know", *PROFILE_FIELDS[5:8]),
            Fieldset("Key work", *PROFILE_FIELDS[8:]),
        )
        return helper


class IdentityForm(MergingForm, DayForm, forms.ModelForm):
    dob = DayField(past=True, required=False, label="Date of birth")
    ehcp_made_on = DayField(past=True, required=False, label="EHC plan made on")
    on_roll_from = DayField(past=True, label="First day on roll")
    left_on = DayField(required=False, label="Last day on roll")
    primary_need = forms.ChoiceField(choices=NEED_CHOICES, required=False)
    secondary_need = forms.ChoiceField(choices=NEED_CHOICES, required=False)

    class Meta:
        model = Student
        fields = IDENTITY_FIELDS
        labels = {
            "legal_first_name": "Legal first name",
            "legal_last_name": "Legal last name",
            "preferred_first_name": "First name they go by",
            "key_work_model": "Key-work model",
            "nc_year": "Year group",
        }
        help_texts = {
            "upn": "Leave empty if there is none yet.",
            "preferred_first_name": "Empty: the legal one.",
            "key_work_model": "Empty: the school’s.",
            "nc_year": "1 to 13, or R for Reception.",
        }

    def __init__(self, *args: Any, models: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own: Any = self.fields["key_work_model"]
        own.queryset, own.empty_label = models, "The school’s"
        self.fields["legal_last_name"].required = True
        self.remember()

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        helper.layout = Layout(
            "seen",
            Fieldset("Name", *IDENTITY_FIELDS[:6]),
            Fieldset("School", *IDENTITY_FIELDS[6:10], "on_roll_from", "left_on"),
            Fieldset("Needs", *IDENTITY_FIELDS[10:15], "key_work_model"),
            Fieldset("At home", "home_language", "residence"),
        )
        return helper

    def clean_upn(self) -> str | None:
        """Check the letter in front; a temporary number ends in a letter and has one too."""
        upn = (self.cleaned_data["upn"] or "").strip().upper()
        if not upn:
            return None
        if not UPN.fullmatch(upn):
            raise forms.ValidationError(f"Check the UPN: {UPN_SHAPE}")
        letter = upn_number.calc_check_digit(upn[1:])
        if letter != upn[0]:
            raise forms.ValidationError(
                f"Check the UPN: with these figures it begins with {letter}, not {upn[0]}"
            )
        return upn

    def clean(self) -> dict[str, Any]:
        """Check what two fields say together."""
        values = super().clean() or {}
        joined, left = values.get("on_roll_from"), values.get("left_on")
        if joined and left and left < joined:
            self.add_error("left_on", "The last day on roll comes after the first")
        first, second = values.get("primary_need"), values.get("secondary_need")
        if second and (not first or second == first):
            self.add_error("secondary_need", "Choose the first need first, and another one here")
        return values

    def _post_clean(self) -> None:
        """Leave uniqueness and saving to the service, which looks again under its lock."""


class StrategyForm(forms.Form):
    kind = forms.ChoiceField(
        choices=Strategy.Kind, initial=Strategy.Kind.HELPS, widget=forms.RadioSelect
    )
    text = forms.CharField(
        max_length=300,
        label="Strategy",
        error_messages={"required": "Say what helps, or does not"},
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Add strategy")


class LessonForm(forms.Form):
    teacher = forms.ModelChoiceField(
        queryset=User.objects.none(),
        to_field_name="ref",
        error_messages={"required": "Choose who teaches it"},
    )
    subject = forms.CharField(max_length=80, error_messages={"required": "Enter a subject"})

    def __init__(self, *args: Any, teachers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teacher: Any = self.fields["teacher"]
        teacher.queryset, teacher.empty_label = teachers, "Choose a teacher"

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Add to the timetable")


class AssignmentForm(DayForm, forms.Form):
    """What several students' changes have in common, and each one's new key worker."""

    role = forms.ChoiceField(choices=Assignment.Role, initial=Assignment.Role.PRIMARY)
    start = DayField(label="First day")
    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *Assignment.Reason.choices],
        error_messages={"required": "Choose a reason"},
    )
    note = forms.CharField(
        required=False,
        label="Handover note",
        widget=forms.Textarea(SHORT_TEXT),
        help_text="Who decided, what the child says, whether a joint session is held.",
    )

    def __init__(
        self,
        *args: Any,
        students: list[Student],
        loads: list[KeyWorkerLoad],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.students = students
        self.loads = {each.staff.user.ref: each for each in loads}
        choices = [
            ("", "No change"),
            *((ref, _with_load(each)) for ref, each in self.loads.items()),
        ]
        for student in students:
            self.fields[f"new_{student.ref}"] = forms.ChoiceField(
                choices=choices, required=False, label=student.name
            )

    def rows(self) -> list[tuple[Student, forms.BoundField]]:
        """Give each student with the field of the new key worker."""
        return [(student, self[f"new_{student.ref}"]) for student in self.students]

    def clean(self) -> dict[str, Any]:
        """Ask for one change at least."""
        values = super().clean() or {}
        if not self.errors and not self.changes():
            self.add_error(None, "Choose a new key worker for one student at least")
        return values

    def changes(self) -> list[tuple[Student, KeyWorkerLoad]]:
        """Give the changes chosen: student and new key worker."""
        chosen = [(each, self.cleaned_data.get(f"new_{each.ref}")) for each in self.students]
        return [(student, self.loads[ref]) for student, ref in chosen if ref]


class EndAssignmentForm(DayForm, forms.Form):
    end = DayField(label="Last day")
    reason = forms.ChoiceField(choices=Assignment.Reason.choices[1:])

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, on=on, **kwargs)
        self.fields["end"].initial = on

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("End it")

    def reason_words(self) -> str:
        """Give the reason as the history shows it."""
        return dict(Assignment.Reason.choices)[self.cleaned_data["reason"]]


def _with_load(each: KeyWorkerLoad) -> str:
    notes = [f"{each.load} of {each.limit}"]
    if not each.inducted:
        notes.append("induction not finished")
    return f"{each.name}, {', '.join(notes)}"
