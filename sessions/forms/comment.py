"""What a reviewer says about a session's record."""

from typing import Any

from django import forms

from keywork.forms import form_helper
from sessions.models.comment import LONGEST_COMMENT


class CommentForm(forms.Form):
    """A comment to whoever recorded the session."""

    text = forms.CharField(
        label="Comment",
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea({"rows": 4, "spellcheck": "true"}),
        help_text="About how it is recorded: spelling, what is missing, what could be measured."
        " Not about the student; it goes to no family and no agency.",
        error_messages={"required": "Write the comment"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper()
        self.helper.form_tag = False
