"""The form that takes a school's files."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from keywork.forms import form_helper


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

    uploads = SeveralFilesField(
        label="Files",
        help_text="CSV or XLSX files, named as on this page, or one zip of the folder. "
        "10 MB a file, 25 MB in all.",
        error_messages={
            "required": "Choose at least one file",
            "empty": "A file is empty. Choose one with a header and rows",
        },
        widget=SeveralFilesInput(attrs={"accept": ".csv,.xlsx,.zip"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper("Look at what changes")

    def add_problems(self, problems: Sequence[tuple[str, str]]) -> None:
        """Show what is wrong with which file."""
        for file, reason in problems:
            self.add_error("uploads", f"{file}: {reason}")
