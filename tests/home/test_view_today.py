"""Today, on Thursday 12 November 2026 unless told otherwise (tests.factories has the calendar)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork.models import Draft
from sessions.models import SessionAction, TargetReview
from sessions.services.targets import review_target
from tests import factories as make
from tests.factories import NOW, TODAY, SessionFactory, StudentFactory, TargetFactory

pytestmark = pytest.mark.django_db
URL = "/today/"


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def school():
    return make.make_school()


@pytest.fixture
def priya(school):
    return make.make_staff(school, "key_worker", username="priya")


@pytest.fixture
def signed_in(client, priya):
    client.force_login(priya)
    return client


def oct(day):
    return date(2026, 10, day)


def nov(day):
    return date(2026, 11, day)


def a_student(school, person, name, seen=None, **more):
    """A student of somebody's, last seen on a day."""
    first, _, last = name.partition(" ")
    student = StudentFactory(
        school=school, legal_first_name=first, legal_last_name=last, reg_form="8C", **more
    )
    make.assign(student, person)
    if seen:
        SessionFactory(student=student, held_on=seen, key_worker=person)
    make.log_contact(student)  # home was spoken to this week
    return student


def page_of(client, url=URL):
    response = client.get(url)
    assert response.status_code == 200
    return response.context["page"]


def shown(rows):
    """(what, chip) of each row."""
    return [(f"{row.kind} · {row.name}", row.status_text) for row in rows]


def words(response):
    return " ".join(response.content.decode().split())


# Who may


def test_home_sends_each_role_to_its_own(client, school, priya):
    client.force_login(priya)
    assert client.get("/").url == "/today/"
    client.force_login(make.make_staff(school, "senco"))
    assert client.get("/").url == "/overview/duties/"


def test_signed_out_goes_to_sign_in(client):
    assert client.get(URL).url.startswith("/account/login/")
    assert client.get("/").url.startswith("/account/login/")


@pytest.mark.parametrize("role", ["teacher", "moderator", "admin", "dsl", "system_admin"])
def test_roles_that_owe_nothing_here_are_refused(client, school, role):
    client.force_login(make.make_staff(school, role))
    assert client.get(URL).status_code == 403


def test_only_ones_own_students_appear(signed_in, school, priya):
    osei = make.make_staff(school, "key_worker")
    a_student(school, osei, "Noah Pike", oct(20))
    elsewhere = make.make_school("Elsewhere School", "999102")
    a_student(elsewhere, osei, "Zofia Nowak", oct(20))

    response = signed_in.get(URL)

    assert "Noah Pike" not in words(response)
    assert "Zofia Nowak" not in words(response)
    assert "Nothing due today." in words(response)


# To do today


@pytest.fixture
def amelia(school, priya):
    # 21 to 23 October (3), 2 to 6 (8), 9 and 10 November (10): two school days late.
    return a_student(school, priya, "Amelia Frost", oct(20))


@pytest.fixture
def jayden(school, priya):
    # 23 October (1), 2 to 6 (6), 9 to 12 November (10): due today.
    return a_student(school, priya, "Jayden Thorne", oct(22))


def plan(student, on=TODAY, at=time(13, 40), **more):
    more = {"minutes": 20, "venue": "Library nook", "focus": "student_voice", **more}
    return SessionFactory(student=student, held_on=on, starts_at=at, status="planned", **more)


def test_late_first_then_timed_then_untimed(signed_in, school, priya, amelia, jayden):
    a_student(school, priya, "Aaron Early", oct(22))
    plan(jayden, key_worker=priya)
    a_student(school, priya, "Later Late", date(2026, 10, 21))

    page = page_of(signed_in)

    assert shown(page.rows) == [
        ("Session · Amelia Frost", "2 days late"),
        ("Session · Later Late", "1 day late"),
        ("Session · Jayden Thorne", "Today"),
        ("Session · Aaron Early", "Today"),
    ]
    assert (page.left, page.late) == (4, 2)


def test_a_row_says_why_when_where_and_leads_to_the_act(signed_in, priya, amelia, jayden):
    planned = plan(jayden, key_worker=priya)

    late, today = page_of(signed_in).rows

    assert late.when_note == "due Tue 10 Nov"
    assert late.reason == "Last seen 20 October, 12 school days ago."
    assert (late.act.label, late.act.url) == ("Prepare", f"/students/{amelia.ref}/sessions/new/")
    assert today.when_note == "13:40–14:00, Library nook"
    assert today.reason.startswith("Focus: student voice. Last seen 22 October")
    assert today.act.url == f"/sessions/{planned.ref}/edit/"
    assert [(item.label, item.url) for item in late.menu] == [
        ("Not possible today…", f"/students/{amelia.ref}/sessions/new/?missed=1"),
        ("Plan a time…", f"/students/{amelia.ref}/sessions/plan/"),
        ("Open student", f"/students/{amelia.ref}/"),
    ]
    assert today.menu[0].url == f"/sessions/{planned.ref}/edit/?missed=1"


def test_the_first_rows_button_alone_is_filled(signed_in, amelia, jayden):
    html = words(signed_in.get(URL))

    assert html.count('class="btn btn-sm btn-primary"') == 1
    assert html.index("btn-sm btn-primary") < html.index("btn-sm btn-soft")
    assert 'Prepare<span class="visually-hidden"> session with Amelia Frost</span>' in html


def test_target_reviews_of_the_day_fold_into_the_session(signed_in, jayden):
    TargetFactory(student=jayden, review_on=nov(12))
    TargetFactory(student=jayden, review_on=nov(11))
    TargetFactory(student=jayden, review_on=nov(13))

    page = page_of(signed_in)

    # The row is as late as the latest thing in it; each folded duty still counts.
    assert shown(page.rows) == [("Session · Jayden Thorne", "1 day late")]
    assert page.rows[0].also == "2 targets to review, 1 late (1 day late)."
    assert (page.left, page.late) == (3, 1)
    assert shown(page.coming) == [("Target review · Jayden Thorne", "Fri 13 Nov")]


def test_a_review_without_a_session_that_day_stands_alone(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", nov(3))
    target = TargetFactory(student=kit, review_on=nov(12))

    (row,) = page_of(signed_in).rows

    assert (row.kind, row.act.label) == ("Target review", "Review")
    assert row.act.url == f"/targets/{target.ref}/outcome/"


def test_a_planned_session_is_listed_without_being_owed(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", nov(3))
    plan(kit, key_worker=priya)
    TargetFactory(student=kit, review_on=nov(12))

    page = page_of(signed_in)

    assert [(row.kind, row.name, row.when_note) for row in page.rows] == [
        ("Session", "Kit Sample", "13:40–14:00, Library nook")
    ]
    assert page.rows[0].also == "1 target to review. Prepare: the briefing is not read yet."
    # The review alone is owed today; the session itself not before the 17th.
    assert (page.left, page.late) == (1, 0)
    assert page.coming == []


def test_a_planned_session_nobody_logged_stays(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", nov(3))
    planned = plan(kit, on=nov(10), key_worker=priya)

    (row,) = page_of(signed_in).rows

    assert row.also == "Was planned for Tue 10 Nov, 13:40–14:00, Library nook; not logged yet."
    assert row.act.url == f"/sessions/{planned.ref}/edit/"


def test_every_session_planned_up_to_today_stands_until_it_is_logged(signed_in, priya, jayden):
    TargetFactory(student=jayden, review_on=nov(12))
    refs = {
        day: plan(jayden, on=nov(day[0]), at=time(day[1], 40), key_worker=priya).ref
        for day in ((12, 14), (10, 9), (12, 13), (5, 9))
    }

    page = page_of(signed_in)

    assert [(row.act.url.split("/")[2], row.status_text, row.when_note) for row in page.rows] == [
        # The first of today settles what is due: the session of 22 October on, and the review.
        (refs[12, 13], "Today", "13:40–14:00, Library nook"),
        (refs[12, 14], "Today", "14:40–15:00, Library nook"),
        (refs[10, 9], "Tue 10 Nov", ""),
        (refs[5, 9], "Thu 5 Nov", ""),
    ]
    assert page.rows[0].also.startswith("1 target to review.")
    assert page.rows[1].also == "Prepare: the briefing is not read yet."
    assert page.rows[3].also.endswith("not logged yet.")
    assert page.left == 2  # what is owed, however many are planned


def test_a_session_planned_for_later_is_told(signed_in, priya, amelia):
    planned = plan(amelia, on=nov(16), key_worker=priya)

    (row,) = page_of(signed_in).rows

    assert row.also == "Planned for Mon 16 Nov, 13:40–14:00, Library nook."
    assert (row.status_text, row.act.url) == ("2 days late", f"/sessions/{planned.ref}/edit/")


def test_a_colleagues_plan_with_my_student_is_not_mine_to_log(signed_in, school, amelia):
    plan(amelia, key_worker=make.make_staff(school, "key_worker"))

    (row,) = page_of(signed_in).rows

    assert row.act.url == f"/students/{amelia.ref}/sessions/new/"


def test_my_plan_with_a_student_i_am_second_for_appears(signed_in, school, priya):
    second = a_student(school, make.make_staff(school, "key_worker"), "Zofia Nowak", oct(20))
    make.assign(second, priya, role="secondary")
    plan(second, key_worker=priya)

    page = page_of(signed_in)

    assert shown(page.rows) == [("Session · Zofia Nowak", "Today")]
    assert (page.left, page.mine) == (0, [])


def test_a_weekly_target_has_its_own_row(signed_in, school, priya):
    own = school.key_work_models.get(code="alternative_provision")
    kit = a_student(school, priya, "Kit Sample", nov(10), key_work_model=own)

    row, session = page_of(signed_in).coming

    assert (row.kind, row.when) == ("This week's target", "Fri 13 Nov")
    assert row.act.label == "Set target"
    assert (session.kind, session.when) == ("Session", "Tue 17 Nov")
    assert row.act.url == f"/students/{kit.ref}/targets/new/"


def test_the_weekly_call_says_after_which_hour_and_the_days_own_call_does_not(
    signed_in, school, priya
):
    a_student(school, priya, "Kit Sample", nov(16))
    loud = a_student(school, priya, "Loud Lunch", nov(16))
    school.calls_from, school.calls_until = time(15, 15), time(17)
    school.save()
    friday = datetime(2026, 11, 20, 10, tzinfo=UTC)
    make.slip(loud, friday)

    with time_machine.travel(friday, tick=False):
        signed_in.force_login(priya)
        rows = page_of(signed_in).rows

    calls = {row.name: (row.kind, row.when_note) for row in rows if "all home" in row.kind}
    assert calls == {
        "Kit Sample": ("Weekly call home", "after 15:15"),
        "Loud Lunch": ("Call home", ""),
    }


def test_calls_after_school_stand_between_what_has_a_time_and_what_has_none(
    signed_in, school, priya
):
    first = a_student(school, priya, "Abe Seen", nov(6))  # ten school days: 20 November
    timed = a_student(school, priya, "Zoe Timed", nov(16))
    plan(timed, nov(20), time(16), key_worker=priya)
    friday = datetime(2026, 11, 20, 10, tzinfo=UTC)
    make.slip(first, friday)  # its call takes the week's in

    def kinds():
        with time_machine.travel(friday, tick=False):
            signed_in.force_login(priya)
            return [(row.kind, row.name) for row in page_of(signed_in).rows]

    untimed = [("Session", "Abe Seen"), ("Call home", "Abe Seen")]
    planned, call = ("Session", "Zoe Timed"), ("Weekly call home", "Zoe Timed")
    assert kinds() == [planned, *untimed, call]

    school.calls_from, school.calls_until = time(15, 15), time(17)
    school.save()
    assert kinds() == [planned, call, *untimed]


def test_tight_ones_follow_the_days_own(signed_in, school, priya):
    a_student(school, priya, "Kit Sample", date(2026, 12, 8))
    late = a_student(school, priya, "Late Once", date(2026, 11, 24))
    for day in (9, 10, 11):
        SessionFactory(student=late, held_on=nov(day))

    with time_machine.travel(datetime(2026, 12, 9, 10, tzinfo=UTC), tick=False):
        signed_in.force_login(priya)
        page = page_of(signed_in)

    # 24 November and ten school days: 8 December. Kit: 1 of 3, eight school days left.
    assert shown(page.rows) == [
        ("Session · Late Once", "1 day late"),
        ("Session · Kit Sample", "Tight"),
    ]
    assert page.rows[1].when_note == "by Fri 18 Dec"
    assert page.rows[1].reason == "1 of 3 held this half term; 8 school days left, today included."


def test_the_next_five_school_days_and_no_more(signed_in, school, priya):
    a_student(school, priya, "Fifth Day", nov(5))
    a_student(school, priya, "Sixth Day", nov(6))

    page = page_of(signed_in)

    # 13, 16, 17, 18 and 19 November; the other is due on the 20th.
    assert [(row.name, row.when) for row in page.coming] == [("Fifth Day", "Thu 19 Nov")]
    assert page.rows == []
    assert page.empty == "Nothing due today. Next: session, Fifth Day, Thu 19 Nov."


def test_a_closed_day_says_until_when(signed_in, priya, school):
    a_student(school, priya, "Kit Sample", oct(23))
    with time_machine.travel(datetime(2026, 10, 28, 10, tzinfo=UTC), tick=False):
        signed_in.force_login(priya)
        response = signed_in.get(URL)

    assert "School is closed until Monday 2 November. Nothing falls due." in words(response)
    assert "Half-term break" in words(response)


def test_what_is_late_stays_on_a_closed_day(signed_in, priya, amelia):
    with time_machine.travel(datetime(2026, 11, 14, 10, tzinfo=UTC), tick=False):
        signed_in.force_login(priya)
        page = page_of(signed_in)

    assert shown(page.rows) == [("Session · Amelia Frost", "3 days late")]
    assert page.closed == "School is closed until Monday 16 November."


def test_the_head_of_the_page_names_the_week(signed_in):
    html = words(signed_in.get(URL))

    assert "Autumn 2, week 2 of 7" in html
    assert "<h1>Thursday 12 November</h1>" in html
    weeks = html[html.index('class="weeks"') :].split("</span>")[0]
    assert (weeks.count("<i"), weeks.count('"past"'), weeks.count('"now"')) == (7, 1, 1)


# Beside it


def test_my_students_show_sessions_of_the_half_term_and_last_seen(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", nov(3))
    SessionFactory(student=kit, held_on=nov(10))
    a_student(school, priya, "New Comer")

    page, html = page_of(signed_in), words(signed_in.get(URL))

    assert [(m.student.name, m.quota.state.held, m.last_held) for m in page.mine] == [
        ("Kit Sample", 2, nov(10)),
        ("New Comer", 0, None),
    ]
    assert "2 of 3" in html
    assert "seen 10 Nov" in html
    assert "not seen yet" in html


def test_what_was_done_today_is_listed_and_counted(signed_in, school, priya, amelia):
    colleague = make.make_staff(school, "key_worker")
    kit = a_student(school, priya, "Kit Sample", nov(3))
    early = NOW - timedelta(minutes=55)
    SessionFactory(student=kit, held_on=TODAY, signed_at=early, signed_by=priya)
    SessionFactory(
        student=kit, held_on=nov(11), signed_at=NOW - timedelta(days=1), signed_by=priya
    )
    SessionFactory(student=kit, held_on=nov(11), signed_at=early, signed_by=colleague)
    target = TargetFactory(student=kit)
    TargetReview(
        target=target, reviewed_on=TODAY, reviewed_by=priya, outcome="achieved", evidence="x"
    ).save()

    page, html = page_of(signed_in), words(signed_in.get(URL))

    assert (page.done, page.left, page.in_all) == (2, 1, 3)
    assert "Done today (2)" in html
    assert 'aria-label="2 of 3 done"' in html
    assert "09:05" in html


def test_what_was_done_can_be_undone_beside_it_for_ten_minutes(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", nov(3))
    held = SessionFactory(student=kit, held_on=TODAY, signed_at=NOW, signed_by=priya)
    ago = timedelta(minutes=3)
    call = make.log_contact(kit, NOW - timedelta(hours=1), made_by=priya, recorded_at=NOW - ago)
    make.log_contact(kit, NOW - ago, made_by=priya, recorded_at=NOW - timedelta(minutes=11))
    make.log_contact(kit, NOW - ago, made_by=priya)  # by a file
    target = TargetFactory(student=kit)
    judged = {"outcome": "achieved", "evidence": "Seen twice", "on": TODAY, "by": priya}
    outside = review_target(target=target, **judged)
    review_target(target=TargetFactory(student=kit), keywork_session=held, **judged)

    done = page_of(signed_in).acts_done
    undoable = {each.what: each.undo_url for each in done if each.undo_url}
    assert len(done) == 6
    assert [each.what for each in done if each.undo_url] == ["Call home", "Target review"]
    assert words(signed_in.get(URL)).count('<form action="/undo/') == 2

    signed_in.post(undoable["Call home"], HTTP_REFERER=f"http://testserver{URL}")
    signed_in.post(undoable["Target review"])
    call.refresh_from_db()
    outside.refresh_from_db()
    assert call.withdrawn_at
    assert outside.withdrawn_at
    assert len(page_of(signed_in).acts_done) == 4

    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        assert not any(each.undo_url for each in page_of(signed_in).acts_done)


def test_the_ten_minutes_run_from_the_act_not_from_the_page(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", nov(3))
    call = make.log_contact(kit, made_by=priya, recorded_at=NOW - timedelta(minutes=9))
    (done,) = page_of(signed_in).acts_done
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        page = words(signed_in.post(done.undo_url, follow=True))
    call.refresh_from_db()
    assert not call.withdrawn_at
    assert "Ten minutes have passed" in page


def test_unfinished_drafts_can_be_carried_on(signed_in, priya, school):
    values = {"title": "Session with Jayden Thorne", "url": "/students/x/sessions/new/"}
    Draft(owner=priya, key="session:x", updated_at=NOW, **values).save()
    other = make.make_staff(school, "key_worker")
    Draft(owner=other, key="session:y", title="Not mine", url="/", updated_at=NOW).save()

    html = words(signed_in.get(URL))

    assert 'href="/drafts/session:x/"' in html
    assert signed_in.get("/drafts/session:x/").url == "/students/x/sessions/new/"
    assert "saved 10:00" in html
    assert "Not mine" not in html


def test_two_texts_of_one_form_are_compared_from_today(signed_in, priya):
    values = {"title": "Session with Jayden Thorne", "url": "/form/", "updated_at": NOW}
    for key in ("session:x", "session:x~other", "session:z~other"):
        Draft(owner=priya, key=key, **values).save()
    page, html = page_of(signed_in), words(signed_in.get(URL))
    assert len(page.drafts) == 2
    assert html.count("Compare both") == 1
    for key in ("session:x", "session:z"):
        assert f'href="/drafts/{key}/compare/"' in html
    assert "/form/" not in html


def test_ones_own_follow_ups_are_shown_and_not_counted(signed_in, school, priya):
    kit = a_student(school, priya, "Kit Sample", nov(3))
    held = kit.keywork_sessions.get()
    SessionAction(keywork_session=held, text="Ask the office", owner=priya, due_on=nov(13)).save()
    SessionAction(keywork_session=held, text="Bring the card", owner_name="Kit").save()

    page, html = page_of(signed_in), words(signed_in.get(URL))

    assert "Ask the office" in html
    assert "by Fri 13 Nov" in html
    assert "Bring the card" not in html
    assert page.left == 0


def test_working_at_two_schools_says_that_one_is_shown(signed_in, school, priya):
    other = make.make_school("Upper School", "999102")
    make.add_roles(priya, other, "key_worker")
    a_student(other, priya, "Zofia Nowak", oct(20))

    html = words(signed_in.get(URL))

    assert "This is Fold School alone. What is due at Upper School is not here." in html
    assert "Zofia Nowak" not in html


def test_a_leader_without_students_is_shown_the_schools_list(client, school):
    client.force_login(make.make_staff(school, "senco"))

    assert f'href="{reverse("duties")}"' in words(client.get(URL))


def test_as_many_queries_for_three_students_as_for_one(signed_in, school, priya):
    counted = []
    signed_in.get(URL)
    for name in ("One First", "Two Second", "Three Third"):
        student = a_student(school, priya, name, oct(20))
        plan(student, key_worker=priya)
        TargetFactory(student=student, review_on=TODAY)
        held = SessionFactory(student=student, held_on=nov(2), signed_at=NOW, signed_by=priya)
        SessionAction(keywork_session=held, text="Ask", owner=priya).save()
        target = TargetFactory(student=student)
        TargetReview(target=target, reviewed_on=TODAY, reviewed_by=priya, outcome="partly").save()
        Draft(owner=priya, key=name, title=name, url="/", updated_at=NOW).save()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert signed_in.get(URL).status_code == 200
        counted.append(len(queries))
    assert counted == [15, 15, 15]


def test_a_same_day_call_holds_the_weeks_and_who_tried_today(signed_in, school, priya):
    student = a_student(school, priya, "Jayden Thorne", nov(9))
    entry = student.contact_log.get()
    entry.outcome, entry.try_again_at = "voicemail", NOW + timedelta(hours=6)
    entry.save()
    record = make.slip(student, NOW)

    page = page_of(signed_in)

    [row] = [row for row in page.rows if row.kind == "Call home"]
    assert (row.status, row.status_text) == ("due", "Today")
    assert row.reason.startswith("High-level slip: Left the room at 10:00 today.")
    assert row.also == "Also counts as this week’s call. Voicemail 10:00; try again at 16:00."
    assert row.act.url == f"/students/{student.ref}/home/new/?about={record.ref}"
    # Folded, and still counted on its own once it is due: on Friday both are.
    assert (page.left, page.coming) == (1, [])
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        signed_in.force_login(priya)
        page = page_of(signed_in)
    assert (page.left, page.late, len(page.rows)) == (2, 1, 1)
