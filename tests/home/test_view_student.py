from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywork import clock
from sessions.models import DropInSlot, SessionAction, TargetReview
from students.models import Strategy, TimetableEntry
from tests.factories import (
    NOW,
    SessionFactory,
    StudentFactory,
    TargetFactory,
    assign,
    make_school,
    make_staff,
    slip,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
VOICE = "I like it when I know what comes next"
DETAILS = "Talked about the fire alarm"
STRATEGY = "Warn before changes"
TARGET = "Show the card before leaving"
NOTE = "Mother asked for a man"


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def kit(school):
    return StudentFactory(
        school=school,
        legal_first_name="Christopher",
        legal_last_name="Moss",
        preferred_first_name="Kit",
        pronouns="he/him",
        medical_alert="Hearing aid, right ear",
        trusted_adult="Mr Osei",
        sen_status="E",
        primary_need="SEMH",
        secondary_need="SLCN",
        upn="P999401219054",
    )


@pytest.fixture
def worker(school, kit):
    person = make_staff(school, "key_worker", first_name="Grace", last_name="Amoah")
    assign(kit, person, note=NOTE)
    return person


@pytest.fixture
def full(kit, worker):
    """Everything that a student's record holds in this school."""
    held = SessionFactory(
        student=kit, key_worker=worker, pupil_voice=VOICE, details=DETAILS, focus="iep"
    )
    SessionFactory(student=kit, status="missed", missed_reason="pupil_absent", minutes=None)
    SessionFactory(student=kit, status="planned", held_on=date(2026, 11, 19))
    target = TargetFactory(student=kit, text=TARGET, keywork_session=held, set_by=worker)
    TargetReview(
        target=target, reviewed_on=date(2026, 11, 10), reviewed_by=worker, outcome="partly",
        evidence="Twice in science",
    ).save()  # fmt: skip
    SessionAction(
        keywork_session=held, text="Ring the club", owner=worker, done_at=NOW, done_by=worker
    ).save()
    Strategy(student=kit, text=STRATEGY, added_on=date(2026, 9, 4)).save()
    slot = {"weekday": 1, "starts_at": "12:30", "ends_at": "13:00", "venue": "Library"}
    DropInSlot(student=kit, key_worker=worker, **slot).save()
    return held


@pytest.fixture
def get(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def ask(person, student, **query):
        client.force_login(person)
        return client.get(reverse("student", args=[student.ref]), query)

    return ask


def words(response):
    return " ".join(response.content.decode().split())


def test_the_key_worker_reads_everything(get, kit, worker, full):
    page = words(get(worker, kit))
    for part in (
        *("Kit Moss", "Year 8, 8C · he/him", "Legal name Christopher Moss", "EHC plan"),
        "Social, emotional and mental health, then speech, language and communication needs",
        *("Hearing aid, right ear", "Trusts: Mr Osei", "Grace Amoah, since 1 September 2026"),
        *(VOICE, DETAILS, TARGET, "Target reviewed", "Twice in science", STRATEGY),
        *("Ring the club", "Session missed", "Excused", "Session planned", "Coming up"),
        *("Grace Amoah became key worker", NOTE, "Prepare session", "Tuesday", "Library"),
        *("Autumn 2", "2 November 2026 to now", "Autumn 1"),
    ):
        assert part in page, part


def test_the_strip_says_last_seen_what_is_due_and_the_count(get, kit, worker, full):
    facts = {fact.label: fact for fact in get(worker, kit).context["header"].facts}
    assert facts["Last seen"].text == "3 November"
    # special_day: ten school days after 3 November
    assert facts["Last seen"].chip.text == "Session by Tue 17 November"
    assert (facts["This half term"].held, facts["This half term"].total) == (1, 3)
    assert facts["Open targets"].text == "1"


def test_the_childs_words_come_before_what_was_noted(get, kit, worker, full):
    page = words(get(worker, kit))
    assert page.index(VOICE) < page.index(DETAILS)


def test_a_day_orders_sessions_before_targets_and_newest_comes_first(get, kit, worker, full):
    events = [each for group in get(worker, kit).context["groups"] for each in group.events]
    assert [each.day for each in events] == sorted((each.day for each in events), reverse=True)
    third = [each.icon for each in events if each.day == date(2026, 11, 3)]
    assert third == ["chat", "chat", "target"]


def at(day, hour, minute=0):
    """A moment of November, when clocks in England show UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_day_is_read_from_its_end(get, kit, worker):
    """What has no time stands below what has one; see keywork.timeline."""
    on = date(2026, 11, 10)
    later = SessionFactory(student=kit, held_on=on, starts_at=time(13, 40), focus="iep")
    earlier = SessionFactory(student=kit, held_on=on, starts_at=time(9, 5), focus="iep")
    untimed = SessionFactory(student=kit, held_on=on)
    target = TargetFactory(student=kit, set_on=on)
    seen_first = slip(kit, at(10, 14, 30))
    other_day = slip(kit, at(9, 16))
    action = SessionAction(
        keywork_session=earlier,
        text="Tell maths",
        owner=worker,
        done_at=at(10, 11),
        done_by=worker,
    )
    action.save()
    groups = get(worker, kit).context["groups"]
    events = [each for group in groups for each in group.events if each.icon != "people"]
    assert [each.url for each in events] == [
        seen_first.get_absolute_url(),
        later.get_absolute_url(),
        earlier.get_absolute_url(),  # of the action: its session's page, at 11:00
        earlier.get_absolute_url(),
        untimed.get_absolute_url(),
        target.get_absolute_url(),
        other_day.get_absolute_url(),
    ]
    assert [each.at and f"{each.at:%H:%M}" for each in events] == [
        *("14:30", "13:40", "11:00", "09:05"),
        *(None, None, "16:00"),
    ]


def test_pages_part_a_full_day_without_losing_or_repeating(get, kit, worker):
    """Forty slips and forty sessions of one day, by the minute, some at the same one."""
    on = date(2026, 11, 10)
    for number in range(40):
        slip(kit, at(10, 9 + number % 7, number % 5))
        starts_at = time(9 + number % 5, number % 3) if number % 4 else None
        SessionFactory(student=kit, held_on=on, starts_at=starts_at)
    shown, after = [], ""
    while after is not None:
        context = get(worker, kit, after=after).context
        shown += [each for group in context["groups"] for each in group.events]
        after = context["older"] and str(context["older"])
    shown = [each for each in shown if each.icon != "people"]
    assert len({each.url for each in shown}) == len(shown) == 80
    times = [each.at or time(0) for each in shown]
    assert times == sorted(times, reverse=True)
    assert times[-10:] == [time(0)] * 10


def test_the_clock_is_the_one_on_the_wall(get, kit, worker):
    """Slips of the summer: 23:30 UTC on 9 September is half past midnight on the tenth."""
    slip(kit, datetime(2026, 9, 9, 23, 30, tzinfo=UTC))
    slip(kit, datetime(2026, 9, 9, 22, 45, tzinfo=UTC))
    SessionFactory(student=kit, held_on=date(2026, 9, 10), starts_at=time(0, 15))
    events = [each for group in get(worker, kit).context["groups"] for each in group.events]
    assert [(each.day.day, each.at) for each in events if each.icon != "people"] == [
        *((10, time(0, 30)), (10, time(0, 15)), (9, time(23, 45))),
    ]


def seen(page):
    return {
        name
        for name, text in {
            "voice": VOICE,
            "details": DETAILS,
            "target": TARGET,
            "strategy": STRATEGY,
            "note": NOTE,
            "medical": "Hearing aid",
            "legal": "Christopher",
            "need": "Social, emotional",
            "upn": "P999401219054",
            "prepare": "Prepare session",
            "key worker": "Grace Amoah",
            "timetable": "Woodwork",
        }.items()
        if text in page
    }


IN_FULL = {
    *("voice", "details", "target", "strategy", "note", "medical", "legal", "need"),
    *("key worker", "timetable"),
}
BY_NAME = {"strategy", "key worker"}
IDENTITY = {"legal", "need", "upn", "key worker", "timetable"}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("key_worker", BY_NAME),
        ("teacher", BY_NAME),
        ("moderator", IN_FULL),
        ("senco", IN_FULL | {"prepare"}),
        ("head_of_care", BY_NAME),
        ("dsl", IN_FULL),
        ("slt", IN_FULL),
        ("head", IN_FULL),
        ("admin", IDENTITY),
    ],
)
def test_each_role_sees_to_its_depth(get, school, kit, full, role, expected):
    person = make_staff(school, role)
    TimetableEntry(student=kit, teacher=make_staff(school, "teacher"), subject="Woodwork").save()
    TimetableEntry(student=kit, teacher=person, subject="Art").save()
    assert seen(words(get(person, kit))) == expected


@pytest.mark.parametrize("role", ["teacher", "key_worker", "head_of_care"])
def test_who_sees_the_name_alone_is_told_whom_the_student_trusts(get, school, kit, role):
    """Beside the strategies, and where none are written yet (S1-15)."""
    person = make_staff(school, role)
    TimetableEntry(student=kit, teacher=person, subject="Art").save()
    assert "Trusts: Mr Osei" in words(get(person, kit))
    Strategy(student=kit, text=STRATEGY, added_on=date(2026, 9, 4)).save()
    page = words(get(person, kit))
    assert "Trusts: Mr Osei" in page
    assert "Hearing aid" not in page
    kit.trusted_adult = ""
    kit.save()
    assert "Trusts:" not in words(get(person, kit))


def test_the_head_of_care_reads_residents_in_full(get, school, kit, full):
    kit.residence = "Elm House"
    kit.save()
    page = words(get(make_staff(school, "head_of_care"), kit))
    assert {"voice", "target", "prepare"} <= seen(page)


@pytest.mark.parametrize("role", ["trust_lead", "system_admin"])
def test_roles_without_students_are_refused(get, school, kit, role):
    assert get(make_staff(school, role), kit).status_code == 403


def test_a_teacher_of_others_and_another_school_get_the_same_404(get, school, kit, client):
    teacher = make_staff(school, "teacher")
    outsider = make_staff(make_school("Other School", urn="999102"), "senco")
    missing = client.get("/students/0000000000/").status_code
    assert get(teacher, kit).status_code == get(outsider, kit).status_code == 404
    client.force_login(outsider)
    assert client.get("/students/0000000000/").status_code == 404
    assert missing == 302


def test_signed_out_goes_to_sign_in(client, kit):
    assert client.get(reverse("student", args=[kit.ref])).status_code == 302


@pytest.mark.parametrize(
    ("show", "icons"),
    [
        ("sessions", {"calendar", "chat", "tick"}),
        ("targets", {"target"}),
        ("people", {"heart", "people"}),
        ("nonsense", {"calendar", "chat", "tick", "target", "heart", "people"}),
    ],
)
def test_chips_show_one_kind(get, kit, worker, full, show, icons):
    groups = get(worker, kit, show=show).context["groups"]
    assert {each.icon for group in groups for each in group.events} == icons


def test_words_find_events(get, kit, worker, full):
    groups = get(worker, kit, q="fire alarm").context["groups"]
    assert [each.text for group in groups for each in group.events] == [DETAILS]
    assert "Nothing here says “kangaroo”" in words(get(worker, kit, q="kangaroo"))


def test_pages_of_the_timeline_hold_everything_once(get, kit, worker):
    for number in range(40):
        SessionFactory(student=kit, held_on=date(2026, 9, 7) + timedelta(number // 2))
    for number in range(40):
        TargetFactory(student=kit, set_on=date(2026, 9, 7) + timedelta(number // 3))
    shown, after, sizes = [], "", []
    while after is not None:
        context = get(worker, kit, after=after).context
        events = [each for group in context["groups"] for each in group.events]
        sizes.append(len(events))
        shown += events
        after = context["older"] and str(context["older"])
    assert sizes == [30, 30, 21]
    assert len({each.url for each in shown if each.icon == "chat"}) == 40
    assert len({each.url for each in shown if each.icon == "target"}) == 40


def test_an_unreadable_cursor_starts_at_the_newest(get, kit, worker, full):
    whole = get(worker, kit).context["groups"]
    for after in (
        "2026-11-03",
        "w_x_y_z",
        "2026-11-03__10_99999999999999999999999",
        "2026-11-03_09:05_10_1",
        "2026-11-03_09:05+01:00_10_1",
        "2026-11-03_soon_10_1",
        "2026-13-01__1_1",
    ):
        response = get(worker, kit, after=after)
        assert response.status_code == 200
    assert get(worker, kit, after="w_x_y_z").context["groups"] == whole


def test_a_cancelled_session_is_not_shown(get, kit, worker):
    SessionFactory(
        student=kit, status="planned", held_on=date(2026, 11, 19), withdrawn_at=NOW,
        withdrawn_by=worker,
    )  # fmt: skip
    assert "Session planned" not in words(get(worker, kit))


def test_a_new_student_shows_how_to_begin(get, school):
    new = StudentFactory(school=school)
    page = words(get(make_staff(school, "senco"), new))
    assert "Read the file." in page
    assert "Key worker: nobody yet" in page


def test_the_students_own_key_worker_reads_how_to_begin(get, kit, worker):
    """The assignment is an event, and so is a strategy: neither is a word with the student."""
    Strategy(student=kit, text=STRATEGY, added_on=date(2026, 9, 4)).save()
    page = words(get(worker, kit))
    for part in ("Read the file.", "Grace Amoah became key worker", STRATEGY):
        assert part in page
    assert reverse("students:profile", args=[kit.ref]) in page


@pytest.mark.parametrize("begun", ["session", "slip", "target"])
def test_what_has_begun_needs_no_list_of_how_to_begin(get, kit, worker, begun):
    {
        "session": lambda: SessionFactory(student=kit),
        "slip": lambda: slip(kit),
        "target": lambda: TargetFactory(student=kit),
    }[begun]()
    assert "Read the file." not in words(get(worker, kit))


def test_how_to_begin_is_for_who_records_sessions(get, school, kit, worker):
    assert "Read the file." in words(get(worker, kit))
    assert "Read the file." not in words(get(make_staff(school, "slt"), kit))
    new = StudentFactory(school=school)
    assert "Nothing has happened yet." in words(get(make_staff(school, "slt"), new))


@pytest.mark.parametrize("query", [{"show": "people"}, {"q": "Grace"}])
def test_what_was_looked_for_stands_alone(get, kit, worker, query):
    assert "Read the file." not in words(get(worker, kit, **query))


def test_who_records_sessions_reaches_the_briefing_to_print(get, school, kit, worker):
    to_print = reverse("sessions:briefing", args=[kit.ref])
    assert to_print in words(get(worker, kit))
    assert to_print not in words(get(make_staff(school, "slt"), kit))
    assert to_print not in words(get(make_staff(school, "admin"), kit))


def test_who_sees_the_student_in_full_reaches_the_early_signs(get, school, kit, worker):
    signs = reverse("student_signals", args=[kit.ref])
    assert signs in words(get(worker, kit))
    assert signs in words(get(make_staff(school, "head"), kit))
    assert signs not in words(get(make_staff(school, "admin"), kit))


def test_the_office_reaches_both_forms_of_progress(get, school, kit):
    page = words(get(make_staff(school, "admin"), kit))
    assert reverse("students:grade_new", args=[kit.ref]) in page
    assert reverse("students:score_new", args=[kit.ref]) in page


def test_events_of_late_evening_lie_on_the_day_in_england(get, kit, worker, full):
    SessionAction(
        keywork_session=full, text="Late one", owner=worker, done_by=worker,
        done_at=datetime(2026, 9, 10, 23, 30, tzinfo=UTC),
    ).save()  # fmt: skip
    groups = get(worker, kit, q="Late one").context["groups"]
    assert groups[0].events[0].day == date(2026, 9, 11)


def test_queries_do_not_grow_with_the_record(get, school, kit, worker, full, client):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("student", args=[kit.ref])).status_code == 200
        return len(queries)

    get(worker, kit)
    few = count()
    for number in range(3):
        held = SessionFactory(student=kit, held_on=date(2026, 10, 5) + timedelta(number))
        target = TargetFactory(student=kit, keywork_session=held)
        TargetReview(
            target=target, reviewed_on=date(2026, 11, 9), reviewed_by=worker, outcome="not_yet"
        ).save()
        assign(kit, make_staff(school, "key_worker"), role="secondary")
        TimetableEntry(
            student=kit, teacher=make_staff(school, "teacher"), subject=f"Art {number}"
        ).save()
    assert count() == few <= 15
