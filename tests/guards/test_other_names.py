"""No other student's name in any page, file or PDF about one student.

Every text about the student says it, and an event ties the two; whoever looks sees them both, so
that nothing but these pages' own care hides the name.
"""

import io
import logging

import pypdf
import pytest
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from keywork import clock
from students.models import Incident
from tests.data_school import NAMES, make_world
from tests.factories import NOW
from tests.site_map import PAGES, address, sight


@pytest.fixture(autouse=True)
def _speak_again():
    logging.disable(logging.ERROR)  # refusals are not looked at here
    yield
    logging.disable(logging.NOTSET)


pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OTHER = " ".join(NAMES["other"])
# Forms show a text to its writers as they wrote it, to change it; a group is chosen by name.
AS_WRITTEN = {
    "students:edit", "students:profile_edit", "students:slip_correction",
    "students:part_time_edit", "students:barrier_follow", "sessions:edit", "sessions:correction",
    "sessions:group", "sessions:plan", "draft_compare", "sessions:target_outcome",
    "contacts:followup_edit", "contacts:involvement_edit", "contacts:advice_edit",
    "contacts:contact_edit", "students:change_notice_correction",
}  # fmt: skip


@pytest.fixture
def world(request, monkeypatch, settings, tmp_path):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    settings.MEDIA_ROOT = tmp_path
    world = make_world(*request.param, naming=f"seen with {OTHER} and {OTHER.upper()}")
    event = Incident(school=world.home, occurred_at=NOW)
    event.save()
    for key in ("own", "other"):
        world.of[key].slip.incident = event
        world.of[key].slip.save()
    return world


@pytest.mark.parametrize("world", [("senco", "key_worker"), ("admin", "slt")], indirect=True)
def test_no_page_of_a_student_names_another(world):
    client = Client()
    client.force_login(world.person)
    looked_at, told = [], []
    for name, page in PAGES.items():
        about_one = page.of and page.seen is sight and name not in AS_WRITTEN
        if page.only_post or not about_one:
            continue
        answer = client.get(address(name, page, world.of["own"]))
        if answer.status_code == 200:
            looked_at.append(name)
            text = text_of(answer)
            told += [name] if names_other(text) else []
    assert len(looked_at) > 20
    assert told == []


@pytest.mark.parametrize("world", [("senco", "key_worker")], indirect=True)
def test_no_file_about_a_student_names_another(world):
    client = Client()
    client.force_login(world.person)
    url = reverse("behaviour_export", args=[world.of["own"].student.ref])
    for kind in ("csv", "xlsx", "docx"):
        text = text_of(client.post(f"{url}?period=all", {"format": kind}))
        assert "said-of-own" in text, kind
        assert not names_other(text), kind


def names_other(text):
    return NAMES["other"][1].lower() in text.lower()


def text_of(answer):
    """What an answer says, whatever it is."""
    content = b"".join(answer) if answer.streaming else answer.content
    kind = answer["Content-Type"]
    if "pdf" in kind:
        return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    if "spreadsheet" in kind:
        rows = load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)
        return " ".join(str(cell) for row in rows for cell in row if cell is not None)
    if "wordprocessing" in kind:
        document = Document(io.BytesIO(content))
        cells = [
            cell.text for table in document.tables for row in table.rows for cell in row.cells
        ]
        return " ".join([*cells, *(each.text for each in document.paragraphs)])
    return content.decode()
