"""The product's pages, and beside them the bare one that they are compared with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from keywork.access import signed_in
from keywork.models import School


@signed_in
def bare(request: HttpRequest) -> HttpResponse:
    """Answer somebody signed in, with one query and the base template: what any page costs."""
    return render(request, "bare.html", {"schools": School.objects.count()})


urlpatterns = [path("bench/bare/", bare), path("", include("keywork.urls"))]
