"""What forms share whose texts must name no other student until somebody says who is meant."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from students.models import Student
from students.roll_names import others_in, read_roll_names


class NamesFoundForm(forms.Form):
    """A form about one student that finds others' names in its texts.

    Each word found must be taken out, or said not to be a student's by a tick `not_students`,
    which `students/names_found.html` draws. The form that uses this sets `student`.
    """

    student: Student

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names_found: dict[str, list[str]] = {}

    @property
    def not_students(self) -> list[str]:
        """Give the words that were said not to name a student."""
        posted: Any = self.data
        return list(posted.getlist("not_students")) if self.is_bound else []

    @property
    def words_to_confirm(self) -> list[tuple[str, bool]]:
        """Give each word found with whether it is ticked, for the ticks below the texts."""
        ticked = self.not_students
        found = [word for words in self.names_found.values() for word in words]
        return [(word, word in ticked) for word in dict.fromkeys([*ticked, *found])]

    def refuse_names(
        self, texts: Mapping[str, str], on: date, *, family: Iterable[str] = ()
    ) -> None:
        """Add an error to each field that names another student, in one query.

        texts: by field. family: names of adults at home, who may be called as a student is.
        """
        written = {name: text for name, text in texts.items() if text}
        if not written:
            return
        student = self.student
        own = (student.legal_first_name, student.preferred_first_name, student.legal_last_name)
        found = others_in(written, read_roll_names(student, on), family=[*own, *family])
        meant = {word.casefold() for word in self.not_students}
        for name, words in found.items():
            left = [word for word in words if word.casefold() not in meant]
            if left:
                self.names_found[name] = left
                named = ", ".join(f"“{word}”" for word in left)
                self.add_error(
                    name, f"{named}: a student here? Take it out, or say below that it is not one."
                )
