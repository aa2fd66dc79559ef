"""The form that takes a school's files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from keywork.forms import form_helper
from keywork.home.mis.labels import KINDS
from keywork.home.models import ImportRun


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """A field of one or more files."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Check each file as Django does; a list of them."""
        several = data if isinstance(data, list | tuple) else [data]
        if not any(several):
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(SeveralFilesField, self).clean(each, initial) for each in several]


class UploadForm(forms.Form):
    """Files to import. What they hold is read by whoever imports them."""

    kind = forms.ChoiceField(
        label="What is it?",
        error_messages={"required": "Choose what it is"},
        choices=[
            (ImportRun.FOLDER, "Files of the school folder, named as on this page"),
            *(
                (kind, f"{label}, as SIMS, Arbor or Bromcom export them")
                for kind, label in KINDS.items()
            ),
        ],
        initial=ImportRun.FOLDER,
        widget=forms.RadioSelect,
    )
    uploads = SeveralFilesField(
        label="Files",
        help_text="CSV or XLSX. Of an export one file, 100 MB at most. Of the school folder "
        "several, or one zip of them: 10 MB a file, 25 MB in all.",
        error_messages={
            "required": "Choose at least one file",
            "empty": "A file is empty. Choose one with a header and rows",
        },
        widget=SeveralFilesInput(attrs={"accept": ".csv,.txt,.xlsx,.zip"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("Continue")

    @property
    def is_export(self) -> bool:
        """Say whether it is an export of an MIS."""
        return self.cleaned_data["kind"] != ImportRun.FOLDER

    def clean(self) -> dict[str, Any]:
        """Take one file of an export."""
        several = len(self.cleaned_data.get("uploads", [])) > 1
        if several and self.cleaned_data.get("kind") != ImportRun.FOLDER:
            self.add_error("uploads", "Choose one file: each export is imported by itself")
        return self.cleaned_data

    def add_problems(self, problems: Sequence[tuple[str, str]]) -> None:
        """Show what is wrong with which file."""
        for file, reason in problems:
            self.add_error("uploads", f"{file}: {reason}")
