"""Error pages that look like the product."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from keywork.access import public


@public("shown in place of a refused form, whoever posted it")
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say what to do when a form's security token is missing or old."""
    return render(request, "403_csrf.html", status=403)
