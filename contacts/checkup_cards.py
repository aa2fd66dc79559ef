"""The cards that a teacher answers on: behind the personal link, and signed in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict

from contacts.errors import ContactsError
from contacts.forms.checkups import CheckupAnswerForm
from contacts.models import CheckupAnswer
from contacts.services.checkups import answer_all_fine, answer_checkup
from keywork.models import User
from students.models import Student

ALL_FINE = "all_fine"
NOT_YOURS = "You are not asked about this student, or no longer. Nothing was saved."


@dataclass(frozen=True, slots=True)
class Card:
    """One student's card.

    name: as this page may show it. note: the words in the box, typed or saved. error: what is
    wrong with them. url: the student's page, for those signed in.
    """

    answer: CheckupAnswer
    name: str
    note: str
    error: str = ""
    url: str = ""

    @property
    def is_open(self) -> bool:
        """Say whether the box for a flag is to be seen."""
        return bool(self.error) or self.answer.answer == CheckupAnswer.Answer.FLAG


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer was not taken: of which card ("" for the page), in which words."""

    ref: str
    message: str
    note: str = ""

    @property
    def target(self) -> str:
        """Give the id of the box it is about."""
        return f"note-{self.ref}" if self.ref else ""


def take(
    post: QueryDict, answers: Sequence[CheckupAnswer], *, by: User, now: datetime
) -> Problem | None:
    """Take what was posted: one card's answer, or "all fine". Give what is wrong, or None.

    answers: those that this person may give; anything else posted is refused.
    """
    note = post.get("note", "")
    if not answers:
        return Problem("", NOT_YOURS, note)
    if ALL_FINE in post:
        answer_all_fine(answers=answers, by=by, now=now)
        return None
    form = CheckupAnswerForm(post)
    ref = post.get("checkup", "")
    mine = next((each for each in answers if each.ref == ref), None)
    if mine is None:
        return Problem("", NOT_YOURS, note)
    if not form.is_valid():
        return Problem(ref, str(next(iter(form.errors.values()))[0]), note)
    try:
        answer_checkup(
            answer=mine,
            given=form.cleaned_data["answer"],
            note=form.cleaned_data["note"],
            by=by,
            now=now,
        )
    except ContactsError as problem:
        return Problem(ref, problem.message, note)
    return None


def cards_of(
    answers: Sequence[CheckupAnswer], problem: Problem | None, *, full_names: bool
) -> list[Card]:
    """Give the cards; full_names: for those signed in, else first name and initial alone."""
    names = [each.checkup.student.name for each in answers]
    if not full_names:
        names = short_names([each.checkup.student for each in answers])
    return [
        _card(each, name, problem if problem and problem.ref == each.ref else None, full_names)
        for each, name in zip(answers, names, strict=True)
    ]


def short_names(students: Sequence[Student]) -> list[str]:
    """Give first name and initial: "Zayn C."; with the form where two would read the same."""
    short = [f"{s.first_name} {s.legal_last_name[:1]}.".strip() for s in students]
    times = Counter(short)
    return [
        f"{name} ({student.reg_form})" if times[name] > 1 and student.reg_form else name
        for name, student in zip(short, students, strict=True)
    ]


def _card(answer: CheckupAnswer, name: str, problem: Problem | None, full_names: bool) -> Card:
    url = answer.checkup.student.get_absolute_url() if full_names else ""
    if problem is None:
        return Card(answer, name, answer.note, url=url)
    return Card(answer, name, problem.note, problem.message, url)
