"""A school's settings: its calendar and its key-work models."""

from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, requires
from keywork.roles import Capability


@requires(Capability.MANAGE_CALENDAR, Capability.MANAGE_MODELS)
def index(request: KeyworkRequest) -> HttpResponse:
    """The list of what a school sets for itself."""
    return render(request, "home/settings/index.html")
