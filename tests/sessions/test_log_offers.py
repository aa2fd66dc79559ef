"""What the log form offers and nobody chose: it follows the days, also in a draft."""

from datetime import date, time, timedelta

import pytest
from django.urls import reverse

from keywork.models import Draft
from sessions.models import KeyworkSession, Target
from tests.factories import (
    NOW,
    TODAY,
    SessionFactory,
    StudentFactory,
    assign,
    make_school,
    make_staff,
)
from tests.sessions.test_view_log import held

pytestmark = pytest.mark.django_db
FRIDAY = TODAY + timedelta(days=1)


@pytest.fixture
def days(monkeypatch):
    """Say how many days after Thursday 12 November it is; the one place that reads the clock."""

    def later(number):
        monkeypatch.setattr("keywork.clock.now", lambda: NOW + timedelta(days=number))

    later(0)
    return later


@pytest.fixture
def priya(client, days):
    person = make_staff(make_school(), "key_worker")
    client.force_login(person)
    return person


@pytest.fixture
def jayden(priya):
    student = StudentFactory(school=priya.staff_records.get().school)
    assign(student, priya)
    return student


def plan(student, on=TODAY, at=time(13, 40), **more):
    return SessionFactory(student=student, status="planned", held_on=on, starts_at=at, **more)


def edit_url(planned):
    return reverse("sessions:edit", args=[planned.ref])


def new_url(student):
    return reverse("sessions:new", args=[student.ref])


def as_shown(page, **typed):
    """The form of a page as a browser would post it, and what is typed into it."""
    form = page.context["form"]
    shown = {}
    for field in form:
        value = field.value()
        if value not in (None, False, ""):
            widget = field.field.widget
            shown[field.html_name] = widget.format_value(value) if value is not True else "on"
    first = {
        name: value[:1] if isinstance(value, list) else [value] for name, value in shown.items()
    }
    shown = {name: value[0] for name, value in first.items() if value and value[0]}
    return {**shown, "version": page.context["version"], "action": "finish", **typed}


TARGET = {"target-1-text": "Show the card before leaving a lesson"}


# The day of the session


@pytest.mark.parametrize("leave", ["draft", "briefed"])
def test_a_session_prepared_the_day_before_is_held_on_its_own_day(
    client, days, priya, jayden, leave
):
    planned = plan(jayden, FRIDAY, key_worker=priya)
    url = edit_url(planned)
    client.post(url, as_shown(client.get(url), action=leave))
    days(1)
    page = client.get(url)
    assert page.context["form"]["held_on"].value() == "13/11/2026"
    assert "You began this on Thursday 12 November. Now it says Friday 13 November" in (
        page.content.decode()
    )
    client.post(url, as_shown(page, **TARGET))
    record = KeyworkSession.objects.get(pk=planned.pk)
    assert (record.status, record.held_on) == ("held", FRIDAY)
    assert Target.objects.get().set_on == FRIDAY


def test_a_day_that_was_typed_stays(client, days, priya, jayden):
    url = edit_url(plan(jayden, FRIDAY, key_worker=priya))
    client.post(url, as_shown(client.get(url), action="draft", held_on="11/11/2026"))
    days(1)
    form = client.get(url).context["form"]
    assert (form["held_on"].value(), form.day_note) == ("11/11/2026", "")


def test_a_tab_left_open_over_night_is_of_the_planned_day_too(client, days, priya, jayden):
    planned = plan(jayden, FRIDAY, key_worker=priya)
    shown = as_shown(client.get(edit_url(planned)), **TARGET)
    days(1)
    client.post(edit_url(planned), shown)
    assert KeyworkSession.objects.get(pk=planned.pk).held_on == FRIDAY


def test_a_session_not_planned_is_of_today_until_something_is_written_of_it(client, days, jayden):
    url = new_url(jayden)
    client.post(url, as_shown(client.get(url), action="draft"))
    days(1)
    assert client.get(url).context["form"]["held_on"].value() == "13/11/2026"


def test_a_session_not_planned_of_which_one_wrote_keeps_the_day_one_began(client, days, jayden):
    url = new_url(jayden)
    client.post(url, as_shown(client.get(url), action="draft", pupil_voice="I liked art."))
    days(1)
    page = client.get(url)
    assert page.context["form"]["held_on"].value() == "12/11/2026"
    assert "You began this on Thursday 12 November, and that day is kept." in page.content.decode()
    assert page.context["form"].when_open
    client.post(url, as_shown(page, **TARGET))
    assert KeyworkSession.objects.get(status="held").held_on == TODAY


def test_a_planned_session_logged_late_keeps_its_day(client, days, priya, jayden):
    planned = plan(jayden, TODAY, key_worker=priya)
    client.post(edit_url(planned), as_shown(client.get(edit_url(planned)), action="draft"))
    days(5)
    form = client.get(edit_url(planned)).context["form"]
    assert (form["held_on"].value(), form.day_note) == ("12/11/2026", "")


def test_a_draft_kept_before_offers_were_remembered_is_left_as_it_is(client, days, priya, jayden):
    planned = plan(jayden, FRIDAY, key_worker=priya)
    Draft.objects.create(
        owner=priya,
        key=f"session:{planned.ref}",
        title="Session",
        url=edit_url(planned),
        data={"ref": [planned.ref], "held_on": ["12/11/2026"]},
        updated_at=NOW,
    )
    days(1)
    assert client.get(edit_url(planned)).context["form"]["held_on"].value() == "12/11/2026"


# "Not possible today…"


def test_not_possible_today_asks_for_the_reason_whatever_was_typed(client, priya, jayden):
    url = edit_url(plan(jayden, key_worker=priya))
    typed = {"details": "Half a sentence", **TARGET}
    client.post(url, as_shown(client.get(url), action="draft", **typed))
    page = client.get(url + "?missed=1")
    form = page.context["form"]
    assert form["happened"].value() == "no"
    assert form["details"].value() == "Half a sentence"
    assert TARGET["target-1-text"] in page.content.decode()
    assert client.get(url).context["form"]["happened"].value() == "yes"
