"""What was typed in the log form while something else changed is kept, or its loss is told."""

from datetime import date

import pytest
from django.db import connection
from django.db.models.signals import pre_save
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.models import Draft
from sessions.models import KeyworkSession, SessionAction, Target, TargetReview
from sessions.services.targets import ReviewError, review_target
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
from tests.sessions.test_view_log import held

pytestmark = pytest.mark.django_db
SUBMIT_QUERIES = 13
MOVE = "This target was closed meanwhile, so this is not saved with it."


@pytest.fixture(autouse=True)
def thursday(monkeypatch):
    # The one place that reads the clock.
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def priya(client):
    person = make_staff(make_school(), "key_worker")
    client.force_login(person)
    return person


@pytest.fixture
def jayden(priya):
    student = StudentFactory(school=priya.staff_records.get().school)
    assign(student, priya)
    return student


@pytest.fixture
def url(jayden):
    return reverse("sessions:new", args=[jayden.ref])


@pytest.fixture
def closed(jayden, priya):
    target = TargetFactory(student=jayden, text="Ask for help", set_on=date(2026, 11, 2))
    review_target(target=target, outcome="achieved", evidence="", on=TODAY, by=priya)
    return target


def test_evidence_for_a_target_closed_meanwhile_is_kept_until_it_is_moved(client, url, closed):
    judged = {f"judge-{closed.ref}-outcome": "partly", f"judge-{closed.ref}-evidence": "2 of 5"}
    form = held(**judged)
    page = client.post(url, form)
    text = page.content.decode()
    assert page.status_code == 200
    assert MOVE in text
    assert "What you wrote about “Ask for help”" in text
    assert ">\n2 of 5</textarea>" in text
    assert not KeyworkSession.objects.exists()
    form["version"] = page.context["version"]
    moved = {**form, f"judge-{closed.ref}-evidence": "", "details": "2 of 5"}
    del moved[f"judge-{closed.ref}-outcome"]  # the page has no such box any more
    assert client.post(url, moved).status_code == 302
    assert KeyworkSession.objects.get().details == "2 of 5"


def test_a_bare_outcome_of_a_target_closed_meanwhile_is_told(client, url, closed):
    page = client.post(url, held(**{f"judge-{closed.ref}-outcome": "partly"}))
    assert "how you judged it here is not saved" in page.content.decode()


def test_another_students_target_is_none_of_this_form(client, url, priya):
    foreign = TargetFactory(student=StudentFactory(school=make_school("Other", "999102")))
    page = client.post(url, held(**{f"judge-{foreign.ref}-evidence": "x"}))
    assert page.status_code == 302


def test_a_session_before_a_target_was_set_does_not_judge_it(client, url, jayden):
    target = TargetFactory(student=jayden, text="Ask for help", set_on=date(2026, 11, 10))
    form = held(held_on="9/11/2026", **{f"judge-{target.ref}-outcome": "achieved"})
    page = client.post(url, form)
    assert page.context["form"].errors["held_on"] == [
        "“Ask for help” was set on 10 November 2026, after this day: choose “Not looked at” for it"
    ]
    assert not TargetReview.objects.exists()
    form |= {"held_on": "10/11/2026", "version": page.context["version"]}
    assert client.post(url, form).status_code == 302
    assert Target.objects.get(pk=target.pk).status == "achieved"


def test_no_review_stands_before_its_target_was_set(jayden, priya):
    target = TargetFactory(student=jayden, set_on=date(2026, 11, 10))
    with pytest.raises(ReviewError, match="set after this day"):
        review_target(
            target=target, outcome="achieved", evidence="", on=date(2026, 11, 9), by=priya
        )


def test_a_note_typed_before_the_session_happened_after_all_is_moved_and_told(client, url):
    form = held(missed_note="Wanted to stay in art.", details="We met at three.")
    page = client.post(url, form)
    shown = page.context["form"]
    both = "We met at three.\n\nWanted to stay in art."
    assert "stands here now" in str(shown.errors["details"])
    assert (shown["details"].value(), shown["missed_note"].value()) == (both, "")
    form |= {"details": both, "missed_note": "", "version": page.context["version"]}
    assert client.post(url, form).status_code == 302
    assert KeyworkSession.objects.get().details.replace("\r", "") == both


@pytest.fixture
def failing():
    """Whatever makes saving a session fail."""

    def fail(**_):
        raise RuntimeError

    pre_save.connect(fail, sender=KeyworkSession)
    yield
    pre_save.disconnect(fail, sender=KeyworkSession)


def test_what_was_typed_is_kept_when_saving_it_breaks(client, url, failing):
    with pytest.raises(RuntimeError):
        client.post(url, held(details="We talked about maths."))
    assert Draft.objects.get().data["details"] == ["We talked about maths."]
    assert not KeyworkSession.objects.exists()


@pytest.mark.parametrize("others", [0, 3])
def test_a_submit_costs_at_most_fifteen_queries(client, url, jayden, priya, others):
    for day in (3, 5, 10)[:others]:
        SessionFactory(student=jayden, key_worker=priya, held_on=date(2026, 11, day))
        TargetFactory(student=jayden)
        make_staff(jayden.school, "key_worker")
    form = held(no_target_reason="The open ones go on.", **{"target-1-text": ""})
    client.get(reverse("drafts"))  # renews the sign-in, as the first page of a minute does
    with CaptureQueriesContext(connection) as captured:
        assert client.post(url, form).status_code == 302
    assert len(captured) == SUBMIT_QUERIES, [each["sql"] for each in captured]


def test_what_the_form_asks_for_besides_is_read_where_it_is_needed(client, url, jayden, priya):
    """A colleague named by their name, a target without a review date, the next session."""
    colleague = make_staff(jayden.school, "teacher", first_name="Ruth", last_name="Day")
    target = TargetFactory(student=jayden, set_on=date(2026, 11, 2))
    form = held(
        plan_next="on",
        next_on="26/11/2026",
        next_at="13:40",
        **{
            f"judge-{target.ref}-outcome": "achieved",
            f"judge-{target.ref}-evidence": "4 of 5",
            "action-1-text": "Ask for a slower pace",
            "action-1-who": colleague.full_name,
            "target-1-review_on": "",
        },
    )
    assert client.post(url, form).status_code == 302
    assert SessionAction.objects.get().owner == colleague
    assert KeyworkSession.objects.planned().get().held_on == date(2026, 11, 26)
    assert Target.objects.get(status="active").review_on == date(2026, 11, 26)
