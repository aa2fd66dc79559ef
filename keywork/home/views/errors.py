"""Error pages that look like the product."""

from django.http import HttpResponse
from django.shortcuts import render

from keywork.access import KeyworkRequest, public
from keywork.middleware import keep_form


@public("shown in place of a refused form, whoever posted it")
def csrf_failure(request: KeyworkRequest, reason: str = "") -> HttpResponse:
    """Keep what was typed where the form says whose it is; else say what to do.

    A form from before one signed in again carries an old security token: nothing is done with it
    but to show it again, filled in, to its author.
    """
    return keep_form(request) or render(request, "403_csrf.html", status=403)
