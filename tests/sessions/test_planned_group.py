"""Small groups planned ahead (S2-31, S4-7): planned, moved, cancelled, then logged one by one."""

from datetime import date, time

import pytest
import time_machine
from django.urls import reverse

from keywork.undo import UndoError, undo_url
from sessions.models import KeyworkSession, SessionGroup
from sessions.services.planning import (
    PlanningError,
    cancel_session,
    plan_session,
    undo_cancellation,
)
from tests import factories as make
from tests.sessions.fold import make_fold

pytestmark = pytest.mark.django_db
MON_16, TUE_17, MON_23 = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 23)
CALENDAR = reverse("sessions:calendar")


@pytest.fixture(autouse=True)
def _thursday():
    with time_machine.travel(make.NOW, tick=False):
        yield


@pytest.fixture
def fold():
    fold = make_fold()
    fold.mia = make.StudentFactory(
        school=fold.school, legal_first_name="Mia", legal_last_name="Ost", reg_form="8C"
    )
    make.assign(fold.mia, fold.key_worker)
    return fold


@pytest.fixture
def signed_in(client, fold):
    client.force_login(fold.key_worker)
    return client


def plan(fold, day=MON_16, **changes):
    values = {
        "student": fold.student,
        "companions": [fold.mia],
        "key_worker": fold.key_worker,
        "held_on": day,
        "starts_at": time(13, 40),
        "minutes": 20,
        "venue": "Library nook",
        "focus": "wellbeing",
        "by": fold.key_worker,
        "now": make.NOW,
    }
    return plan_session(**{**values, **changes})


@pytest.fixture
def planned(fold):
    return plan(fold)


def records():
    return list(KeyworkSession.objects.select_related("student", "group").order_by("pk"))


def times():
    """Name, day and start of what stands planned."""
    rows = KeyworkSession.objects.planned().select_related("student").order_by("held_on", "pk")
    return [(row.student.first_name, row.held_on, row.starts_at) for row in rows]


def said(response):
    return [str(each) for each in response.context["messages"]]


# Planning


def page_of(student):
    return reverse("sessions:plan", args=[student.ref])


def typed(*companions, **more):
    return {
        "held_on": "16/11/2026",
        "starts_at": "13:40",
        "minutes": "20",
        "venue": "Library nook",
        "focus": "wellbeing",
        "companions": [each.ref for each in companions],
        **more,
    }


def test_further_students_are_planned_for_at_the_same_time(signed_in, fold):
    response = signed_in.post(page_of(fold.student), typed(fold.mia), follow=True)

    first, second = records()
    assert (first.student, second.student) == (fold.student, fold.mia)
    assert first.group_id == second.group_id is not None
    assert {each.method for each in (first, second)} == {"small_group"}
    assert {(e.held_on, e.starts_at, e.minutes, e.venue, e.focus) for e in (first, second)} == {
        (MON_16, time(13, 40), 20, "Library nook", "wellbeing")
    }
    assert said(response) == [
        "Session with Jayden and Mia planned for Monday 16 November 2026 at 13:40."
    ]


def test_a_session_with_one_student_is_no_group(signed_in, fold):
    signed_in.post(page_of(fold.student), typed())
    (only,) = records()
    assert (only.group, only.method) == (None, "one_to_one")


def test_only_ones_own_students_can_be_chosen(signed_in, fold):
    stranger = make.StudentFactory(school=fold.school)
    response = signed_in.post(page_of(fold.student), typed(stranger))
    assert response.context["form"].errors["companions"] == ["Choose from the students shown"]
    assert not records()


def test_a_clash_of_a_further_student_refuses_all(signed_in, fold):
    make.SessionFactory(
        student=fold.mia, key_worker=fold.senco, status="planned", held_on=MON_16,
        starts_at=time(13, 50),
    )  # fmt: skip
    response = signed_in.post(page_of(fold.student), typed(fold.mia))
    assert response.context["form"].errors["starts_at"] == [
        "There is a session with Mia planned on Monday 16 November at 13:50"
    ]
    assert len(records()) == 1
    assert not SessionGroup.objects.exists()


def test_a_series_is_a_group_each_week(signed_in, fold):
    make.SessionFactory(
        student=fold.mia, key_worker=fold.senco, status="planned", held_on=MON_23,
        starts_at=time(13, 50),
    )  # fmt: skip
    series = typed(fold.mia, repeat="on")
    preview = signed_in.post(page_of(fold.student), series)
    problems = {each.day: each.problem for each in preview.context["dates"]}
    assert problems[MON_16] == ""
    assert problems[MON_23].startswith("There is a session with Mia planned")
    carried = preview.context["carried"]
    assert ("companions", fold.mia.ref) in carried
    assert "with Jayden and Mia?" in preview.content.decode()

    confirmed = {**series, "confirmed": "1", "days": ["2026-11-16", "2026-11-30"]}
    response = signed_in.post(page_of(fold.student), confirmed, follow=True)

    assert said(response) == ["2 sessions with Jayden and Mia planned."]
    assert SessionGroup.objects.count() == 2
    assert times() == [
        ("Jayden", MON_16, time(13, 40)),
        ("Mia", MON_16, time(13, 40)),
        ("Mia", MON_23, time(13, 50)),
        ("Jayden", date(2026, 11, 30), time(13, 40)),
        ("Mia", date(2026, 11, 30), time(13, 40)),
    ]


def test_a_series_with_one_student_carries_nobody(signed_in, fold):
    preview = signed_in.post(page_of(fold.student), typed(repeat="on"))
    assert "companions" not in dict(preview.context["carried"])
    confirmed = {**typed(repeat="on"), "confirmed": "1", "days": ["2026-11-16"]}
    signed_in.post(page_of(fold.student), confirmed)
    assert [each.group for each in records()] == [None]


# Moving


def move_to(planned, **more):
    url = reverse("sessions:move", args=[planned.ref])
    return url, {
        "held_on": "17/11/2026",
        "starts_at": "09:00",
        "minutes": "20",
        "venue": "Nook",
        "for_whom": "all",
        **more,
    }


def test_all_of_a_group_move_or_one(signed_in, planned):
    url, data = move_to(planned)
    form = signed_in.get(url).context["form"]
    assert [label for _, label in form.fields["for_whom"].choices] == [
        "All of the group: Jayden Thorne, Mia Ost",
        "Only Jayden Thorne",
    ]
    assert form["for_whom"].value() == "all"
    refused = signed_in.post(url, {**data, "for_whom": ""})
    assert refused.context["form"].errors["for_whom"] == ["Choose for whom"]
    signed_in.post(url, data)
    assert times() == [("Jayden", TUE_17, time(9)), ("Mia", TUE_17, time(9))]
    assert len({each.group_id for each in records()}) == 1


def test_a_group_may_move_by_less_than_its_own_length(signed_in, planned):
    url, data = move_to(planned, held_on="16/11/2026", starts_at="13:50", for_whom="all")
    signed_in.post(url, data)
    assert times() == [("Jayden", MON_16, time(13, 50)), ("Mia", MON_16, time(13, 50))]


def test_who_moves_alone_leaves_the_group(signed_in, planned):
    url, data = move_to(planned, for_whom="one")
    signed_in.post(url, data)
    assert times() == [("Mia", MON_16, time(13, 40)), ("Jayden", TUE_17, time(9))]
    alone, rest = records()
    assert (alone.group, alone.method) == (None, "one_to_one")
    assert (rest.group is None, rest.method) == (False, "small_group")


def test_another_place_for_one_alone_is_no_clash_with_the_group(signed_in, planned):
    url, data = move_to(planned, held_on="16/11/2026", starts_at="13:40", for_whom="one")
    signed_in.post(url, data)
    first, second = records()
    assert (first.venue, second.venue, first.group_id) == ("Nook", "Library nook", second.group_id)


def test_a_session_with_one_student_asks_nothing(signed_in, fold):
    single = plan(fold, companions=())
    for name in ("move", "cancellation"):
        page = signed_in.get(reverse(f"sessions:{name}", args=[single.ref]))
        assert "for_whom" not in page.context["form"].fields


def test_whom_one_has_no_sight_of_stays_behind(signed_in, fold, planned):
    mias = fold.mia.assignments.get()
    mias.end = date(2026, 11, 11)
    mias.save()
    url, data = move_to(planned)
    page = signed_in.get(url)
    assert "Mia" not in page.content.decode()
    signed_in.post(url, data)
    assert times() == [("Mia", MON_16, time(13, 40)), ("Jayden", TUE_17, time(9))]


# Cancelling


def test_all_of_a_group_are_cancelled_and_come_back(signed_in, fold, planned):
    url = reverse("sessions:cancellation", args=[planned.ref])
    signed_in.post(url, {"reason": "Trip", "for_whom": "all"})
    assert times() == []
    signed_in.post(undo_url("cancellation", planned, by=fold.key_worker, now=make.NOW))
    assert [name for name, *_ in times()] == ["Jayden", "Mia"]


def test_one_of_a_group_is_cancelled_alone(signed_in, fold, planned):
    url = reverse("sessions:cancellation", args=[planned.ref])
    signed_in.post(url, {"reason": "Trip", "for_whom": "one"})
    assert [name for name, *_ in times()] == ["Mia"]
    signed_in.post(undo_url("cancellation", planned, by=fold.key_worker, now=make.NOW))
    assert [name for name, *_ in times()] == ["Jayden", "Mia"]


def test_a_group_does_not_come_back_where_one_of_them_is_taken(fold, planned):
    other = KeyworkSession.objects.get(student=fold.mia)
    cancelled = cancel_session(
        keywork_session=planned, together=[other], reason="Trip", by=fold.key_worker, now=make.NOW
    )
    plan(fold, student=fold.mia, companions=())
    with pytest.raises(UndoError):
        undo_cancellation(record=cancelled, by=fold.key_worker, now=make.NOW)
    with pytest.raises(PlanningError):
        cancel_session(keywork_session=planned, reason="Trip", by=fold.key_worker, now=make.NOW)


# Logging


OWN = {
    "happened": "yes",
    "held_on": "12/11/2026",
    "minutes": "20",
    "method": "small_group",
    "focus": "wellbeing",
    "no_target_reason": "Group work",
    "version": "0",
}


@pytest.fixture
def today(fold):
    return plan(fold, make.TODAY, starts_at=time(15, 0))


def edit(record, query=""):
    return reverse("sessions:edit", args=[record.ref]) + query


def shared_page(record):
    return f"{reverse('sessions:group', args=[record.student.ref])}?planned={record.ref}"


def test_on_the_day_the_shared_part_comes_first_as_planned(signed_in, fold, today):
    answer = signed_in.get(edit(today))
    assert answer.url == shared_page(today)
    page = signed_in.get(answer.url)
    form = page.context["form"]
    assert form["companions"].value() == [fold.mia.ref]
    chosen = [form[n].value() for n in ("held_on", "starts_at", "minutes", "venue", "focus")]
    assert chosen == [make.TODAY, time(15, 0), 20, "Library nook", "wellbeing"]
    # One prepares on the student's own page.
    own = edit(today, "?part=own")
    assert own in page.content.decode()
    assert signed_in.get(own).status_code == 200


def test_before_the_day_one_prepares_each_student(signed_in, planned):
    page = signed_in.get(edit(planned))
    assert page.status_code == 200
    assert shared_page(planned) in page.content.decode()


def test_a_planned_group_is_logged_one_by_one(signed_in, fold, today):
    shared = {**typed(fold.mia), "held_on": "today", "starts_at": "15:05"}
    answer = signed_in.post(shared_page(today), {**shared, "shared_details": "We played."})
    first, second = records()
    assert answer.url == edit(first)
    assert first.group.shared_details == "We played."
    assert {each.starts_at for each in (first, second)} == {time(15, 5)}
    assert "We played." in signed_in.get(answer.url).content.decode()
    answer = signed_in.post(answer.url, {**OWN, "ref": first.ref})
    assert answer.url == edit(second)
    assert signed_in.get(answer.url).status_code == 200
    answer = signed_in.post(answer.url, {**OWN, "ref": second.ref})
    assert answer.url == f"/sessions/{second.ref}/?read=1"
    assert [each.status for each in records()] == ["held", "held"]
    assert SessionGroup.objects.count() == 1


def test_with_nothing_to_say_of_all_one_goes_on_to_the_first(signed_in, fold, today):
    answer = signed_in.post(shared_page(today), {**typed(fold.mia), "held_on": "today"})
    assert answer.url == edit(today, "?part=own")
    assert signed_in.get(answer.url).status_code == 200


def test_who_came_unplanned_gets_a_record_and_who_did_not_come_keeps_theirs(
    signed_in, fold, today
):
    kit = make.StudentFactory(school=fold.school, legal_first_name="Kit")
    make.assign(kit, fold.key_worker)
    shared = {**typed(kit), "held_on": "today", "shared_details": "We played."}
    signed_in.post(shared_page(today), shared)
    jayden, mia, added = records()
    assert (added.student, added.group_id) == (kit, jayden.group_id)
    assert (mia.is_planned, mia.starts_at) == (True, time(15, 0))


def test_once_one_is_signed_the_shared_part_is_only_corrected(signed_in, fold, today):
    shared = {**typed(fold.mia), "held_on": "today", "shared_details": "We played."}
    signed_in.post(edit(today), {**OWN, "ref": today.ref})
    second = records()[1]
    assert signed_in.get(edit(second)).status_code == 200
    signed = "One of the group is signed already: correct there what all share."
    page = signed_in.get(shared_page(second), follow=True)
    assert (page.redirect_chain[-1][0], said(page)) == (edit(second), [signed])
    page = signed_in.post(shared_page(second), {**shared, "companions": []})
    assert page.context["form"].non_field_errors() == [signed]
    assert "We played." in page.content.decode()  # to be copied to where it goes
    assert SessionGroup.objects.get().shared_details == ""


def test_what_was_kept_for_a_group_one_of_which_is_signed_is_shown(signed_in, fold, today):
    kept = signed_in.get(shared_page(today)).context["form"].kept
    machinery = {"draft_token": kept.token, "version": "0"}
    signed_in.post(kept.save_url, {**typed(fold.mia), "shared_details": "We pl", **machinery})
    signed_in.post(edit(records()[1]), {**OWN, "ref": records()[1].ref})
    page = signed_in.get(shared_page(today))
    assert page.status_code == 200
    assert page.context["form"]["shared_details"].value() == "We pl"


def test_what_was_typed_for_a_cancelled_record_goes_on_as_a_group(signed_in, fold, today):
    page = signed_in.get(shared_page(today))
    today.withdrawn_at, today.withdrawn_by = make.NOW, fold.key_worker
    today.save()
    shared = {**typed(fold.mia), "held_on": "today", "shared_details": "We played."}
    seen = page.context["form"]["seen"].value()
    answer = signed_in.post(shared_page(today), {**shared, "seen": seen})
    assert answer.status_code == 302
    assert SessionGroup.objects.order_by("pk").last().shared_details == "We played."


def test_two_who_write_the_shared_part_see_each_other(signed_in, fold, today):
    seen = signed_in.get(shared_page(today)).context["form"]["seen"].value()
    stands = {**typed(fold.mia), "held_on": "today", "starts_at": "15:00", "seen": seen}
    signed_in.post(shared_page(today), {**stands, "shared_details": "We played."})
    signed_in.post(shared_page(today), {**stands, "venue": "Hall"})  # says nothing of the part
    first = records()[0]
    assert (first.group.shared_details, first.venue) == ("We played.", "Hall")
    page = signed_in.post(shared_page(today), {**stands, "shared_details": "We sang."})
    assert "We played." in page.context["form"].errors["shared_details"][0]
    assert SessionGroup.objects.get().shared_details == "We played."


def test_who_stayed_away_is_not_named_and_reads_nothing_of_it(signed_in, fold, today):
    alone = {**typed(), "held_on": "today", "shared_details": "Mia did not come. We played."}
    page = signed_in.post(shared_page(today), alone)
    assert page.context["form"].errors["shared_details"] == [
        "Write what concerns Mia on Mia’s own page, which comes next"
    ]
    signed_in.post(shared_page(today), {**alone, "shared_details": "We played."})
    mia = records()[1]
    missed = {**OWN, "ref": mia.ref, "happened": "no", "missed_reason": "pupil_absent"}
    assert signed_in.post(edit(mia), missed).status_code == 302
    assert "We played." not in signed_in.get(mia.get_absolute_url()).content.decode()


def test_not_possible_today_opens_at_the_reasons(signed_in, today):
    page = signed_in.get(edit(today, "?missed=1"))
    assert page.status_code == 200
    assert page.context["form"]["happened"].value() == "no"


def test_a_draft_of_ones_own_page_is_gone_on_with(signed_in, today):
    signed_in.post(edit(today), {**OWN, "ref": today.ref, "details": "Typed", "action": "draft"})
    page = signed_in.get(edit(today))
    assert page.status_code == 200
    assert "Typed" in page.content.decode()


def test_no_other_students_group_is_opened(signed_in, fold, today):
    elsewhere = reverse("sessions:group", args=[fold.mia.ref])
    assert signed_in.get(f"{elsewhere}?planned={today.ref}").status_code == 404
    assert signed_in.get(f"{elsewhere}?planned=0000000000").status_code == 404


def test_the_plan_page_takes_as_many_queries_for_one_companion_as_for_three(
    signed_in, fold, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(15) as captured:
            signed_in.get(page_of(fold.student))
        return len(captured)

    queries()
    few = queries()
    for _ in range(3):
        make.assign(make.StudentFactory(school=fold.school), fold.key_worker)
    assert queries() == few
