"""What the school-wide due list can be narrowed to and sorted by, all in the query string."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from keywork.access import Viewer
from keywork.duties import Duty, DutyKind, DutyStatus
from keywork.forms import LongSelect
from keywork.home.duty_words import KIND_WORDS, STATUS_WORDS
from keywork.models import User
from keywork.prepared import prepared
from students.duties import StudentOnRoll
from students.models import Assignment, Student
from students.models.student import StudentQuerySet
from students.queries import without_primary

NOBODY = "none"
SORT_WORDS = [
    ("act_by", "When"),
    ("student", "Student"),
    ("kind", "What is owed"),
    ("key_worker", "Key worker"),
]


@dataclass(frozen=True, slots=True)
class Names:
    """The names that duties are shown and sorted by, each by its id."""

    students: Mapping[int, StudentOnRoll]
    key_workers: Mapping[int, str]

    def key_worker(self, duty: Duty) -> str:
        """Give the name of who owes the duty; empty where nobody does."""
        return self.key_workers.get(duty.owner_id or 0, "")


# What comes before the order of every list. Sorting keeps that order among equals.
SORTS: dict[str, Callable[[Names, Duty], str]] = {
    "student": lambda names, duty: names.students[duty.student_id or 0].name.casefold(),
    "kind": lambda _, duty: KIND_WORDS[duty.kind],
    "key_worker": lambda names, duty: names.key_worker(duty).casefold(),
}


@prepared
def key_workers_of(*, viewer: Viewer) -> QuerySet[User]:
    """Give the current primary key workers of the chosen school's students, by name."""
    current = Assignment.objects.current(viewer.on).primary()
    theirs = current.filter(student__in=on_roll_of(viewer).values("pk"))
    people = User.objects.filter(pk__in=theirs.values("key_worker"))
    return people.only("ref", "username", "first_name", "last_name", "known_as")


@prepared
def reg_forms_of(*, viewer: Viewer) -> QuerySet:
    """Give the names of the chosen school's forms, in no order."""
    named = on_roll_of(viewer).exclude(reg_form="").order_by()
    return named.values_list("reg_form", flat=True).distinct()


def on_roll_of(viewer: Viewer) -> StudentQuerySet:
    """Give the chosen school's students on roll whom the viewer may know of."""
    return Student.objects.visible_to(viewer).filter(school=viewer.school).on_roll(viewer.on)


class DueFilter(django_filters.FilterSet):
    """Filters of /overview/duties/: who is read (key worker, form), then which of their duties."""

    kind = django_filters.ChoiceFilter(
        method="later",
        choices=[(kind.value, words) for kind, words in KIND_WORDS.items()],
        label="What is owed",
        empty_label="Anything owed",
        widget=LongSelect,
    )
    status = django_filters.ChoiceFilter(
        method="later",
        choices=[(status.value, words) for status, words in STATUS_WORDS.items()],
        label="Status",
        empty_label="Any status",
    )
    key_worker = django_filters.ChoiceFilter(
        method="by_key_worker",
        label="Key worker",
        empty_label="Any key worker",
        widget=LongSelect,
    )
    form = django_filters.ChoiceFilter(
        field_name="reg_form", label="Form", empty_label="Any form", widget=LongSelect
    )
    sort = django_filters.ChoiceFilter(
        method="later",
        choices=SORT_WORDS,
        label="Sort by",
        empty_label=None,
        widget=LongSelect,
    )

    class Meta:
        model = Student
        fields: list[str] = []

    def __init__(self, data: Any, *, viewer: Viewer, key_workers: Iterable[User]) -> None:
        super().__init__(data, on_roll_of(viewer))
        self.on = viewer.on
        people = [(user.ref, user.full_name) for user in key_workers]
        reg_forms = sorted(reg_forms_of(viewer=viewer))
        self.filters["key_worker"].extra["choices"] = [(NOBODY, "No key worker"), *people]
        self.filters["form"].extra["choices"] = [(name, name) for name in reg_forms]
        for each in self.form.fields.values():
            each.widget.attrs["class"] = "form-select"

    def chosen(self, name: str) -> str:
        """Give a filter's value, empty where none, or one not understood, was given."""
        return str(self.form.cleaned_data.get(name) or "") if self.is_bound else ""

    def by_kind(self, duties: Iterable[Duty]) -> list[Duty]:
        """Keep the duties of the kind asked for."""
        kind = self.chosen("kind")
        return [duty for duty in duties if not kind or duty.kind == DutyKind(kind)]

    def by_status(self, duties: Iterable[Duty]) -> list[Duty]:
        """Keep the duties of the status asked for."""
        status = self.chosen("status")
        return [duty for duty in duties if not status or duty.status == DutyStatus(status)]

    def sorted(self, duties: list[Duty], names: Names) -> list[Duty]:
        """Put duties, given in the order of every list, in the order asked for."""
        first = SORTS.get(self.chosen("sort"))
        return sorted(duties, key=partial(first, names)) if first else duties

    def by_key_worker(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Keep the students whose primary key worker this is today, or who have none."""
        if value == NOBODY:
            return without_primary(students, self.on)
        current = Assignment.objects.current(self.on).primary()
        mine = current.filter(key_worker__ref=value, student=OuterRef("pk"))
        return students.filter(Exists(mine))

    def later(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Leave the students: this one is about duties, which are worked out from them."""
        return students
