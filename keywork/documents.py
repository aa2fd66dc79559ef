"""Pages as accessible PDF (PDF/UA-1): tagged, titled, marked confidential, numbered.

A template extends documents/base.html and fills its block `content`; WeasyPrint draws it with
static/css/pdf.css. Nothing is fetched: a document holds text and drawings of its own alone.
"""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.timezone import localtime

from keywork.access import Viewer
from keywork.models import School, User

AFTER_USE = "Put in confidential waste after use."
SHEET = "css/pdf.css"


def render_pdf(
    template: str,
    context: dict[str, Any],
    *,
    title: str,
    school: School,
    by: User,
    now: datetime,
) -> bytes:
    """Draw a document: the bytes of a PDF/UA-1 file.

    template: extends documents/base.html. title: of the document, without a student's name. by,
    now: for the line at the foot of every page.
    """
    # Costs half a second and needs Pango, so whoever prints nothing does without.
    from weasyprint import CSS, HTML  # noqa: PLC0415

    printed = f"Printed by {by.full_name}, {localtime(now):%-d %B %Y %H:%M}. {AFTER_USE}"
    page = {"title": title, "school": school, "printed": printed, **context}
    html = HTML(string=render_to_string(template, page), url_fetcher=_refuse)
    sheet = CSS(string=_sheet(), url_fetcher=_refuse)
    drawn: bytes = html.write_pdf(
        stylesheets=[sheet], pdf_variant="pdf/ua-1", presentational_hints=False
    )
    return drawn


def pdf_response(
    template: str,
    context: dict[str, Any],
    *,
    title: str,
    school: School,
    viewer: Viewer,
    filename: str,
) -> HttpResponse:
    """Answer with a document, to be saved; filename: without its ending."""
    drawn = render_pdf(
        template, context, title=title, school=school, by=viewer.user, now=viewer.now
    )
    disposition = f'attachment; filename="{filename}.pdf"'
    return HttpResponse(
        drawn, content_type="application/pdf", headers={"Content-Disposition": disposition}
    )


@cache
def _sheet() -> str:
    found = finders.find(SHEET)
    if not found:
        raise FileNotFoundError(SHEET)
    return Path(found).read_text(encoding="utf-8")


def _refuse(url: str, *args: Any, **kwargs: Any) -> NoReturn:
    """Fetch nothing: what a document shows is in it."""
    raise ValueError(f"A document fetches nothing, so not {url} either.")
