"""Questions about the register: asked by those around a student, answered by the office."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import KeyworkRequest, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.form_page import form_page
from students.models import RegisterQuery
from students.register_forms import AnswerForm, QueryForm
from students.services import StudentError
from students.services.register import answer_query, query_register
from students.views.profile import seen_student

QUERIES_PER_PAGE = 30
SHOWN = {"open": "With the office", "answered": "Answered"}


@requires(Capability.SEE_STUDENTS)
def query_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Ask the office about a mark."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    asked = {name: request.GET.get(name, "") for name in ("day", "session")}
    form = QueryForm(form_data(request), on=viewer.on, initial=asked)
    keep_typed(
        request, form, title=f"Register query about {student.name}", school_id=student.school_id
    )
    if request.method == "POST" and form.is_valid():
        try:
            query_register(student=student, by=viewer.user, now=viewer.now, **form.cleaned_data)
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, "Sent to the office. The answer comes here and on Today.")
            return redirect("students:attendance", student.ref)
    return form_page(
        request, student, form, "Query the register", tab="attendance", back="students:attendance"
    )


@requires(Capability.IMPORT_DATA)
def queries(request: KeyworkRequest) -> HttpResponse:
    """List the school's register queries for its office: open ones, the oldest first."""
    viewer = request.viewer
    show = "answered" if request.GET.get("show") == "answered" else "open"
    found = RegisterQuery.objects.visible_to(viewer).filter(student__school=viewer.chosen_school)
    found = found.select_related("student", "asked_by", "answered_by")
    waiting = found.open()
    listed = waiting.order_by("asked_at", "pk")
    if show == "answered":
        listed = found.exclude(answered_at=None).order_by("-answered_at", "-pk")
    page = Paginator(listed, QUERIES_PER_PAGE).get_page(request.GET.get("page"))
    base = reverse("students:register_queries")
    context = {
        "page": page,
        "queries": list(page),
        "show": show,
        "chips": [
            {"label": label, "url": f"{base}?show={key}", "current": key == show}
            for key, label in SHOWN.items()
        ],
    }
    return render(request, "students/register_queries.html", context)


@requires(Capability.IMPORT_DATA)
def query_answer(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Answer a register query: changed, or the mark stands."""
    viewer = request.viewer
    office = RegisterQuery.objects.filter(
        student__school__in=viewer.schools_where(Capability.IMPORT_DATA)
    ).select_related("student", "asked_by", "answered_by")
    query = get_visible_or_404(office, viewer, ref=ref)
    form = AnswerForm(form_data(request))
    about = query.student
    keep_typed(
        request, form, title=f"Answer about {about.name}’s register", school_id=about.school_id
    )
    if request.method == "POST" and form.is_valid():
        try:
            answer_query(query=query, by=viewer.user, now=viewer.now, **form.cleaned_data)
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, f"Answer sent to {query.asked_by.full_name}.")
            return redirect("students:register_queries")
    context = {"query": query, "form": form, "has_errors": bool(form.errors)}
    return render(request, "students/register_query.html", context)
