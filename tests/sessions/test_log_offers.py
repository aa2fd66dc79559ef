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
    TargetFactory,
    assign,
    make_school,
    make_staff,
)

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


@pytest.mark.parametrize("word", ["today", "thu", "Thursday 12 November", "12 nov", "12/11"])
def test_a_day_typed_as_a_word_stays_the_day_it_meant(client, days, jayden, word):
    url = new_url(jayden)
    client.post(url, as_shown(client.get(url), action="draft", held_on=word))
    days(7)
    page = client.get(url)
    client.post(url, as_shown(page, **TARGET))
    assert KeyworkSession.objects.get(status="held").held_on == TODAY


def test_a_tab_left_open_over_night_is_shown_once_more_before_it_is_signed(
    client, days, priya, jayden
):
    planned = plan(jayden, FRIDAY, key_worker=priya)
    shown = as_shown(client.get(edit_url(planned)), **TARGET)
    days(1)
    page = client.post(edit_url(planned), shown)
    [error] = page.context["form"].errors["held_on"]
    assert error == (
        "You began this on Thursday 12 November. Now it says Friday 13 November: "
        "change it if it is wrong. Then finish"
    )
    assert page.context["form"].when_open
    assert KeyworkSession.objects.get(pk=planned.pk).is_planned
    client.post(edit_url(planned), as_shown(page))
    record = KeyworkSession.objects.get(pk=planned.pk)
    assert (record.status, record.held_on) == ("held", FRIDAY)
    assert Target.objects.get().text == TARGET["target-1-text"]


@pytest.mark.parametrize(
    "typed",
    [
        TARGET,
        {"strategies_agreed": "A quiet seat"},
        {"no_target_reason": "The open ones go on."},
        {"judge-outcome": "partly", "judge-carry_on": "on"},
        {"happened": "no", "missed_reason": "declined"},
    ],
)
def test_a_session_written_before_midnight_and_finished_after_is_of_the_day_it_was_begun(
    client, days, jayden, typed
):
    target = TargetFactory(student=jayden, set_on=november(2))
    typed = {name.replace("judge", f"judge-{target.ref}"): typed[name] for name in typed}
    shown = as_shown(client.get(new_url(jayden)), **typed)
    days(1)
    page = client.post(new_url(jayden), shown)
    assert not KeyworkSession.objects.exclude(status="planned").exists()
    assert page.context["form"]["held_on"].value() == "12/11/2026"
    assert "and that day is kept. Change it if the session was on another." in (
        page.content.decode()
    )
    client.post(new_url(jayden), as_shown(page))
    assert KeyworkSession.objects.exclude(status="planned").get().held_on == TODAY


def test_a_page_that_said_which_day_it_keeps_is_signed_at_once(client, days, jayden):
    url = new_url(jayden)
    client.post(url, as_shown(client.get(url), action="draft", **TARGET))
    days(1)
    page = client.get(url)
    assert "You began this on Thursday 12 November, and that day is kept." in page.content.decode()
    assert client.post(url, as_shown(page)).status_code == 302
    assert KeyworkSession.objects.get(status="held").held_on == TODAY


def test_a_day_that_somebody_chose_is_signed_the_day_after_without_asking(client, days, jayden):
    shown = as_shown(client.get(new_url(jayden)), held_on="11/11/2026", **TARGET)
    days(1)
    assert client.post(new_url(jayden), shown).status_code == 302
    assert KeyworkSession.objects.get(status="held").held_on == november(11)


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


# The next session


def november(day):
    return date(2026, 11, day)


def missed(reason):
    return {"happened": "no", "missed_reason": reason}


@pytest.mark.parametrize(
    ("last_held", "typed", "expected"),
    [
        # Held on 12 November: ten school days on.
        (None, TARGET, november(26)),
        # Seen on 3 November, so due on the 17th; a miss on the 12th moves that no further back.
        (november(3), missed("declined"), november(17)),
        (november(3), missed("no_time"), november(17)),
        # Seen on 20 October, so due on 10 November: late already. Excused until the next school
        # day, and otherwise still late: the next school day as well.
        (date(2026, 10, 20), missed("pupil_absent"), november(13)),
        (date(2026, 10, 20), missed("staff_absent"), november(13)),
        # Held on 5 November and logged a week later: ten school days from the 5th.
        (None, {**TARGET, "held_on": "5/11/2026"}, november(19)),
    ],
)
def test_the_next_session_is_planned_for_when_it_is_due(
    client, jayden, last_held, typed, expected
):
    """Whatever day was offered before it was known how this one ended."""
    if last_held:
        SessionFactory(student=jayden, held_on=last_held)
    page = client.get(new_url(jayden))
    assert page.context["form"]["next_on"].value() == november(26)
    answer = client.post(new_url(jayden), as_shown(page, **typed), follow=True)
    assert KeyworkSession.objects.planned().get().held_on == expected
    text = answer.content.decode()
    assert f"Planned: {expected:%A} {expected.day} November" in text
    moved = f"Next session planned for {expected:%A} {expected.day} November: what you logged"
    assert (moved in text) == (expected != november(26))


def test_a_day_chosen_for_the_next_session_stays(client, jayden):
    fields = as_shown(client.get(new_url(jayden)), next_on="1/12/2026", **missed("no_time"))
    client.post(new_url(jayden), fields)
    assert KeyworkSession.objects.planned().get().held_on == date(2026, 12, 1)


def test_what_is_offered_follows_what_is_known_already(client, days, priya, jayden):
    SessionFactory(student=jayden, held_on=november(3))
    page = client.get(new_url(jayden) + "?missed=1")
    assert page.context["form"]["next_on"].value() == november(17)
    late = plan(jayden, november(5), key_worker=priya)
    assert client.get(edit_url(late)).context["form"]["next_on"].value() == november(19)


def test_a_draft_is_offered_the_next_session_anew(client, days, jayden):
    url = new_url(jayden)
    client.post(url, as_shown(client.get(url), action="draft"))
    days(4)
    # Monday 16 November, ten school days on
    assert client.get(url).context["form"]["next_on"].value() == "30/11/2026"
    client.post(url, as_shown(client.get(url), action="draft", next_on="2/12/2026"))
    days(5)
    assert client.get(url).context["form"]["next_on"].value() == "2/12/2026"


@pytest.mark.parametrize(("today", "typed"), [(0, "5/11"), (0, "5 nov"), (-6, "yesterday")])
def test_a_day_typed_without_its_year_is_the_one_that_the_page_counts_from(
    client, days, jayden, today, typed
):
    """Held on Thursday 5 November: ten school days on is the 19th, and the page says so before."""
    days(today)
    url = new_url(jayden)
    page = client.post(url, as_shown(client.get(url), action="add-target", held_on=typed))
    form = page.context["form"]
    assert (form["held_on"].value(), form["next_on"].value()) == (typed, "19/11/2026")
    answer = client.post(url, as_shown(page, **TARGET), follow=True)
    assert KeyworkSession.objects.planned().get().held_on == november(19)
    assert "what you logged moved it" not in answer.content.decode()


def test_no_later_than_the_last_day_of_a_half_term_that_needs_another(client, days, jayden):
    days(27)  # Wednesday 9 December; ten school days on is 6 January
    page = client.get(new_url(jayden))
    assert page.context["form"]["next_on"].value() == date(2026, 12, 18)
    client.post(new_url(jayden), as_shown(page, **TARGET))
    assert KeyworkSession.objects.planned().get().held_on == date(2026, 12, 18)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [(TARGET, november(26)), (missed("declined"), november(26))],
)
def test_without_a_rhythm_the_usual_ten_school_days(client, days, typed, expected):
    """One a term: held or missed, the next is due by 18 December at the latest."""
    school = make_school("Home School", "999104", model="residential")
    person = make_staff(school, "key_worker")
    client.force_login(person)
    student = StudentFactory(school=school)
    assign(student, person)
    page = client.get(new_url(student))
    client.post(new_url(student), as_shown(page, **typed))
    assert KeyworkSession.objects.planned().get().held_on == expected
