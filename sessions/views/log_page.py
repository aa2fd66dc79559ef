"""What one request of "Prepare and log" works with: the briefing, the draft, the form."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html

from keywork import drafts
from keywork.access import KeyworkRequest
from keywork.drafts import DraftSubject
from keywork.models import Draft
from keywork.parked_forms import form_data
from keywork.refs import new_ref
from keywork.school_calendar import calendar_of
from sessions.briefing import Briefing, open_now, read_briefing
from sessions.forms.log import LogForm, initial_values
from sessions.forms.offered import day_afresh, day_in, next_afresh
from sessions.models import KeyworkSession
from sessions.queries import Colleague, colleagues_at
from sessions.views.drop_in import agreed_time
from sessions.words import offered_at
from students.models import Student

# What asks for a session of its own, whatever is planned; a drop-in is never the planned one.
ANOTHER = {"another", "drop_in"}


@dataclass
class LogPage:
    """What one request of the page works with. `planned`: the session being logged, if planned.

    typed: what the form is filled with, once there is a form.

    Read where it is needed: a session that is signed at once needs little of it.
    """

    request: KeyworkRequest
    student: Student
    planned: KeyworkSession | None
    typed: QueryDict | None = None

    @cached_property
    def briefing(self) -> Briefing:
        """Give what stands beside the form."""
        student, viewer = self.student, self.request.viewer
        return read_briefing(
            student,
            calendar_of(student.school),
            viewer.on,
            reader=viewer.user.pk,
            logging=self.planned,
            day=(self.typed and day_in(self.typed, viewer.on)) or self.day,
            missed=self.typed.get("happened") == "no" if self.typed else self.asks_for_reason,
        )

    @cached_property
    def colleagues(self) -> list[Colleague]:
        """Give the school's staff."""
        return colleagues_at(self.student.school_id, self.request.viewer.on)

    @cached_property
    def draft(self) -> Draft | None:
        """Give the draft of this page, if one is kept."""
        return drafts.find_draft(self.request.viewer.user, self.subject.key)

    @property
    def subject(self) -> DraftSubject:
        """Give what the page's draft is of."""
        return subject_of(self.student, self.planned)

    @property
    def student_plan(self) -> str:
        """Give the ref of the viewer's own session planned up to today and not logged; or ""."""
        annotated: Any = self.student  # `open_plan` comes from `student_to_brief`
        return annotated.open_plan or ""

    @property
    def planned_url(self) -> str:
        """Give where the planned session is logged that one means when asking for a new one.

        Empty where there is none, where one asks for another, or has typed of another already.
        """
        request = self.request
        if request.method == "POST" or not self.student_plan or ANOTHER & request.GET.keys():
            return ""
        if form_data(request) is not None or self.draft:
            return ""
        url, query = reverse("sessions:edit", args=[self.student_plan]), request.GET.urlencode()
        return f"{url}?{query}" if query else url

    def still_standing(self, signed: KeyworkSession) -> KeyworkSession | None:
        """Give the viewer's plan of the very day of a session that says nothing about it."""
        unasked = self.planned is None and "settles" not in self.request.POST
        if not unasked or not self.student_plan:
            return None
        plans = KeyworkSession.objects.planned().filter(ref=self.student_plan)
        return plans.filter(held_on=signed.held_on).first()

    @property
    def day(self) -> date:
        """Give the day offered: today, or before that the day it was planned for."""
        on = self.request.viewer.on
        return min(self.planned.held_on, on) if self.planned else on

    @property
    def asks_for_reason(self) -> bool:
        """Say whether one came to tell why the session is not possible."""
        return "missed" in self.request.GET

    def form(
        self, data: QueryDict | None = None, *, checked: bool = True, add: str = ""
    ) -> LogForm:
        """Give the form: filled with `data`, or with what is offered before anybody types.

        One that is to be signed on another day than it was offered for is shown once more:
        nothing is signed for a day that nobody saw.
        """
        note = ""
        if data is not None:
            data, note = day_afresh(data, fresh=self.day, planned=self.planned is not None)
            self.typed = data
            if not checked:
                data = next_afresh(data, self.briefing.next_on)
        form = self._form(data, checked=checked, add=add)
        if note and checked:
            form.add_error("held_on", f"{note} Then finish")
        else:
            form.day_note = note
        return form

    def _form(self, data: QueryDict | None, *, checked: bool, add: str) -> LogForm:
        viewer, model = self.request.viewer, self.student.model_in_force()
        shown, student = data is None or not checked, self.student
        targets = self.briefing.targets if shown else open_now(student=student.pk, on=viewer.on)
        return LogForm(
            data,
            student=student,
            parameters=model.parameters() if model else None,
            targets=targets,
            next_on=lambda: self.briefing.next_on,
            colleagues=lambda: self.colleagues,
            me=viewer.user,
            offered=lambda: (
                self.briefing.words.offered if shown else offered_at(student.school_id)
            ),
            on=viewer.on,
            checked=checked,
            add=add,
            initial=self._offered() if data is None else None,
        )

    def _offered(self) -> dict[str, Any]:
        venues = self.briefing.words.venues
        return initial_values(
            self.briefing,
            day=self.day,
            ref=self.planned.ref if self.planned else new_ref(),
            venue=venues[0] if venues else "",
            missed=self.asks_for_reason,
            planned=self.planned,
        ) | agreed_time(self.request, self.student)


def plan_stands(plan: KeyworkSession) -> str:
    """Say that a planned session of the same day still stands, and what can be done about it."""
    at = f" at {plan.starts_at:%H:%M}" if plan.starts_at else ""
    return format_html(
        "A session planned for that day{} still stands."
        ' <a href="{}">Cancel it</a> if this was it, or <a href="{}">log it</a> as well.',
        at,
        reverse("sessions:cancellation", args=[plan.ref]),
        reverse("sessions:edit", args=[plan.ref]),
    )


def subject_of(student: Student, planned: KeyworkSession | None) -> DraftSubject:
    """Give what a draft of the page is of: a planned session, or a new one with the student."""
    title = f"Session with {student.name}"
    if planned:
        url = reverse("sessions:edit", args=[planned.ref])
        key = f"session:{planned.ref}"
        return DraftSubject(key=key, title=title, url=url, school_id=student.school_id)
    url = reverse("sessions:new", args=[student.ref])
    key = f"session:new:{student.ref}"
    return DraftSubject(key=key, title=title, url=url, school_id=student.school_id)
