"""The page of a form about one student: the student's head, the form, and a way to leave it."""

from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest
from students.header import header
from students.models import Student


def form_page(
    request: KeyworkRequest, student: Student, form: BaseForm, title: str, *, tab: str, back: str
) -> HttpResponse:
    """Give the page; tab: of the student's, as `header` has it; back: the name of an address."""
    context = {
        "student": student,
        "header": header(request.viewer, student, tab=tab),
        "form": form,
        "title": title,
        "back": back,
    }
    return render(request, "students/edit.html", context)
