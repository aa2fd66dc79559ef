"""Early signs on Today, the caseload and a page of their own; their thresholds.

Today is Thursday 12 November 2026. Fifteen school days: from Friday 16 October on; the fifteen
before: 25 September to 15 October.
"""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.models import Draft, School
from students.models import SignalDismissal
from students.rules.signals import SignalKind
from students.services.signals import dismiss_signal
from tests import factories as make
from tests.factories import NOW, TODAY, SessionFactory, StudentFactory
from tests.sessions.briefed import marks, november, october, slip
from tests.sessions.fold import make_fold, statuses

pytestmark = pytest.mark.django_db
SLIPS = "4 in the last 15 school days, 1 in the 15 before."
POINTS = "10 in the last 15 school days, 40 in the 15 before."
ATTENDANCE = (
    "80.0% in the last 15 school days (16 of 20 sessions), 100.0% in the 15 before (20 of 20)."
)
MISSED = "2 key-work sessions in the last 15 school days: absent or declined."


@pytest.fixture(autouse=True)
def _on_a_thursday(monkeypatch):
    monkeypatch.setattr("keywork.clock.now", lambda: NOW)


@pytest.fixture
def fold():
    return make_fold()


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


def url_of(student):
    return reverse("student_signals", args=[student.ref])


def worry(student):
    """Everything at once, just inside the windows; just outside them nothing counts."""
    slip(student, october(15))  # the last day before
    for when in (october(16), october(19), november(2), november(12)):
        slip(student, when)
    slip(student, october(12), "reward", points=40)
    slip(student, november(3), "reward", points=10)
    marks(student, [date(2026, 10, day) for day in (1, 2, 5, 6, 7, 8, 9, 12, 13, 15)])
    since = [date(2026, 10, day) for day in (16, 19, 20, 21, 22)]
    since += [date(2026, 11, day) for day in (2, 3, 4, 5, 6)]
    marks(student, since, d1016AM="I", d1016PM="I", d1106AM="O", d1106PM="O")
    for day, reason in ((3, "declined"), (5, "pupil_absent"), (9, "staff_absent")):
        SessionFactory(
            student=student,
            held_on=date(2026, 11, day),
            status="missed",
            missed_reason=reason,
        )


def aside(fold, kind="slips", until=date(2026, 11, 26)):
    return dismiss_signal(
        student=fold.student,
        kind=SignalKind(kind),
        reason="Known",
        until=until,
        on=TODAY,
        by=fold.key_worker,
    )


def texts(signals):
    return [signal.text for signal in signals]


def test_today_and_the_caseload_say_which_rule_and_which_numbers(signed_in, fold):
    worry(fold.student)
    quiet = StudentFactory(school=fold.school)
    make.assign(quiet, fold.key_worker)
    signs = signed_in.get("/today/").context["page"].signs
    assert [sign.student.pk for sign in signs] == [fold.student.pk]
    assert texts(signs[0].signals) == [ATTENDANCE, SLIPS, POINTS, MISSED]
    page = signed_in.get("/caseload/")
    rows = {row.student.pk: texts(row.signals) for row in page.context["page"].rows}
    assert rows == {fold.student.pk: [ATTENDANCE, SLIPS, POINTS, MISSED], quiet.pk: []}
    html = page.content.decode()
    assert "Attendance is falling" in html
    assert SLIPS in html


def test_somebody_who_joined_since_is_not_compared(signed_in, fold):
    fold.student.on_roll_from = date(2026, 9, 28)
    fold.student.save()
    worry(fold.student)
    signs = signed_in.get("/today/").context["page"].signs
    assert texts(signs[0].signals) == [MISSED]


def test_as_many_queries_for_three_students_as_for_one(signed_in, fold):
    counted = []
    signed_in.get("/today/")
    for number in range(3):
        student = fold.student if number == 0 else StudentFactory(school=fold.school)
        if number:
            make.assign(student, fold.key_worker)
        worry(student)
        found = []
        for url in ("/today/", "/caseload/", url_of(fold.student)):
            with CaptureQueriesContext(connection) as queries:
                assert signed_in.get(url).status_code == 200
            found.append(len(queries))
        counted.append(found)
    assert counted[0] == counted[1] == counted[2]
    assert max(counted[0]) <= 15


def test_who_may_look_and_who_may_put_aside(client, fold):
    worry(fold.student)
    url = url_of(fold.student)
    may_look = {
        "key_worker": 200,
        "senco": 200,
        "moderator": 200,
        "colleague": 403,
        "admin": 403,
        "teacher": 404,
        "stranger": 404,
    }
    assert {**may_look, **statuses(client, fold, url)} == {
        **may_look,
        "teacher": statuses(client, fold, url)["teacher"],
    }
    url = reverse("signal_dismissal", args=[fold.student.ref, "slips"])
    data = {"slips-reason": "Known", "slips-until": "14"}
    found = statuses(client, fold, url, "post", **data)
    assert (found["key_worker"], found["senco"]) == (302, 302)
    assert (found["moderator"], found["colleague"], found["admin"]) == (403, 403, 403)
    assert found["stranger"] == 404
    assert SignalDismissal.objects.count() == 1  # the second renewed it
    client.logout()
    assert client.get(url_of(fold.student)).status_code == 302


def test_putting_aside_takes_a_reason_and_a_time_and_can_be_taken_back(signed_in, fold):
    worry(fold.student)
    url = reverse("signal_dismissal", args=[fold.student.ref, "slips"])
    refused = signed_in.post(url, {"slips-reason": "", "slips-until": "14"})
    assert refused.status_code == 200
    assert "Say why" in refused.content.decode()
    assert "<title>Error:" in refused.content.decode()
    assert not SignalDismissal.objects.exists()
    assert signed_in.post(url, {"slips-reason": "x", "slips-until": "99"}).status_code == 200
    unknown = url.replace("slips", "weather")
    assert signed_in.post(unknown, {}).status_code == 404
    page = signed_in.post(
        url, {"slips-reason": "New class, agreed with home", "slips-until": "14"}, follow=True
    )
    assert "Put aside until 26 November." in page.content.decode()
    record = SignalDismissal.objects.get()
    assert (record.until, record.dismissed_by) == (date(2026, 11, 26), fold.key_worker)
    assert "New class, agreed with home" in page.content.decode()
    signs = signed_in.get("/today/").context["page"].signs
    assert SLIPS not in texts(signs[0].signals)
    signed_in.post(reverse("signal_restoration", args=[record.ref]))
    signs = signed_in.get("/today/").context["page"].signs
    assert SLIPS in texts(signs[0].signals)
    record.refresh_from_db()
    assert record.withdrawn_by == fold.key_worker


def test_it_comes_back_after_its_last_day(signed_in, fold, monkeypatch):
    worry(fold.student)
    aside(fold, until=november(13).date())

    def shown():
        signs = signed_in.get("/today/").context["page"].signs
        return [signal.kind for sign in signs for signal in sign.signals]

    assert SignalKind.SLIPS not in shown()
    monkeypatch.setattr("keywork.clock.now", lambda: november(13))
    assert SignalKind.SLIPS not in shown()
    monkeypatch.setattr("keywork.clock.now", lambda: november(14))
    # From Friday the 13th the window begins on 19 October: three slips, and two before.
    slip(fold.student, november(13))
    slip(fold.student, november(13))
    assert SignalKind.SLIPS in shown()


def test_why_a_sign_is_put_aside_is_kept_as_it_is_typed(signed_in, fold):
    worry(fold.student)
    page = signed_in.get(url_of(fold.student))
    form = next(each for signal, each in page.context["shown"] if signal.kind == SignalKind.SLIPS)
    assert f'data-draft-url="{form.kept.save_url}"' in page.content.decode()
    typed = {"draft_token": form.kept.token, "version": 0, "slips-reason": "Known, at home"}
    assert signed_in.post(form.kept.save_url, typed).status_code == 200

    with CaptureQueriesContext(connection) as queries:
        again = signed_in.get(url_of(fold.student))
    assert sum("keywork_draft" in each["sql"] for each in queries) == 1  # for three forms
    values = {signal.kind: each["reason"].value() for signal, each in again.context["shown"]}
    assert [kind for kind, value in values.items() if value] == [SignalKind.SLIPS]
    assert values[SignalKind.SLIPS] == "Known, at home"
    url = reverse("signal_dismissal", args=[fold.student.ref, "slips"])
    assert signed_in.post(url, {"slips-reason": "", "slips-until": "14"}).status_code == 200
    assert Draft.objects.count() == 1
    sent = {"slips-reason": "Known, at home", "slips-until": "14", "version": "1"}
    assert signed_in.post(url, sent).status_code == 302
    assert not Draft.objects.exists()


def test_a_strangers_restoration_is_not_found_and_a_moderators_refused(client, fold):
    record = aside(fold)
    url = reverse("signal_restoration", args=[record.ref])
    found = statuses(client, fold, url, "post")
    assert (found["stranger"], found["moderator"]) == (404, 403)
    assert (found["key_worker"], found["senco"]) == (302, 302)


def thresholds(**more):
    return {
        "window_days": 15,
        "attendance_drop": 10,
        "slips_more": 3,
        "points_drop": 50,
        "points_from": 20,
        "missed_sessions": 2,
        **more,
    }


def test_a_school_sets_its_thresholds(client, fold):
    worry(fold.student)
    head = make.make_staff(fold.school, "head")
    client.force_login(head)
    url = reverse("settings_signals")
    assert client.get(url).status_code == 200
    refused = client.post(url, thresholds(window_days=2))
    assert refused.status_code == 200
    assert School.objects.get(pk=fold.school.pk).signal_thresholds == {}
    assert client.post(url, thresholds(slips_more=5, missed_sessions=0)).status_code == 302
    kept = School.objects.get(pk=fold.school.pk)
    assert kept.signal_thresholds == {"slips_more": 5, "missed_sessions": 0}
    assert kept.history.first().history_user == head
    client.force_login(fold.key_worker)
    signs = client.get("/today/").context["page"].signs
    assert texts(signs[0].signals) == [ATTENDANCE, POINTS]


@pytest.mark.parametrize(
    ("role", "status"),
    [("slt", 200), ("head", 200), ("admin", 200), ("senco", 403), ("key_worker", 403)],
)
def test_who_sets_thresholds(client, fold, role, status):
    client.force_login(make.make_staff(fold.school, role))
    assert client.get(reverse("settings_signals")).status_code == status


def test_a_new_school_without_a_calendar_has_no_signs(client):
    school = make.make_school("Bare School", "999109", calendar=False)
    person = make.make_staff(school, "key_worker")
    student = StudentFactory(school=school)
    make.assign(student, person)
    client.force_login(person)
    assert client.get("/today/").context["page"].signs == []
    assert "does not hold enough school days" in client.get(url_of(student)).content.decode()


def test_the_last_day_may_not_lie_behind(fold):
    with pytest.raises(ValueError, match="later day"):
        aside(fold, until=november(11).date())
