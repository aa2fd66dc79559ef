"""The drafts of forms kept by `keywork.kept_forms`, in words, for the page that compares two."""

import re
from collections.abc import Callable, Sequence

from django import forms

from contacts.forms import agencies, attendance, followups, involvements, people
from keywork.home.forms import signals
from keywork.kept_forms import form_name
from sessions.forms import correction, group, planning, targets
from students import change_notice_forms, progress_forms, register_forms, slip_forms
from students import forms as students

Describe = Callable[[str, Sequence[str]], tuple[str, str]]
Place = Callable[[str], int]
FormClass = type[forms.Form] | type[forms.ModelForm]
KEPT: tuple[FormClass, ...] = (
    agencies.AgencyForm,
    attendance.ReportForm,
    attendance.StepForm,
    change_notice_forms.CorrectionForm,
    correction.CorrectionForm,
    followups.AnswerForm,
    followups.ChangeForm,
    followups.RaiseForm,
    followups.ToldForm,
    group.GroupForm,
    involvements.AdviceForm,
    involvements.AgencyContactForm,
    involvements.MeetingForm,
    people.ContactForm,
    planning.CancelForm,
    progress_forms.BarrierFollowForm,
    progress_forms.BarrierForm,
    progress_forms.GradeForm,
    register_forms.AnswerForm,
    register_forms.PartTimeForm,
    register_forms.QueryForm,
    register_forms.TalkForm,
    signals.DismissForm,
    slip_forms.CorrectionForm,
    slip_forms.ReasonForm,
    students.AssignmentForm,
    students.ProfileForm,
    targets.ReviewForm,
)
MACHINERY = frozenset({"seen", "student", "step"})
REF_AT_END = re.compile(r"_[0-9a-z]{10}$")


def _words_of(form: FormClass) -> tuple[Describe, Place]:
    """Give how to put a form's fields into words, and where each stands on it."""
    fields = form.base_fields
    names = list(fields)

    def describe(name: str, values: Sequence[str]) -> tuple[str, str]:
        if name in MACHINERY:
            return "", ""
        name = name.rpartition("-")[2]  # of one form among several on its page
        field = fields.get(name)
        plain = REF_AT_END.sub("", name).replace("_", " ").capitalize()
        label = str(field.label or plain) if field else plain
        filled = [each for each in values if each]
        if _is_ref(name, field):
            return label, f"{len(filled)} chosen" if filled else ""
        choices = {str(key): str(text) for key, text in getattr(field, "choices", ())}
        ticked = isinstance(field, forms.BooleanField)
        return label, "\n".join("Yes" if ticked else choices.get(each, each) for each in filled)

    def place(name: str) -> int:
        return names.index(name) if name in names else len(names)

    return describe, place


def _is_ref(name: str, field: forms.Field | None) -> bool:
    """Say whether a value names a person or record by its ref: nothing to read."""
    named = isinstance(field, forms.ModelChoiceField) or name == "companions"
    return named or bool(re.fullmatch(r"owner_\d|new_[0-9a-z]{10}", name))


IN_WORDS: dict[str, tuple[Describe, Place]] = {form_name(each): _words_of(each) for each in KEPT}
