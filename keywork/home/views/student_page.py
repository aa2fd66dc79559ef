"""The student page: who they are, where they stand, what happened."""

from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, get_visible_or_404, requires
from keywork.roles import Capability
from students.header import header
from students.models import Student


@requires(Capability.SEE_STUDENTS)
def student(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a student as far as the viewer may see them."""
    viewer = request.viewer
    shown = Student.objects.for_list(viewer.on).with_sight(viewer)
    found = get_visible_or_404(shown, viewer, ref=ref)
    context = {"student": found, "header": header(viewer, found, tab="timeline")}
    return render(request, "home/student.html", context)
