"""What the list of students can be narrowed to, all in the query string."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.http import QueryDict

from keywork.access import Viewer
from keywork.forms import LongSelect
from keywork.models import User
from students.models import Assignment, Student
from students.models.student import StudentQuerySet
from students.needs import NEEDS
from students.queries import without_primary
from students.search import named_like

SORTS = {
    "name": ("legal_last_name", "legal_first_name", "pk"),
    "form": ("reg_form", "legal_last_name", "legal_first_name", "pk"),
    "key_worker": (
        F("key_worker_name").asc(nulls_first=True),
        "legal_last_name",
        "legal_first_name",
        "pk",
    ),
}
SORT_WORDS = [("name", "Name"), ("form", "Form"), ("key_worker", "Key worker")]


class StudentFilter(django_filters.FilterSet):
    """Filters of /students/.

    What only some may know (needs, leavers) narrows the list to students whose identity the
    viewer sees, so that nothing can be learnt by filtering.
    """

    q = django_filters.CharFilter(method="by_words", label="Name or form")
    key_worker = django_filters.ModelChoiceFilter(
        queryset=User.objects.none(),
        to_field_name="ref",
        method="by_key_worker",
        label="Key worker",
        widget=LongSelect,
    )
    form = django_filters.ChoiceFilter(field_name="reg_form", label="Form")
    need = django_filters.ChoiceFilter(
        method="by_need", choices=list(NEEDS.items()), label="Need", empty_label="Any need"
    )
    no_key_worker = django_filters.BooleanFilter(
        method="by_none", widget=forms.CheckboxInput, label="No key worker"
    )
    leavers = django_filters.BooleanFilter(
        method="by_leavers", widget=forms.CheckboxInput, label="Include leavers"
    )
    sort = django_filters.ChoiceFilter(
        method="by_sort", choices=SORT_WORDS, label="Sort by", empty_label=None
    )

    class Meta:
        model = Student
        fields: list[str] = []

    def __init__(
        self, data: Any, *, viewer: Viewer, queryset: StudentQuerySet, sort: str = "name"
    ) -> None:
        chosen = data.copy() if data else QueryDict(mutable=True)
        chosen.setdefault("sort", sort)
        super().__init__(chosen, queryset)
        self.viewer = viewer
        self.usual_sort = sort
        seen = queryset.order_by()
        current = Assignment.objects.current(viewer.on).filter(student__in=seen.values("pk"))
        workers = User.objects.filter(pk__in=current.values("key_worker"))
        self.filters["key_worker"].queryset = workers
        forms_seen = seen.exclude(reg_form="").values_list("reg_form", flat=True).distinct()
        choices = [(name, name) for name in sorted(forms_seen)]
        self.filters["form"].extra["choices"] = choices
        self.filters["key_worker"].extra["empty_label"] = "Any key worker"
        self.filters["form"].extra["empty_label"] = "Any form"
        for field in self.form.fields.values():
            field.widget.attrs["class"] = _css_class(field.widget)

    @property
    def qs(self) -> StudentQuerySet:
        """Give the students found; without the box for leavers, those on roll today."""
        found = super().qs
        if not self._wanted("leavers"):
            found = found.on_roll(self.viewer.on)
        sort = self.form.cleaned_data.get("sort") if self.form.is_valid() else ""
        return self._with_key_worker(found).order_by(*SORTS[sort or self.usual_sort])

    def _wanted(self, name: str) -> bool:
        return bool(self.form.is_valid() and self.form.cleaned_data.get(name))

    def by_words(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Keep those whose names or form hold every word."""
        return named_like(students, value, self.viewer)

    def by_key_worker(self, students: StudentQuerySet, name: str, value: User) -> StudentQuerySet:
        """Keep those whose key worker, first or second, this person is today."""
        current = self._current().filter(key_worker=value)
        return students.filter(Exists(current))

    def by_need(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Keep those with this need, among those whose needs the viewer may know."""
        known = students.identity_for(self.viewer)
        return known.filter(Q(primary_need=value) | Q(secondary_need=value))

    def by_none(self, students: StudentQuerySet, name: str, value: bool) -> StudentQuerySet:
        """Keep those without a primary key worker today."""
        return without_primary(students, self.viewer.on) if value else students

    def by_leavers(self, students: StudentQuerySet, name: str, value: bool) -> StudentQuerySet:
        """Add those who left, among those whose identity the viewer may know."""
        if not value:
            return students
        known = Student.objects.identity_for(self.viewer).values("pk")
        here = Student.objects.on_roll(self.viewer.on).values("pk")
        return students.filter(Q(pk__in=known) | Q(pk__in=here))

    def by_sort(self, students: StudentQuerySet, name: str, value: str) -> StudentQuerySet:
        """Leave the order to `qs`, which knows all the others."""
        return students

    def _current(self) -> Any:
        return Assignment.objects.current(self.viewer.on).filter(student=OuterRef("pk"))

    def _with_key_worker(self, students: StudentQuerySet) -> StudentQuerySet:
        name = self._current().primary().values("key_worker__last_name")[:1]
        return students.annotate(key_worker_name=Subquery(name))


def _css_class(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
